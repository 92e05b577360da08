using System.Globalization;
using System.Text.Json.Nodes;
using Sift.Workflows.Journal;

namespace Sift.Workflows.Engine;

/// <summary>An event told without the numbers of its own history, so that it can be compared with one of another.</summary>
/// <param name="Text">Equal for the same decision.</param>
/// <param name="Subject">Equal for the same kind of decision about the same thing.</param>
internal sealed record EventToken(string Text, string Subject, string? NodeId);

/// <summary>
/// Names what a history only numbers: an execution by its node and how often that ran before, an effect by its execution, an id made by an
/// activity by who made it. Two histories of versions of one flow use the same names for the same things.
/// </summary>
internal sealed class EventNames(string instanceId)
{
    private readonly Dictionary<long, (string Name, string NodeId)> _executions = [];
    private readonly Dictionary<string, long> _executionOf = new(StringComparer.Ordinal);
    private readonly Dictionary<long, string> _effects = [];
    private readonly Dictionary<string, long> _effectOf = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _idOf = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly HashSet<string> _made = new(StringComparer.Ordinal);
    private readonly List<EventToken> _tokens = [];
    private long _activation;
    private int _tried;

    public IReadOnlyList<EventToken> Tokens => _tokens;

    public long? ExecutionOf(string name) => _executionOf.TryGetValue(name, out var execution) ? execution : null;

    public long? EffectOf(string name) => _effectOf.TryGetValue(name, out var effect) ? effect : null;

    public string? NameOfExecution(long execution) => _executions.TryGetValue(execution, out var known) ? known.Name : null;

    public string? NameOfEffect(long effect) => _effects.GetValueOrDefault(effect);

    /// <summary>The key of a signal told by name; null when it is a text like any other.</summary>
    public string? NameOfKey(string key)
    {
        if (EffectSequence(key) is { } effect) return _effects.TryGetValue(effect, out var name) ? "effect " + name : null;
        if (_ids.TryGetValue(key, out var id)) return "id " + id;
        return long.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var execution) && _executions.TryGetValue(execution, out var known) ? "execution " + known.Name : null;
    }

    /// <summary>What this history calls what another one gave that name; null when it has no such thing.</summary>
    public string? KeyOf(string name) =>
        name.StartsWith("effect ", StringComparison.Ordinal) ? EffectOf(name[7..]) is { } effect ? string.Create(CultureInfo.InvariantCulture, $"{instanceId}:{effect}") : null
        : name.StartsWith("id ", StringComparison.Ordinal) ? _idOf.GetValueOrDefault(name[3..])
        : ExecutionOf(name[10..])?.ToString(CultureInfo.InvariantCulture);

    public void Take(in JournalEntry entry, JournalEvent journalEvent)
    {
        if (journalEvent.IsInput) (_activation, _tried) = (entry.Sequence, 0);
        long? owner = journalEvent switch
        {
            ActivityStarted => Started(entry.Sequence, (ActivityStarted)journalEvent),
            ActivityCompleted e => e.Execution,
            ActivityFaulted e => e.Execution,
            ActivityCancelled e => e.Execution,
            ActivityStateSet e => e.Execution,
            ActivityHeld e => e.Execution,
            BookmarkCreated e => e.Execution,
            BookmarkRemoved e => e.Execution,
            BookmarkResumed e => e.Execution,
            TimerArmed e => e.Execution,
            TimerStopped e => e.Execution,
            TimerDue e => e.Execution,
            EffectRequested e => e.Execution,
            MessageLogged e => e.Execution,
            _ => null,
        };
        var (name, nodeId) = owner is { } execution && _executions.TryGetValue(execution, out var known) ? known : ("", null);
        if (journalEvent is EffectRequested effect)
        {
            var effectName = Numbered($"{name} {effect.Type}");
            _effects[entry.Sequence] = effectName;
            _effectOf[effectName] = entry.Sequence;
        }

        // The version it was started by is what is being changed, and who started it does not matter.
        var data = journalEvent is InstanceStarted ? null : Told(JsonNode.Parse(entry.Data.Span), "", name, owner, entry.At);
        var subject = journalEvent switch
        {
            VariableSet e => e.Name,
            EffectRequested e => e.Type,
            BookmarkCreated e => e.Name,
            BookmarkRemoved e => e.Name,
            BookmarkResumed e => e.Name,
            TimerArmed e => e.Key,
            TimerStopped e => e.Key,
            TimerDue e => e.Key,
            _ => "",
        };
        _tokens.Add(new EventToken($"{entry.Kind} {name} {data?.ToJsonString()}", $"{entry.Kind} {name} {subject}", nodeId));
    }

    private long Started(long sequence, ActivityStarted started)
    {
        var name = Numbered(started.NodeId);
        _executions[sequence] = (name, started.NodeId);
        _executionOf[name] = sequence;
        return sequence;
    }

    private string Numbered(string name)
    {
        var count = _counts[name] = _counts.GetValueOrDefault(name) + 1;
        return string.Create(CultureInfo.InvariantCulture, $"{name}#{count}");
    }

    private JsonNode? Told(JsonNode? json, string member, string owner, long? execution, DateTimeOffset at)
    {
        switch (json)
        {
            case JsonObject members:
                return new JsonObject(members.Select(pair => KeyValuePair.Create(pair.Key, Told(pair.Value, pair.Key, owner, execution, at))));
            case JsonArray items:
                return new JsonArray([.. items.Select(item => Told(item, "", owner, execution, at))]);
            case JsonValue value when member is "execution" or "parent" && value.TryGetValue(out long number):
                return NameOfExecution(number) ?? "";
            case JsonValue value when member is "effect" && value.TryGetValue(out long number):
                return NameOfEffect(number) ?? "";
            case JsonValue value when member == "dueAt" && value.TryGetValue(out DateTimeOffset due):
                return (due - at).TotalMilliseconds;
            case JsonValue value when value.TryGetValue(out string? text):
                return Told(text, owner, execution);
            default:
                return json?.DeepClone();
        }
    }

    private string Told(string text, string owner, long? execution)
    {
        // An activity uses the number of its own execution as the key of its playbacks.
        if (execution is { } own)
        {
            var number = own.ToString(CultureInfo.InvariantCulture);
            if (text.EndsWith(number, StringComparison.Ordinal) && (text.Length == number.Length || text[^(number.Length + 1)] == ':') && EffectSequence(text) is null)
            {
                return text[..^number.Length] + "‹" + owner + "›";
            }
        }

        if (EffectSequence(text) is { } effect && _effects.TryGetValue(effect, out var effectName)) return "‹" + effectName + "›";
        if (_ids.TryGetValue(text, out var known)) return "‹" + known + "›";
        if (!IsMade(text)) return text;
        var name = Numbered(owner + " id");
        _ids[text] = name;
        _idOf[name] = text;
        return "‹" + name + "›";
    }

    /// <summary>Whether an activity made that id in this activation.</summary>
    private bool IsMade(string text)
    {
        if (text.Length != 16) return false;
        for (; _tried < MostIds && !_made.Contains(text); _tried++) _made.Add(DerivedId.Of(instanceId, _activation, _tried));
        return _made.Contains(text);
    }

    private long? EffectSequence(string text) =>
        text.Length > instanceId.Length + 1 && text[instanceId.Length] == ':' && text.StartsWith(instanceId, StringComparison.Ordinal)
        && long.TryParse(text.AsSpan(instanceId.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
            ? sequence
            : null;

    // An activation makes few ids; a text of the same length that is none costs this many hashes, once per activation.
    private const int MostIds = 32;
}
