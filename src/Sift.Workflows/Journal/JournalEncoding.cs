using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sift.Workflows.Activities;

namespace Sift.Workflows.Journal;

/// <summary>Events to UTF-8 JSON and back, written by hand: no reflection, one buffer per activation.</summary>
public static class JournalEncoding
{
    private static readonly JsonWriterOptions s_writer = new() { SkipValidation = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // As deep as the writer goes: an entry that was written must be read, or its instance is never taken up again.
    private static readonly JsonDocumentOptions s_reader = new() { MaxDepth = 1_000 };

    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Writer)? t_scratch;

    /// <summary>Encodes consecutive events; the first gets <paramref name="firstSequence"/>.</summary>
    public static JournalEntry[] Encode(string instanceId, long firstSequence, DateTimeOffset at, IReadOnlyList<JournalEvent> events)
    {
        var (buffer, writer) = t_scratch ??= NewScratch();
        buffer.ResetWrittenCount();
        writer.Reset(buffer);
        Span<int> ends = events.Count <= 256 ? stackalloc int[events.Count] : new int[events.Count];
        for (var i = 0; i < events.Count; i++)
        {
            writer.WriteStartObject();
            Write(writer, events[i]);
            writer.WriteEndObject();
            writer.Flush();
            ends[i] = buffer.WrittenCount;
            writer.Reset();
        }

        var bytes = buffer.WrittenSpan.ToArray();
        if (buffer.Capacity > MaxKeptScratch) t_scratch = null;

        var entries = new JournalEntry[events.Count];
        var start = 0;
        for (var i = 0; i < entries.Length; i++)
        {
            entries[i] = new JournalEntry(instanceId, firstSequence + i, at, events[i].Kind, bytes.AsMemory(start, ends[i] - start));
            start = ends[i];
        }

        return entries;
    }

    /// <exception cref="FormatException">The entry was not written by this version or an earlier one.</exception>
    public static JournalEvent Decode(in JournalEntry entry)
    {
        try
        {
            using var document = JsonDocument.Parse(entry.Data, s_reader);
            return Read(entry.Kind, document.RootElement);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException($"Entry {entry.Sequence} of instance {entry.InstanceId} ({entry.Kind}) cannot be read: {e.Message}", e);
        }
    }

    private static (ArrayBufferWriter<byte>, Utf8JsonWriter) NewScratch()
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        return (buffer, new Utf8JsonWriter(buffer, s_writer));
    }

    private static void Write(Utf8JsonWriter w, JournalEvent journalEvent)
    {
        switch (journalEvent)
        {
            case ActivityStarted e:
                if (e.Parent is { } parent) w.WriteNumber("parent"u8, parent);
                Text(w, "slot"u8, e.Slot);
                w.WriteString("nodeId"u8, e.NodeId);
                Node(w, "node"u8, e.RuntimeNode);
                Node(w, "inputs"u8, e.Inputs);
                break;
            case ActivityCompleted e:
                w.WriteNumber("execution"u8, e.Execution);
                w.WriteString("outcome"u8, e.Outcome);
                Node(w, "outputs"u8, e.Outputs);
                break;
            case ActivityFaulted e:
                w.WriteNumber("execution"u8, e.Execution);
                w.WriteString("message"u8, e.Message);
                Text(w, "exception"u8, e.ExceptionType);
                break;
            case ActivityCancelled e:
                w.WriteNumber("execution"u8, e.Execution);
                break;
            case ActivityHeld e:
                w.WriteNumber("execution"u8, e.Execution);
                break;
            case HoldReleased e:
                w.WriteBoolean("step"u8, e.Step);
                break;
            case ActivityStateSet e:
                w.WriteNumber("execution"u8, e.Execution);
                Node(w, "state"u8, e.State);
                break;
            case BookmarkCreated e:
                Bookmark(w, e.Execution, e.Name, e.Key);
                break;
            case BookmarkRemoved e:
                Bookmark(w, e.Execution, e.Name, e.Key);
                break;
            case BookmarkResumed e:
                Bookmark(w, e.Execution, e.Name, e.Key);
                break;
            case TimerArmed e:
                w.WriteNumber("execution"u8, e.Execution);
                w.WriteString("key"u8, e.Key);
                w.WriteString("dueAt"u8, e.DueAt);
                break;
            case TimerStopped e:
                w.WriteNumber("execution"u8, e.Execution);
                w.WriteString("key"u8, e.Key);
                break;
            case TimerDue e:
                w.WriteNumber("execution"u8, e.Execution);
                w.WriteString("key"u8, e.Key);
                break;
            case VariableSet e:
                w.WriteString("name"u8, e.Name);
                Node(w, "value"u8, e.Value);
                break;
            case EffectRequested e:
                w.WriteNumber("execution"u8, e.Execution);
                w.WriteString("type"u8, e.Type);
                w.WriteNumber("guarantee"u8, (int)e.Guarantee);
                Node(w, "payload"u8, e.Payload);
                break;
            case EffectStarted e:
                w.WriteNumber("effect"u8, e.Effect);
                break;
            case EffectDone e:
                w.WriteNumber("effect"u8, e.Effect);
                break;
            case SignalReceived e:
                WriteSignal(w, e);
                break;
            case MessageLogged e:
                w.WriteNumber("execution"u8, e.Execution);
                w.WriteString("message"u8, e.Message);
                Node(w, "details"u8, e.Details);
                break;
            case IncidentRecorded e:
                w.WriteString("message"u8, e.Message);
                Text(w, "source"u8, e.Source);
                break;
            case WorkReplaced e:
                w.WriteString("type"u8, e.NodeType);
                Node(w, "inputs"u8, e.Inputs);
                break;
            case CancelRequested e:
                w.WriteString("reason"u8, e.Reason);
                break;
            case RetryRequested e:
                w.WriteNumber("execution"u8, e.Execution);
                break;
            case InstanceStarted e:
                WriteStart(w, e);
                break;
            case InstanceFinished e:
                w.WriteString("subStatus"u8, e.SubStatus);
                w.WriteString("reason"u8, e.Reason);
                break;
            default:
                throw new InvalidOperationException($"No encoding for {journalEvent.Kind}.");
        }
    }

    private static JournalEvent Read(string kind, JsonElement json) => kind switch
    {
        JournalKinds.ActivityStarted => new ActivityStarted(
            json.TryGetProperty("parent", out var parent) ? parent.GetInt64() : null,
            Text(json, "slot"), Required(json, "nodeId"), Object(json, "node"), Object(json, "inputs")),
        JournalKinds.ActivityCompleted => new ActivityCompleted(Execution(json), Required(json, "outcome"), Object(json, "outputs")),
        JournalKinds.ActivityFaulted => new ActivityFaulted(Execution(json), Required(json, "message"), Text(json, "exception")),
        JournalKinds.ActivityCancelled => new ActivityCancelled(Execution(json)),
        JournalKinds.ActivityHeld => new ActivityHeld(Execution(json)),
        JournalKinds.HoldReleased => new HoldReleased(json.GetProperty("step").GetBoolean()),
        JournalKinds.ActivityStateSet => new ActivityStateSet(Execution(json), Node(json, "state")),
        JournalKinds.BookmarkCreated => new BookmarkCreated(Execution(json), Required(json, "name"), Text(json, "key")),
        JournalKinds.BookmarkRemoved => new BookmarkRemoved(Execution(json), Required(json, "name"), Text(json, "key")),
        JournalKinds.BookmarkResumed => new BookmarkResumed(Execution(json), Required(json, "name"), Text(json, "key")),
        JournalKinds.TimerArmed => new TimerArmed(Execution(json), Required(json, "key"), json.GetProperty("dueAt").GetDateTimeOffset()),
        JournalKinds.TimerStopped => new TimerStopped(Execution(json), Required(json, "key")),
        JournalKinds.TimerDue => new TimerDue(Execution(json), Required(json, "key")),
        JournalKinds.VariableSet => new VariableSet(Required(json, "name"), Node(json, "value")),
        JournalKinds.EffectRequested => new EffectRequested(
            Execution(json), Required(json, "type"), Node(json, "payload"), (EffectGuarantee)json.GetProperty("guarantee").GetInt32()),
        JournalKinds.EffectStarted => new EffectStarted(json.GetProperty("effect").GetInt64()),
        JournalKinds.EffectDone => new EffectDone(json.GetProperty("effect").GetInt64()),
        JournalKinds.SignalReceived => new SignalReceived(
            Required(json, "name"), Text(json, "key"), Node(json, "payload"), Values(json, "variables"), Text(json, "finish")),
        JournalKinds.MessageLogged => new MessageLogged(Execution(json), Required(json, "message"), Node(json, "details")),
        JournalKinds.IncidentRecorded => new IncidentRecorded(Required(json, "message"), Text(json, "source")),
        JournalKinds.WorkReplaced => new WorkReplaced(Required(json, "type"), Object(json, "inputs") ?? []),
        JournalKinds.CancelRequested => new CancelRequested(Required(json, "reason")),
        JournalKinds.RetryRequested => new RetryRequested(Execution(json)),
        JournalKinds.InstanceStarted => new InstanceStarted(
            Required(json, "definitionId"), Required(json, "definitionVersionId"), json.GetProperty("version").GetInt32(),
            Object(json, "input") ?? [], Text(json, "accountId"), Text(json, "correlationId"), Text(json, "name")) { Hold = Hold(json) },
        JournalKinds.InstanceFinished => new InstanceFinished(Required(json, "subStatus"), Required(json, "reason")),
        _ => throw new FormatException($"Unknown event {kind}."),
    };

    private static void WriteStart(Utf8JsonWriter w, InstanceStarted e)
    {
        w.WriteString("definitionId"u8, e.DefinitionId);
        w.WriteString("definitionVersionId"u8, e.DefinitionVersionId);
        w.WriteNumber("version"u8, e.Version);
        Node(w, "input"u8, e.Input);
        Text(w, "accountId"u8, e.AccountId);
        Text(w, "correlationId"u8, e.CorrelationId);
        Text(w, "name"u8, e.Name);
        if (e.Hold is not { } hold) return;
        w.WriteStartObject("hold"u8);
        w.WriteStartArray("breakpoints"u8);
        foreach (var nodeId in hold.Breakpoints) w.WriteStringValue(nodeId);
        w.WriteEndArray();
        w.WriteBoolean("step"u8, hold.IsStepping);
        w.WriteNumber("seconds"u8, hold.Limit.TotalSeconds);
        w.WriteEndObject();
    }

    private static HoldPlan? Hold(JsonElement json) => json.TryGetProperty("hold", out var hold)
        ? new HoldPlan(
            [.. hold.GetProperty("breakpoints").EnumerateArray().Select(nodeId => nodeId.GetString()!)],
            hold.GetProperty("step").GetBoolean(),
            TimeSpan.FromSeconds(hold.GetProperty("seconds").GetDouble()))
        : null;

    private static void WriteSignal(Utf8JsonWriter w, SignalReceived e)
    {
        w.WriteString("name"u8, e.Name);
        Text(w, "key"u8, e.Key);
        Node(w, "payload"u8, e.Payload);
        if (e.Variables is { Count: > 0 })
        {
            w.WriteStartObject("variables"u8);
            foreach (var (name, value) in e.Variables)
            {
                w.WritePropertyName(name);
                if (value is null) w.WriteNullValue();
                else value.WriteTo(w);
            }

            w.WriteEndObject();
        }

        Text(w, "finish"u8, e.FinishReason);
    }

    private static void Bookmark(Utf8JsonWriter w, long execution, string name, string? key)
    {
        w.WriteNumber("execution"u8, execution);
        w.WriteString("name"u8, name);
        Text(w, "key"u8, key);
    }

    private static void Text(Utf8JsonWriter w, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null) w.WriteString(name, value);
    }

    private static void Node(Utf8JsonWriter w, ReadOnlySpan<byte> name, JsonNode? value)
    {
        if (value is null) return;
        w.WritePropertyName(name);
        value.WriteTo(w);
    }

    private static long Execution(JsonElement json) => json.GetProperty("execution").GetInt64();

    private static string Required(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static JsonNode? Node(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) ? JsonValues.From(value) : null;

    private static JsonObject? Object(JsonElement json, string name) => Node(json, name) as JsonObject;

    private static Dictionary<string, JsonNode?>? Values(JsonElement json, string name)
    {
        if (!json.TryGetProperty(name, out var value)) return null;

        var values = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject()) values[member.Name] = JsonValues.From(member.Value);
        return values;
    }

    private const int MaxKeptScratch = 1 << 20;
}
