using System.Security.Claims;
using Sift.Web.Accounts;
using Sift.Web.Http;

namespace Sift.Web.Deliveries;

/// <summary>The receiving hosts: list, pause, resume.</summary>
internal static class EndpointRoutes
{
    private const int LongestHost = 260;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/endpoints", (ClaimsPrincipal user, EndpointControl endpoints) => TypedResults.Ok(new Page<EndpointObject>(null, null, endpoints.List(user.AccountId()))))
            .WithName("ListEndpoints")
            .WithSummary("List receiving hosts")
            .WithDescription("Those that have failed or were paused; a host that always worked is not listed.")
            .Produces<Page<EndpointObject>>();
        routes.MapPost("/endpoints/{host}/pause", (string host, ClaimsPrincipal user, EndpointControl endpoints, CancellationToken cancellationToken) => ChangeAsync(host, endpoints.PauseAsync, user, cancellationToken))
            .WithName("PauseEndpoint")
            .WithSummary("Send nothing to a host")
            .WithDescription("Events wait until it is resumed and lose no attempt; calls take their fallback at once.")
            .Produces<EndpointObject>()
            .ProducesProblems(400);
        routes.MapPost("/endpoints/{host}/resume", (string host, ClaimsPrincipal user, EndpointControl endpoints, CancellationToken cancellationToken) => ChangeAsync(host, endpoints.ResumeAsync, user, cancellationToken))
            .WithName("ResumeEndpoint")
            .WithSummary("Send to a host again")
            .WithDescription("What waited for it is sent now, oldest first.")
            .Produces<EndpointObject>()
            .ProducesProblems(400);
    }

    /// <summary>The host in the form in which endpoints are known; null when it is none.</summary>
    public static string? Normal(string host)
        => host.Length is > 0 and <= LongestHost && Uri.TryCreate($"http://{host}/", UriKind.Absolute, out var parsed) && parsed is { PathAndQuery: "/", UserInfo: "" } ? host.ToLowerInvariant() : null;

    private static async Task<IResult> ChangeAsync(string host, Func<string, string, CancellationToken, ValueTask<EndpointObject>> change, ClaimsPrincipal user, CancellationToken cancellationToken)
        => Normal(host) is { } known
            ? TypedResults.Ok(await change(user.AccountId(), known, cancellationToken))
            : Problems.Invalid("host", "must be a host name or address, with its port when that is not the scheme's own");
}
