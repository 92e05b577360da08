using System.Text.Json.Nodes;
using Sift.Activities.Connections;
using Sift.Activities.Webhooks;
using Sift.Media.Sip.Tracing;
using Sift.Web.Deliveries;
using Sift.Web.Storage;
using Sift.Workflows.Definitions;
using Sift.Workflows.Journal;

namespace Sift.Web.Observability;

/// <summary>Puts a connection's traces, journal and callbacks together.</summary>
internal sealed class TimelineReader(
    IConnectionStore connections, IJournalStore journals, IDefinitionStore definitions, IDeliveryStore deliveries, DeliveryList list, FlightRecorder recorder, RecordingStore recordings, ConnectionStore store)
{
    private const int MostDeliveries = 200;
    private const int MostPlaced = 20;

    /// <summary>Null when the account has no such connection.</summary>
    public async ValueTask<Timeline?> ReadAsync(string accountId, string connectionId, CancellationToken cancellationToken)
    {
        if (await connections.FindAsync(connectionId, cancellationToken) is not { } connection || connection.AccountId != accountId)
        {
            return null;
        }

        var entries = new List<(JournalEntry Entry, JournalEvent Event)>();
        await foreach (var entry in journals.ReadAsync(connectionId, 1, cancellationToken))
        {
            entries.Add((entry, JournalEncoding.Decode(entry)));
        }

        var definition = entries.Count > 0 && entries[0].Event is InstanceStarted started ? await definitions.FindVersionAsync(started.DefinitionVersionId, cancellationToken) : null;
        var isSensitive = Confidential.Concerns(entries.Select(entry => entry.Event), definition);
        var trace = await recorder.FindAsync(connectionId, cancellationToken);
        return new Timeline(
            connection.Id,
            ConnectionJson.NameOf(connection.Status),
            connection.From,
            connection.To,
            connection.Direction,
            Moment.Of(connection.CreatedAt),
            [.. (trace?.Messages ?? []).Select(TimelineMessage.Of)],
            Steps(entries, definition, isSensitive),
            Events(entries, isSensitive),
            await DeliveriesAsync(accountId, connectionId, Causes(entries), cancellationToken),
            [.. (trace?.Samples ?? []).Select(Show)],
            [.. (await recordings.OfConnectionAsync(accountId, connectionId, cancellationToken)).Select(Show)],
            await PlacedAsync(connection, cancellationToken))
        {
            StartTime = Moment.Of(connection.StartTime),
            EndTime = Moment.Of(connection.EndTime),
            EndReason = connection.EndReason,
            Failure = connection.Failure,
            SipStatus = connection.SipStatus,
            ParentId = connection.ParentId,
            SipDropped = trace is { Dropped: > 0 } ? trace.Dropped : null,
            Sensitive = isSensitive ? true : null,
        };
    }

    private async ValueTask<IReadOnlyList<TimelinePlaced>> PlacedAsync(Connection connection, CancellationToken cancellationToken)
    {
        var filter = ConnectionFilter.None with { ParentId = connection.Id };
        var placed = await store.ListAsync(connection.AccountId, filter, new PageRequest(MostPlaced, null, false), cancellationToken);
        return [.. placed.Rows.OrderBy(callee => callee.CreatedAt).Select(callee => new TimelinePlaced(callee.Id, Moment.Of(callee.CreatedAt), callee.To, ConnectionJson.NameOf(callee.Status)) { EndedAt = Moment.Of(callee.EndTime) })];
    }

    private async ValueTask<IReadOnlyList<TimelineDelivery>> DeliveriesAsync(string accountId, string connectionId, Dictionary<string, int> causes, CancellationToken cancellationToken)
    {
        var found = new List<TimelineDelivery>();
        foreach (var id in await list.IdsAsync(accountId, new DeliveryFilter(null, null, connectionId), MostDeliveries, cancellationToken))
        {
            if (await deliveries.FindAsync(id, cancellationToken) is { } delivery)
            {
                var shown = DeliveryObject.Of(delivery, await deliveries.AttemptsAsync(id, cancellationToken));
                found.Add(new TimelineDelivery(id, delivery.Kind, delivery.Url, shown.State, Moment.Of(delivery.CreatedAt), shown.Attempts!) { Step = causes.TryGetValue(id, out var step) ? step : null, Body = shown.Body, Sensitive = shown.Sensitive });
            }
        }

        return found;
    }

    /// <summary>Which step asked for which delivery, by the number it has in the timeline.</summary>
    private static Dictionary<string, int> Causes(List<(JournalEntry Entry, JournalEvent Event)> entries)
    {
        var numbers = new Dictionary<long, int>();
        var causes = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (entry, happened) in entries)
        {
            if (happened is ActivityStarted)
            {
                numbers[entry.Sequence] = numbers.Count;
            }
            else if (happened is EffectRequested { Payload: JsonObject payload } effect && payload["delivery_id"]?.ToString() is { } delivery && numbers.TryGetValue(effect.Execution, out var number))
            {
                causes.TryAdd(delivery, number);
            }
        }

        return causes;
    }

    private static IReadOnlyList<TimelineStep> Steps(List<(JournalEntry Entry, JournalEvent Event)> entries, WorkflowDefinition? definition, bool isSensitive)
    {
        var names = definition is null ? [] : NamesOf(definition);
        var steps = new Dictionary<long, TimelineStep>();
        var isOver = false;
        foreach (var (entry, happened) in entries)
        {
            switch (happened)
            {
                case ActivityStarted started:
                    var type = started.RuntimeNode?["type"]?.ToString() ?? names.GetValueOrDefault(started.NodeId) ?? started.NodeId;
                    steps[entry.Sequence] = new TimelineStep(Moment.Of(entry.At), type.StartsWith("Sift.", StringComparison.Ordinal) ? type[5..] : type[(type.LastIndexOf('.') + 1)..], "running")
                    {
                        Depth = started.Parent is { } parent && steps.TryGetValue(parent, out var above) ? above.Depth + 1 : 0,
                    };
                    break;
                case ActivityCompleted completed:
                    End(completed.Execution, "completed", completed.Outcome);
                    break;
                case ActivityFaulted faulted:
                    End(faulted.Execution, "faulted", isSensitive ? "not shown: the call is sensitive" : faulted.Message);
                    break;
                case ActivityCancelled cancelled:
                    End(cancelled.Execution, isOver ? "ended" : "cancelled", isOver ? "with the call" : null);
                    break;
                case SignalReceived { FinishReason: not null }:
                    isOver = true;
                    break;
            }

            void End(long execution, string state, string? detail)
            {
                if (steps.TryGetValue(execution, out var step))
                {
                    steps[execution] = step with { State = state, EndedAt = Moment.Of(entry.At), Detail = detail };
                }
            }
        }

        return [.. steps.OrderBy(step => step.Key).Select(step => step.Value)];
    }

    private static Dictionary<string, string> NamesOf(WorkflowDefinition definition)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        if (definition.Json["root"] is JsonObject root)
        {
            Add(ActivityNode.Parse(root, null));
        }

        return names;

        void Add(ActivityNode node)
        {
            names[node.NodeId] = node.Type;
            foreach (var child in node.Children)
            {
                Add(child);
            }
        }
    }

    private static IReadOnlyList<TimelineEvent> Events(List<(JournalEntry Entry, JournalEvent Event)> entries, bool isSensitive)
    {
        var events = new List<TimelineEvent>();
        foreach (var (entry, happened) in entries)
        {
            var shown = happened switch
            {
                SignalReceived { Name: "leg.answered" } => ("answered", "answered"),
                SignalReceived { Name: "leg.digit" } signal => ("digit", isSensitive ? Confidential.Mask : $"key {signal.Payload?["digit"]}"),
                SignalReceived { Name: "leg.hold" } signal => ("hold", signal.Payload?["held"]?.ToString() == "true" ? "put on hold" : "taken back from hold"),
                SignalReceived { Name: "leg.media" } signal => ("media", signal.Payload?["lost"]?.ToString() == "true" ? "no media arrives" : "media arrives again"),
                SignalReceived { Name: "leg.ended" } signal => ("ended", signal.FinishReason ?? signal.Payload?["cause"]?.ToString() ?? "ended"),
                SignalReceived { Name: "delivery" } signal when signal.Payload?["problem"]?.ToString() is { } problem => ("callback", problem),
                WorkReplaced => ("replaced", "the routine was replaced"),
                CancelRequested cancel => ("cancelled", cancel.Reason),
                IncidentRecorded incident => ("incident", isSensitive ? "not shown: the call is sensitive" : incident.Message),
                MessageLogged message => ("log", isSensitive ? "not shown: the call is sensitive" : message.Message + Details(message.Details)),
                InstanceFinished finished => ("finished", finished.Reason),
                _ => default,
            };
            if (shown is var (kind, text) && kind is not null)
            {
                events.Add(new TimelineEvent(Moment.Of(entry.At), kind, text));
            }
        }

        return events;
    }

    private static string Details(JsonNode? details) => details?["errors"] is JsonArray errors ? " " + string.Join("; ", errors.Select(error => error?.ToString())) : "";

    private static TimelineRecording Show(RecordingRow row) => new(row.Id, Moment.Of(row.StartedAt), (long?)row.Duration?.TotalMilliseconds, row.Bytes > 0) { Error = row.Error };

    private static TimelineQuality Show(QualitySample sample) => new(
        Moment.Of(sample.At), sample.Quality.Codec, sample.Quality.PacketsReceived, sample.Quality.PacketsSent, sample.Quality.PacketsLost, Math.Round(sample.Quality.Jitter.TotalMilliseconds, 2))
    {
        RoundTripMs = sample.Quality.RoundTrip is { } trip ? Math.Round(trip.TotalMilliseconds, 2) : null,
        Mos = sample.Quality.MeanOpinionScore is { } score ? Math.Round(score, 2) : null,
    };
}

/// <summary>What a ladder says of a message.</summary>
internal static class SipSummary
{
    private const int Longest = 60;

    public static string Of(string message)
    {
        var end = message.IndexOfAny(['\r', '\n']);
        var line = end < 0 ? message : message[..end];
        var shown = line.StartsWith("SIP/2.0 ", StringComparison.Ordinal) ? line[8..] : line[..Math.Max(0, line.IndexOf(' ', StringComparison.Ordinal))];
        return shown.Length > Longest ? shown[..Longest] + "…" : shown;
    }
}
