using System.ComponentModel;
using System.Security.Claims;
using System.Text.Json;
using FluentValidation;
using Microsoft.EntityFrameworkCore;
using Sift.Web.Accounts;
using Sift.Web.Http;
using Sift.Web.Storage;

namespace Sift.Web.PhoneNumbers;

/// <summary>A number to register.</summary>
internal sealed record NewPhoneNumber
{
    [Description("E.164 number, one of GET /v0/availablenumbers/{country_code}.")]
    public string? PhoneNumber { get; init; }

    [Description("Application that shall get the calls (app_id is accepted too); unbound when absent.")]
    public string? ApplicationId { get; init; }
}

internal sealed class NewPhoneNumberValidator : AbstractValidator<NewPhoneNumber>
{
    public NewPhoneNumberValidator() => RuleFor(number => number.PhoneNumber).Cascade(CascadeMode.Stop).Required().E164();
}

internal static class RegisterPhoneNumber
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/phonenumbers", HandleAsync)
        .WithName(nameof(RegisterPhoneNumber))
        .WithSummary("Register a phone number")
        .WithDescription("Calls to it go to the application from then on. Idempotency-Key is honoured.")
        .AcceptsBody<NewPhoneNumber>()
        .Produces<PhoneNumberObject>(StatusCodes.Status201Created)
        .ProducesProblems(400, 409, 413, 415, 422);

    private static async Task<IResult> HandleAsync(
        HttpContext http, ClaimsPrincipal user, NewPhoneNumberValidator validator, IdempotencyKeys keys, NumberInventory inventory, IDbContextFactory<SiftDbContext> contexts, ChangeMarks changes, TimeProvider time)
    {
        var body = await RequestBody.ReadAsync(http, ApiJson.Wire.NewPhoneNumber, validator);
        if (body.Value is not { } wanted)
        {
            return body.Problem!;
        }

        var fingerprint = JsonSerializer.Serialize(wanted, ApiJson.Wire.NewPhoneNumber);
        return await keys.RunAsync(http, fingerprint, ApiJson.Wire.PhoneNumberObject, async _ =>
        {
            var account = user.AccountId();
            await using var context = await contexts.CreateDbContextAsync(http.RequestAborted);
            var errors = new FieldErrors();
            if (wanted.ApplicationId is { } application && !await context.Applications.AnyAsync(row => row.Id == application && row.AccountId == account, http.RequestAborted))
            {
                errors.Add("application_id", "is not one of your applications");
            }

            if (!await inventory.HasAsync(wanted.PhoneNumber!, http.RequestAborted))
            {
                errors.Add("phone_number", "is not for sale; choose one of GET /v0/availablenumbers/{country_code}");
            }

            if (errors.Any)
            {
                return new Creation<PhoneNumberObject>(null, null, errors.ToProblem());
            }

            var number = new PhoneNumberRow { Number = wanted.PhoneNumber!, AccountId = account, ApplicationId = wanted.ApplicationId, CreatedAt = time.GetUtcNow() };
            context.PhoneNumbers.Add(number);
            try
            {
                await context.SaveChangesAsync(http.RequestAborted);
            }
            catch (DbUpdateException)
            {
                // Somebody has it; whether that is us decides what we may say.
                var owner = await context.PhoneNumbers.AsNoTracking().Where(row => row.Number == number.Number).Select(row => row.AccountId).FirstOrDefaultAsync(http.RequestAborted);
                if (owner is null)
                {
                    throw;
                }

                return new Creation<PhoneNumberObject>(null, null, Problems.Of(
                    StatusCodes.Status409Conflict,
                    owner == account ? "The number is registered to you already; change it at /v0/phonenumbers/{phone_number}." : "The number is not available any more."));
            }

            await changes.RaiseAsync(ChangeTopic.Numbers, CancellationToken.None);
            return new Creation<PhoneNumberObject>(PhoneNumberObject.Of(number), $"/v0/phonenumbers/{number.Number}", null);
        });
    }
}
