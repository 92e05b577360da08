using System.Globalization;
using System.Text.Json.Nodes;
using Sift.Activities.Webhooks;
using Sift.Web.Observability;
using Sift.Web.Storage;
using Sift.Workflows.Engine;
using Sift.Workflows.Journal;

namespace Sift.Web.Workflows;

/// <summary>Tells a journal event by event: what each changed, and what was sent and answered with it.</summary>
internal sealed class InstanceSteps(IDeliveryStore deliveries)
{
    // Addresses and routines that a call goes by; no business of whoever reads the variables.
    public const string PlanVariable = "call";

    private const string SendEffect = "delivery.send";
    private const string HttpEffect = "http.call";

    public async ValueTask<IReadOnlyList<InstanceStep>> ReadAsync(InstanceFile file, long after, int size, CancellationToken cancellationToken)
    {
        var records = file.View.Activities.ToDictionary(record => record.Sequence);
        var steps = new List<InstanceStep>();
        foreach (var entry in file.Entries.Where(entry => entry.Sequence > after).Take(size))
        {
            var step = Of(entry, records, file);
            steps.Add(step.Sent is { } sent && sent.Kind != "http_call" ? step with { Sent = await WithAttemptsAsync(sent, cancellationToken) } : step);
        }

        return steps;
    }

    private static InstanceStep Of(in JournalEntry entry, Dictionary<long, ActivityRecord> records, InstanceFile file)
    {
        var happened = JournalEncoding.Decode(entry);
        var execution = ExecutionOf(happened) ?? entry.Sequence;
        var record = records.GetValueOrDefault(execution);
        return new InstanceStep(
            entry.Sequence,
            Moment.Of(entry.At),
            entry.Kind,
            happened.IsInput,
            EventText.Of(happened, number => records.GetValueOrDefault(number)?.Name ?? "?", entry.At, entry.Sequence))
        {
            NodeId = record is null ? null : record.NodeId,
            Activity = record?.Name,
            Started = happened is ActivityStarted started && record is not null ? new StartedExecution(entry.Sequence, record.Type) { Parent = started.Parent, Inputs = record.Inputs } : null,
            Ended = happened switch
            {
                ActivityCompleted e => new EndedExecution(e.Execution, "completed") { Outcome = e.Outcome },
                ActivityFaulted e => new EndedExecution(e.Execution, "failed"),
                ActivityCancelled e => new EndedExecution(e.Execution, "cancelled"),
                _ => null,
            },
            Changed = Changed(happened),
            Sent = Sent(happened, file.Summary.InstanceId, entry.Sequence),
            Answer = happened is SignalReceived { Name: "delivery" or "http.answer", Key: { } key } signal ? new ReceivedAnswer(key) { Body = signal.Payload } : null,
            Data = Data(entry, happened),
        };
    }

    private static long? ExecutionOf(JournalEvent happened) => happened switch
    {
        ActivityCompleted e => e.Execution,
        ActivityFaulted e => e.Execution,
        ActivityCancelled e => e.Execution,
        ActivityHeld e => e.Execution,
        ActivityStateSet e => e.Execution,
        BookmarkCreated e => e.Execution,
        BookmarkRemoved e => e.Execution,
        BookmarkResumed e => e.Execution,
        TimerArmed e => e.Execution,
        TimerStopped e => e.Execution,
        TimerDue e => e.Execution,
        EffectRequested e => e.Execution,
        MessageLogged e => e.Execution,
        RetryRequested e => e.Execution,
        _ => null,
    };

    private static JsonObject? Changed(JournalEvent happened)
    {
        IEnumerable<KeyValuePair<string, JsonNode?>> values = happened switch
        {
            InstanceStarted e => e.Input,
            SignalReceived { Variables: { } variables } => variables,
            VariableSet e => [KeyValuePair.Create(e.Name, e.Value)],
            _ => [],
        };
        var changed = new JsonObject(values.Where(pair => pair.Key != PlanVariable).Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone())));
        return changed.Count > 0 ? changed : null;
    }

    private static SentRequest? Sent(JournalEvent happened, string instanceId, long sequence)
    {
        if (happened is EffectRequested { Type: SendEffect, Payload: JsonObject delivery } && delivery["delivery_id"] is { } id)
        {
            // A sensitive body is not in the journal at all.
            return new SentRequest(id.ToString(), delivery["kind"]?.ToString() ?? "callback") { Url = delivery["url"]?.ToString(), Body = delivery["body"]?.ToString(), Sensitive = delivery["body"] is null ? true : null };
        }

        return happened is EffectRequested { Type: HttpEffect, Payload: JsonObject request }
            ? new SentRequest(string.Create(CultureInfo.InvariantCulture, $"{instanceId}:{sequence}"), "http_call") { Url = $"{request["method"]} {request["url"]}", Body = request["body"]?.ToString() }
            : null;
    }

    private async ValueTask<SentRequest> WithAttemptsAsync(SentRequest sent, CancellationToken cancellationToken)
    {
        if (await deliveries.FindAsync(sent.Id, cancellationToken) is not { } delivery)
        {
            return sent;
        }

        var attempts = await deliveries.AttemptsAsync(sent.Id, cancellationToken);
        return sent with
        {
            Kind = delivery.Kind,
            Url = delivery.Url,
            Attempts = [.. attempts.Select(attempt => new SentAttempt(Moment.Of(attempt.At))
            {
                Status = attempt.Status,
                Error = attempt.Error,
                ResponseBody = delivery.Sensitive ? null : attempt.ResponseBody,
            })],
        };
    }

    private static JsonNode? Data(in JournalEntry entry, JournalEvent happened)
    {
        var data = JsonNode.Parse(entry.Data.Span);
        switch (happened)
        {
            case InstanceStarted when data!["input"] is JsonObject input:
                input.Remove(PlanVariable);
                break;
            case EffectRequested { Type: HttpEffect } when data!["payload"] is JsonObject request:
                // They carry credentials; the input is marked sensitive too.
                request["headers"] = Confidential.Mask;
                break;
        }

        return data;
    }
}
