using System.Security.Claims;
using Microsoft.AspNetCore.Mvc;
using Sift.Web.Accounts;
using Sift.Web.Http;
using Sift.Web.Storage;

namespace Sift.Web.Workflows;

internal static class ReplayInstance
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/instances/{instance_id}/replay", HandleAsync)
        .WithName(nameof(ReplayInstance))
        .WithSummary("Replay an instance")
        .WithDescription("Gives everything that came from outside to the engine again and compares what it decides with what it decided then: by the version that was followed, "
            + "or by another one of the same workflow (query parameter version). Lists every decision that differs; nothing is carried out. "
            + "What the other version waits for and the history never brought stays unanswered; timers fire by the history's clock.")
        .Produces<ReplayObject>()
        .ProducesProblems(404);

    private static async Task<IResult> HandleAsync(
        [FromRoute(Name = "instance_id")] string id, int? version, ClaimsPrincipal user, InstanceReader instances, HistoryReplay replay, CancellationToken cancellationToken)
    {
        if (await instances.FindSummaryAsync(user.AccountId(), id, cancellationToken) is not { } summary)
        {
            return Problems.NotFound("instance");
        }

        return await replay.RunAsync(summary, version, cancellationToken) is { } result ? TypedResults.Ok(result) : Problems.NotFound("version of that workflow");
    }
}
