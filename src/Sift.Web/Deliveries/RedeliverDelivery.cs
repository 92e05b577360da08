using System.Security.Claims;
using Microsoft.AspNetCore.Mvc;
using Sift.Activities.Webhooks;
using Sift.Web.Accounts;
using Sift.Web.Http;

namespace Sift.Web.Deliveries;

internal static class RedeliverDelivery
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/deliveries/{delivery_id}/redeliver", HandleAsync)
        .WithName(nameof(RedeliverDelivery))
        .WithSummary("Send a delivery once more")
        .WithDescription("With the same webhook-id, whatever became of it. The reply changes no call.")
        .Produces<DeliveryObject>(StatusCodes.Status202Accepted)
        .ProducesProblems(404);

    private static async Task<IResult> HandleAsync([FromRoute(Name = "delivery_id")] string id, ClaimsPrincipal user, IDeliveryStore store, DeliveryPipeline pipeline, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(id, cancellationToken) is not { } delivery || delivery.AccountId != user.AccountId())
        {
            return Problems.NotFound("delivery");
        }

        await pipeline.RedeliverAsync(id, cancellationToken);
        return TypedResults.Accepted((string?)null, DeliveryObject.Of(await store.FindAsync(id, cancellationToken) ?? delivery, await store.AttemptsAsync(id, cancellationToken)));
    }
}
