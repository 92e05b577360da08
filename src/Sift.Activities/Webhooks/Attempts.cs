using System.Collections.Concurrent;

namespace Sift.Activities.Webhooks;

/// <summary>One attempt at a delivery.</summary>
/// <param name="Answer">Null when the host is left alone: nothing was sent.</param>
/// <param name="At">When it began.</param>
/// <param name="Took">Until the answer was complete.</param>
/// <param name="PutOff">For how long the host is left alone.</param>
internal readonly record struct Attempt(WebhookAnswer? Answer, DateTimeOffset At, TimeSpan Took, TimeSpan PutOff);

/// <summary>Makes attempts, each through the gate of its host and no longer than the call waits, and counts them.</summary>
internal sealed class Attempts(IWebhookSender sender, IWebhookEndpoints? endpoints, TimeProvider time) : IDisposable
{
    private readonly ConcurrentDictionary<string, HostGate> _gates = new(StringComparer.Ordinal);

    public IReadOnlyList<HostCondition> Hosts => [.. _gates.Select(static pair => pair.Value.Describe(pair.Key))];

    /// <summary>For how long a host is left alone; null when somebody may try it.</summary>
    public TimeSpan? LeftAloneFor(string host) => _gates.TryGetValue(host, out var gate) ? gate.LeftAloneFor() : null;

    public async Task<Attempt> MakeAsync(Shipment shipment, CancellationToken stop)
    {
        var delivery = shipment.Delivery;
        var at = time.GetUtcNow();
        var start = time.GetTimestamp();
        using var limit = delivery is { Mode: DeliveryMode.InCall, Deadline: { } deadline }
            ? new CancellationTokenSource(deadline > at ? deadline - at : TimeSpan.Zero, time)
            : new CancellationTokenSource();
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        WebhookAnswer answer;
        try
        {
            var gate = _gates.GetOrAdd(WebhookHost.Of(delivery.Url), static (_, time) => new HostGate(time), time);
            if (await gate.EnterAsync(delivery.Mode, shipment.Insists, both.Token).ConfigureAwait(false) is not { } wait)
            {
                answer = await SendAsync(delivery, gate, both.Token).ConfigureAwait(false);
            }
            else if (delivery.Mode == DeliveryMode.Event && at - delivery.CreatedAt > RetryPlan.Span)
            {
                answer = WebhookAnswer.Failed("not tried: the host has failed too often in a row");
            }
            else
            {
                return new Attempt(null, at, default, wait);
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            answer = WebhookAnswer.Failed("no answer before the deadline");
        }

        var took = time.GetElapsedTime(start);
        WebhookMetrics.Attempts.Add(1, new KeyValuePair<string, object?>("result", answer.Error is null ? "ok" : "failed"));
        WebhookMetrics.Duration.Record(took.TotalSeconds);
        return new Attempt(answer, at, took, default);
    }

    public void Dispose()
    {
        foreach (var gate in _gates.Values)
        {
            gate.Dispose();
        }
    }

    private async Task<WebhookAnswer> SendAsync(Delivery delivery, HostGate gate, CancellationToken cancellationToken)
    {
        var hostFailed = false;
        try
        {
            var answer = await sender.SendAsync(delivery, cancellationToken).ConfigureAwait(false);
            hostFailed = answer.Status is null or >= 500;
            endpoints?.Report(delivery.AccountId, WebhookHost.Of(delivery.Url), answer.Error is null, time.GetUtcNow());
            return answer;
        }
        catch (OperationCanceledException)
        {
            hostFailed = true;
            throw;
        }
        finally
        {
            gate.Leave(delivery.Mode, hostFailed);
        }
    }
}
