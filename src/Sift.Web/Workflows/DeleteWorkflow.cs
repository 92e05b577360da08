using System.Security.Claims;
using Microsoft.AspNetCore.Mvc;
using Sift.Web.Accounts;
using Sift.Web.Http;
using Sift.Web.Storage;
using Sift.Workflows.Definitions;

namespace Sift.Web.Workflows;

internal static class DeleteWorkflow
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapDelete("/workflows/{workflow_id}", HandleAsync)
        .WithName(nameof(DeleteWorkflow))
        .WithSummary("Delete a workflow")
        .WithDescription("All its versions go. Refused while an application names the workflow. Calls that are up finish by theirs, and calls of the past can still be looked at.")
        .Produces(StatusCodes.Status204NoContent)
        .ProducesProblems(404, 409);

    private static async Task<IResult> HandleAsync(
        [FromRoute(Name = "workflow_id")] string id, ClaimsPrincipal user, DefinitionLibrary library, IDefinitionStore store, DefinitionUses uses, CancellationToken cancellationToken)
    {
        if (await store.VersionsAsync(id, cancellationToken) is not [.., { } latest] || latest.AccountId != user.AccountId())
        {
            return Problems.NotFound("workflow");
        }

        if (await uses.ReasonToKeepAsync(user.AccountId(), id, cancellationToken) is { } reason)
        {
            return Problems.Of(StatusCodes.Status409Conflict, reason);
        }

        return await library.DeleteAsync(id, cancellationToken) ? TypedResults.NoContent() : Problems.NotFound("workflow");
    }
}
