using System.Security.Claims;
using Microsoft.AspNetCore.Mvc;
using Sift.Activities.Webhooks;
using Sift.Web.Accounts;
using Sift.Web.Http;

namespace Sift.Web.Deliveries;

internal static class ReadDelivery
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/deliveries/{delivery_id}", HandleAsync)
        .WithName(nameof(ReadDelivery))
        .WithSummary("Read a delivery")
        .WithDescription("With its body and every attempt. Bodies of sensitive deliveries are left out.")
        .Produces<DeliveryObject>()
        .ProducesProblems(404);

    private static async Task<IResult> HandleAsync([FromRoute(Name = "delivery_id")] string id, ClaimsPrincipal user, IDeliveryStore store, CancellationToken cancellationToken)
        => await store.FindAsync(id, cancellationToken) is { } delivery && delivery.AccountId == user.AccountId()
            ? TypedResults.Ok(DeliveryObject.Of(delivery, await store.AttemptsAsync(id, cancellationToken)))
            : Problems.NotFound("delivery");
}
