using System.Security.Claims;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Sift.Web.Accounts;
using Sift.Web.Http;
using Sift.Web.Storage;

namespace Sift.Web.PhoneNumbers;

internal static class ReleasePhoneNumber
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapDelete("/phonenumbers/{phone_number}", HandleAsync)
        .WithName(nameof(ReleasePhoneNumber))
        .WithSummary("Release a phone number")
        .WithDescription("It is for sale again.")
        .Produces(StatusCodes.Status204NoContent)
        .ProducesProblems(404);

    private static async Task<IResult> HandleAsync(
        [FromRoute(Name = "phone_number")] string number, ClaimsPrincipal user, IDbContextFactory<SiftDbContext> contexts, ChangeMarks changes, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.PhoneNumbers.OwnedAsync(number, user.AccountId(), cancellationToken) is not { } row)
        {
            return Problems.NotFound("phone number");
        }

        context.PhoneNumbers.Remove(row);
        await context.SaveChangesAsync(cancellationToken);
        await changes.RaiseAsync(ChangeTopic.Numbers, CancellationToken.None);
        return TypedResults.NoContent();
    }
}
