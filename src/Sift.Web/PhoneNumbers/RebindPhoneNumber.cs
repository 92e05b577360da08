using System.ComponentModel;
using System.Security.Claims;
using FluentValidation;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Sift.Web.Accounts;
using Sift.Web.Http;
using Sift.Web.Storage;

namespace Sift.Web.PhoneNumbers;

/// <summary>Which application shall get the calls.</summary>
internal sealed record PhoneNumberChange
{
    [Description("Application that shall get the calls (app_id is accepted too); null, or empty in a form, unbinds the number.")]
    public string? ApplicationId { get; init; }
}

internal sealed class PhoneNumberChangeValidator : AbstractValidator<PhoneNumberChange>;

internal static class RebindPhoneNumber
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (var method in new[] { "PATCH", "POST", "PUT" })
        {
            routes.MapMethods("/phonenumbers/{phone_number}", [method], HandleAsync)
                .WithName($"RebindPhoneNumberBy{method[0]}{method[1..].ToLowerInvariant()}")
                .WithSummary("Bind a phone number to another application")
                .WithDescription("Counts for calls that arrive from then on. The three methods do the same.")
                .AcceptsBody<PhoneNumberChange>()
                .Produces<PhoneNumberObject>()
                .ProducesProblems(400, 404, 413, 415);
        }
    }

    private static async Task<IResult> HandleAsync(
        HttpContext http,
        [FromRoute(Name = "phone_number")] string number,
        ClaimsPrincipal user,
        PhoneNumberChangeValidator validator,
        IDbContextFactory<SiftDbContext> contexts,
        ChangeMarks changes,
        CancellationToken cancellationToken)
    {
        var account = user.AccountId();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.PhoneNumbers.OwnedAsync(number, account, cancellationToken) is not { } row)
        {
            return Problems.NotFound("phone number");
        }

        var body = await RequestBody.ReadAsync(http, ApiJson.Wire.PhoneNumberChange, validator);
        if (body.Value is not { } change)
        {
            return body.Problem!;
        }

        if (!body.Present.Contains("application_id"))
        {
            return Problems.Invalid("application_id", "is required; null unbinds the number");
        }

        if (change.ApplicationId is { } application && !await context.Applications.AnyAsync(known => known.Id == application && known.AccountId == account, cancellationToken))
        {
            return Problems.Invalid("application_id", "is not one of your applications");
        }

        row.ApplicationId = change.ApplicationId;
        await context.SaveChangesAsync(cancellationToken);
        await changes.RaiseAsync(ChangeTopic.Numbers, CancellationToken.None);
        return TypedResults.Ok(PhoneNumberObject.Of(row));
    }
}
