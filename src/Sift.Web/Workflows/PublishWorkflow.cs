using System.Security.Claims;
using Microsoft.AspNetCore.Mvc;
using Sift.Web.Accounts;
using Sift.Web.Http;
using Sift.Web.Storage;
using Sift.Workflows.Definitions;

namespace Sift.Web.Workflows;

internal static class PublishWorkflow
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/workflows/{workflow_id}/publish", PublishAsync)
            .WithName(nameof(PublishWorkflow))
            .WithSummary("Publish a workflow")
            .WithDescription("Publishes the newest version if it has no errors; every error names its activity. New calls follow it from now on.")
            .Produces<WorkflowObject>()
            .ProducesProblems(400, 404);
        routes.MapPost("/workflows/{workflow_id}/retract", RetractAsync)
            .WithName("RetractWorkflow")
            .WithSummary("Take a workflow back")
            .WithDescription("No version is published afterwards. Refused while an application names the workflow. Calls that are up go on.")
            .Produces<WorkflowObject>()
            .ProducesProblems(404, 409);
    }

    /// <summary>400 with the errors of each activity under its id.</summary>
    public static IResult Refused(DefinitionInvalidException invalid) => Problems.Invalid(invalid.Problems
        .Where(problem => !problem.IsWarning)
        .GroupBy(problem => problem.ActivityId ?? "workflow")
        .ToDictionary(group => group.Key, group => group.Select(problem => problem.Message).ToArray()));

    private static async Task<IResult> PublishAsync([FromRoute(Name = "workflow_id")] string id, ClaimsPrincipal user, DefinitionLibrary library, IDefinitionStore store, CancellationToken cancellationToken)
    {
        try
        {
            return await IsOwnAsync(store, id, user, cancellationToken) && await library.PublishAsync(id, cancellationToken) is { } published
                ? TypedResults.Ok(WorkflowObject.Of(published, user.AccountId()))
                : Problems.NotFound("workflow");
        }
        catch (DefinitionInvalidException invalid)
        {
            return Refused(invalid);
        }
    }

    private static async Task<IResult> RetractAsync(
        [FromRoute(Name = "workflow_id")] string id, ClaimsPrincipal user, DefinitionLibrary library, IDefinitionStore store, DefinitionUses uses, CancellationToken cancellationToken)
    {
        if (!await IsOwnAsync(store, id, user, cancellationToken))
        {
            return Problems.NotFound("workflow");
        }

        if (await uses.ReasonToKeepAsync(user.AccountId(), id, cancellationToken) is { } reason)
        {
            return Problems.Of(StatusCodes.Status409Conflict, reason);
        }

        return await library.RetractAsync(id, cancellationToken) is { } retracted ? TypedResults.Ok(WorkflowObject.Of(retracted, user.AccountId())) : Problems.NotFound("published workflow");
    }

    private static async ValueTask<bool> IsOwnAsync(IDefinitionStore store, string id, ClaimsPrincipal user, CancellationToken cancellationToken) =>
        await store.VersionsAsync(id, cancellationToken) is [.., { } latest] && latest.AccountId == user.AccountId();
}
