using System.Diagnostics;
using System.Globalization;
using Sift.Activities.Connections;

namespace Sift.Web.Observability;

/// <summary>
/// Makes one trace of every connection when it has ended: the connection, its SIP transactions, its steps and below them
/// the attempts at their callbacks. Made from what was recorded, so that a call pays nothing while it is up and a trace never has a gap. No numbers, digits or
/// bodies are in it.
/// </summary>
internal sealed class ConnectionTracer(IConnectionStore connections, TimelineReader timelines)
{
    public const string SourceName = "Sift";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Does nothing unless somebody collects traces.</summary>
    public async ValueTask EmitAsync(string connectionId, CancellationToken cancellationToken)
    {
        if (!Source.HasListeners() || await connections.FindAsync(connectionId, cancellationToken) is not { } connection
            || await timelines.ReadAsync(connection.AccountId, connectionId, cancellationToken) is not { } timeline)
        {
            return;
        }

        Activity.Current = null;
        var begin = Parse(timeline.Sip.Count > 0 ? timeline.Sip[0].At : timeline.CreatedAt);
        using var root = Source.StartActivity($"connection {timeline.Direction}", ActivityKind.Server, default(ActivityContext), startTime: begin);
        if (root is null)
        {
            return;
        }

        root.SetTag("sift.connection_id", timeline.ConnectionId);
        root.SetTag("sift.account_id", connection.AccountId);
        root.SetTag("sift.application_id", connection.ApplicationId);
        root.SetTag("sift.status", timeline.Status);
        root.SetTag("sift.failure", timeline.Failure);
        root.SetTag("sift.sip_status", timeline.SipStatus);
        if (timeline.Status == "failed")
        {
            root.SetStatus(ActivityStatusCode.Error, timeline.Failure);
        }

        EmitSip(timeline, root);
        EmitAttempts(timeline, root, EmitSteps(timeline, root));
        root.SetEndTime((timeline.EndTime is { } end ? Parse(end) : begin).UtcDateTime);
    }

    /// <summary>One span per SIP transaction: from the request to its final answer, with what came in between as events.</summary>
    private static void EmitSip(Timeline timeline, Activity root)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < timeline.Sip.Count; i++)
        {
            var request = timeline.Sip[i];
            // The same request once more is the same transaction, over a network that lost something.
            if (SipStart.Of(request.Message) is not { Status: null } start || !seen.Add(request.Direction + start.Sequence))
            {
                continue;
            }

            using var span = Source.StartActivity($"SIP {start.Method}", request.Direction == "received" ? ActivityKind.Server : ActivityKind.Client, root.Context, startTime: Parse(request.At));
            var end = request.At;
            span?.SetTag("network.transport", request.Transport.ToLowerInvariant());
            foreach (var answer in timeline.Sip.Skip(i + 1).Where(later => later.Direction != request.Direction))
            {
                if (start.Method == "ACK" || SipStart.Of(answer.Message) is not { Status: { } status } found || found.Sequence != start.Sequence)
                {
                    continue;
                }

                end = answer.At;
                span?.AddEvent(new ActivityEvent(answer.Summary, Parse(answer.At)));
                if (status >= 200)
                {
                    span?.SetTag("sip.response.status_code", status);
                    if (status >= 300)
                    {
                        span?.SetStatus(ActivityStatusCode.Error, answer.Summary);
                    }

                    break;
                }
            }

            span?.SetEndTime(Parse(end).UtcDateTime);
        }
    }

    /// <returns>The span of each step, by its number.</returns>
    private static List<ActivityContext> EmitSteps(Timeline timeline, Activity root)
    {
        var contexts = new List<ActivityContext>();
        var above = new Stack<(int Depth, ActivityContext Context)>();
        foreach (var step in timeline.Steps)
        {
            while (above.TryPeek(out var last) && last.Depth >= step.Depth)
            {
                above.Pop();
            }

            var parent = above.TryPeek(out var found) ? found.Context : root.Context;
            using var span = Source.StartActivity(step.Name, ActivityKind.Internal, parent, startTime: Parse(step.At));
            contexts.Add(span?.Context ?? root.Context);
            if (span is null)
            {
                continue;
            }

            above.Push((step.Depth, span.Context));
            span.SetTag("sift.state", step.State);
            if (step.State == "faulted")
            {
                span.SetStatus(ActivityStatusCode.Error);
            }

            span.SetEndTime(Parse(step.EndedAt ?? timeline.EndTime ?? step.At).UtcDateTime);
        }

        return contexts;
    }

    private static void EmitAttempts(Timeline timeline, Activity root, List<ActivityContext> steps)
    {
        foreach (var delivery in timeline.Deliveries)
        {
            var parent = delivery.Step is { } step && step < steps.Count ? steps[step] : root.Context;
            foreach (var attempt in delivery.Attempts)
            {
                using var span = Source.StartActivity($"webhook {delivery.Kind}", ActivityKind.Client, parent, startTime: Parse(attempt.At));
                span?.SetTag("sift.delivery_id", delivery.DeliveryId);
                span?.SetTag("server.address", Activities.Webhooks.WebhookHost.Of(delivery.Url));
                span?.SetTag("http.response.status_code", attempt.Status);
                if (attempt.Error is { } error)
                {
                    span?.SetStatus(ActivityStatusCode.Error, error);
                }

                span?.SetEndTime(Parse(attempt.At).AddMilliseconds(attempt.TookMs).UtcDateTime);
            }
        }
    }

    private static DateTimeOffset Parse(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture);
}
