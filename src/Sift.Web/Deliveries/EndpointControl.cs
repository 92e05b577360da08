using Sift.Activities.Webhooks;
using Sift.Web.Observability;

namespace Sift.Web.Deliveries;

/// <summary>Pauses and resumes receiving hosts, and takes up what waited for them.</summary>
internal sealed class EndpointControl(WebhookEndpoints endpoints, DeliveryList deliveries, DeliveryPipeline pipeline)
{
    /// <summary>Every host of the account that failed, is paused, or was sent to by this process and is in trouble.</summary>
    public IReadOnlyList<EndpointObject> List(string accountId)
    {
        var circuits = pipeline.Hosts.ToDictionary(host => host.Host, StringComparer.Ordinal);
        return [.. endpoints.Of(accountId).Select(endpoint => Describe(endpoint, circuits.GetValueOrDefault(endpoint.Host)))];
    }

    public async ValueTask<EndpointObject> PauseAsync(string accountId, string host, CancellationToken cancellationToken)
        => Describe(await endpoints.PauseAsync(accountId, host, cancellationToken), Circuit(host));

    public async ValueTask<EndpointObject> ResumeAsync(string accountId, string host, CancellationToken cancellationToken)
    {
        var resumed = await endpoints.ResumeAsync(accountId, host, cancellationToken);
        foreach (var held in await deliveries.HeldAsync(accountId, host, cancellationToken))
        {
            pipeline.Retry(held);
        }

        return Describe(resumed, Circuit(host));
    }

    private HostCondition? Circuit(string host) => pipeline.Hosts.FirstOrDefault(condition => condition.Host == host);

    private static EndpointObject Describe(WebhookEndpoint endpoint, HostCondition? circuit) => new(
        endpoint.Host, endpoint.State.ToString().ToLowerInvariant(), circuit is { IsOpen: true } ? "open" : "closed", circuit?.Failures ?? 0)
    {
        Reason = endpoint.Reason,
        FailingSince = endpoint.FailingSince is { } since ? Moment.Of(since) : null,
    };
}
