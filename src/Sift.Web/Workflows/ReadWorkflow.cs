using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Mvc;
using Sift.Web.Accounts;
using Sift.Web.Http;
using Sift.Workflows.Definitions;

namespace Sift.Web.Workflows;

internal static class ReadWorkflow
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/workflows/{workflow_id}", HandleAsync)
        .WithName(nameof(ReadWorkflow))
        .WithSummary("Read a workflow")
        .WithDescription("The newest version, or the one that the query parameter version names: a number, or published.")
        .Produces<WorkflowObject>()
        .ProducesProblems(404);

    private static async Task<IResult> HandleAsync([FromRoute(Name = "workflow_id")] string id, string? version, ClaimsPrincipal user, IDefinitionStore store, CancellationToken cancellationToken)
    {
        var account = user.AccountId();
        var versions = (await store.VersionsAsync(id, cancellationToken)).Where(candidate => candidate.AccountId is null || candidate.AccountId == account).ToList();
        var found = version switch
        {
            null => versions.LastOrDefault(),
            "published" => versions.LastOrDefault(candidate => candidate.IsPublished),
            _ when int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) => versions.FirstOrDefault(candidate => candidate.Version == number),
            _ => null,
        };
        return found is null ? Problems.NotFound("workflow") : TypedResults.Ok(WorkflowObject.Of(found, account));
    }
}
