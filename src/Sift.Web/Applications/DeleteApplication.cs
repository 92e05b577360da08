using System.Security.Claims;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Sift.Web.Accounts;
using Sift.Web.Http;
using Sift.Web.Storage;

namespace Sift.Web.Applications;

internal static class DeleteApplication
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapDelete("/applications/{app_id}", HandleAsync)
        .WithName(nameof(DeleteApplication))
        .WithSummary("Delete an application")
        .WithDescription("Its numbers stay yours, unbound. Calls that are up go on as they began.")
        .Produces(StatusCodes.Status204NoContent)
        .ProducesProblems(404);

    private static async Task<IResult> HandleAsync([FromRoute(Name = "app_id")] string id, ClaimsPrincipal user, IDbContextFactory<SiftDbContext> contexts, ChangeMarks changes, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var account = user.AccountId();

        // The numbers are unbound by the foreign key (ON DELETE SET NULL), in the same statement.
        if (await context.Applications.Where(row => row.Id == id && row.AccountId == account).ExecuteDeleteAsync(cancellationToken) == 0)
        {
            return Problems.NotFound("application");
        }

        await changes.RaiseAsync(ChangeTopic.Numbers, CancellationToken.None);
        return TypedResults.NoContent();
    }
}
