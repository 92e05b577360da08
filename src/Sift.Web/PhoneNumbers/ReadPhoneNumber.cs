using System.Security.Claims;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Sift.Web.Accounts;
using Sift.Web.Http;
using Sift.Web.Storage;

namespace Sift.Web.PhoneNumbers;

internal static class ReadPhoneNumber
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/phonenumbers/{phone_number}", HandleAsync)
        .WithName(nameof(ReadPhoneNumber))
        .WithSummary("Read one of your phone numbers")
        .Produces<PhoneNumberObject>()
        .ProducesProblems(404);

    private static async Task<IResult> HandleAsync([FromRoute(Name = "phone_number")] string number, ClaimsPrincipal user, IDbContextFactory<SiftDbContext> contexts, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.PhoneNumbers.AsNoTracking().OwnedAsync(number, user.AccountId(), cancellationToken) is { } row
            ? TypedResults.Ok(PhoneNumberObject.Of(row))
            : Problems.NotFound("phone number");
    }

    /// <summary>The number of that account; the plus may be missing, since some clients lose it in a path.</summary>
    public static Task<PhoneNumberRow?> OwnedAsync(this IQueryable<PhoneNumberRow> numbers, string number, string account, CancellationToken cancellationToken)
    {
        var canonical = "+" + number.Trim().TrimStart('+');
        return numbers.FirstOrDefaultAsync(row => row.Number == canonical && row.AccountId == account, cancellationToken);
    }
}
