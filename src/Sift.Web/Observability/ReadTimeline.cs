using System.Security.Claims;
using Microsoft.AspNetCore.Mvc;
using Sift.Media.Sip.Tracing;
using Sift.Web.Accounts;
using Sift.Web.Http;

namespace Sift.Web.Observability;

internal static class ReadTimeline
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/connections/{connection_id}/timeline", HandleAsync)
        .WithName(nameof(ReadTimeline))
        .WithSummary("Read the timeline of a connection")
        .WithDescription("SIP messages, steps, callbacks and media quality on one time axis, during the call and after it.")
        .Produces<Timeline>()
        .ProducesProblems(404);

    private static async Task<IResult> HandleAsync([FromRoute(Name = "connection_id")] string id, ClaimsPrincipal user, TimelineReader timelines, CancellationToken cancellationToken)
        => await timelines.ReadAsync(user.AccountId(), id, cancellationToken) is { } timeline ? TypedResults.Ok(timeline) : Problems.NotFound("connection");
}

internal static class RecorderServices
{
    public static IServiceCollection AddSiftRecorder(this IServiceCollection services)
    {
        services.AddSingleton<CallTraces>();
        services.AddSingleton<FlightRecorder>();
        services.AddHostedService(provider => provider.GetRequiredService<FlightRecorder>());
        services.AddSingleton<TimelineReader>();
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, TimelineJson.Wire));
        return services;
    }
}
