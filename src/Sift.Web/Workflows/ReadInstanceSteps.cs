using System.Security.Claims;
using Microsoft.AspNetCore.Mvc;
using Sift.Web.Accounts;
using Sift.Web.Http;
using Sift.Web.Storage;

namespace Sift.Web.Workflows;

internal static class ReadInstanceSteps
{
    private const int LargestPage = 1000;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/instances/{instance_id}/steps", HandleAsync)
        .WithName(nameof(ReadInstanceSteps))
        .WithSummary("Read the steps of an instance")
        .WithDescription("Its journal told event by event: what happened in words, which variables changed, what began and ended, and the callbacks sent and answered. "
            + "Query parameters: after, the sequence to read on from; limit, at most 1000.")
        .Produces<InstanceStepsObject>()
        .ProducesProblems(404);

    private static async Task<IResult> HandleAsync(
        [FromRoute(Name = "instance_id")] string id, long? after, int? limit, ClaimsPrincipal user, InstanceReader instances, InstanceSteps steps, CancellationToken cancellationToken)
    {
        if (await instances.FindAsync(user.AccountId(), id, cancellationToken) is not { } file)
        {
            return Problems.NotFound("instance");
        }

        var size = Math.Clamp(limit ?? LargestPage, 1, LargestPage);
        var page = await steps.ReadAsync(file, after ?? 0, size, cancellationToken);
        var last = file.Entries.Count > 0 ? file.Entries[^1].Sequence : 0;
        return TypedResults.Ok(new InstanceStepsObject(page, page.Count > 0 && page[^1].Sequence < last ? page[^1].Sequence : null, last, InstanceObject.Of(file.Summary).Status));
    }
}
