using System.Security.Claims;
using Microsoft.AspNetCore.Mvc;
using Sift.Activities.Connections;
using Sift.Web.Accounts;
using Sift.Web.Http;

namespace Sift.Web.Connections;

internal static class ReadConnection
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/connections/{connection_id}", HandleAsync)
        .WithName(nameof(ReadConnection))
        .WithSummary("Read a connection")
        .Produces<ConnectionObject>()
        .ProducesProblems(404);

    private static async Task<IResult> HandleAsync([FromRoute(Name = "connection_id")] string id, ClaimsPrincipal user, IConnectionStore store, CancellationToken cancellationToken)
        => await store.FindAsync(id, cancellationToken) is { } connection && connection.AccountId == user.AccountId()
            ? TypedResults.Ok(ConnectionObject.Of(connection))
            : Problems.NotFound("connection");
}
