using System.Diagnostics;
using System.Globalization;
using Sift.Activities.Connections;

namespace Sift.Web.Observability;

/// <summary>
/// Makes one trace of every connection when it has ended: the connection, its steps and the attempts at its callbacks as spans, SIP messages
/// as events. Made from what was recorded, so that a call pays nothing while it is up and a trace never has a gap. No numbers, digits or
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

        foreach (var message in timeline.Sip)
        {
            root.AddEvent(new ActivityEvent($"sip {message.Direction} {message.Summary}", Parse(message.At)));
        }

        EmitSteps(timeline, root);
        EmitAttempts(timeline, root);
        root.SetEndTime((timeline.EndTime is { } end ? Parse(end) : begin).UtcDateTime);
    }

    private static void EmitSteps(Timeline timeline, Activity root)
    {
        var above = new Stack<(int Depth, ActivityContext Context)>();
        foreach (var step in timeline.Steps)
        {
            while (above.TryPeek(out var last) && last.Depth >= step.Depth)
            {
                above.Pop();
            }

            var parent = above.TryPeek(out var found) ? found.Context : root.Context;
            using var span = Source.StartActivity(step.Name, ActivityKind.Internal, parent, startTime: Parse(step.At));
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
    }

    private static void EmitAttempts(Timeline timeline, Activity root)
    {
        foreach (var delivery in timeline.Deliveries)
        {
            foreach (var attempt in delivery.Attempts)
            {
                using var span = Source.StartActivity($"webhook {delivery.Kind}", ActivityKind.Client, root.Context, startTime: Parse(attempt.At));
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
