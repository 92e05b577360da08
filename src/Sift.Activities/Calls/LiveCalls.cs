using System.Collections.Concurrent;
using Sift.Activities.Webhooks;
using Sift.Media.Legs;

namespace Sift.Activities.Calls;

/// <summary>The calls of this process, and which call placed which callee.</summary>
internal sealed class LiveCalls
{
    private readonly ConcurrentDictionary<string, LiveCall> _calls = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<LegId, string> _parents = new();

    private readonly ConcurrentDictionary<string, Delivery?> _recovered = new(StringComparer.Ordinal);

    public int Count => _calls.Count;

    public bool TryAdd(LiveCall call) => _calls.TryAdd(call.Id, call);

    public LiveCall? Find(string id) => _calls.GetValueOrDefault(id);

    public void Remove(LiveCall call) => _calls.TryRemove(new KeyValuePair<string, LiveCall>(call.Id, call));

    public void AddCallee(LegId callee, string parent) => _parents[callee] = parent;

    public string? ParentOf(LegId callee) => _parents.GetValueOrDefault(callee);

    public void RemoveCallee(LegId callee) => _parents.TryRemove(callee, out _);

    /// <summary>Notes that recovery ends a call; the callback that tells of it is sent when the end is durable.</summary>
    public void EndByRecovery(string id, Delivery? delivery) => _recovered[id] = delivery;

    /// <summary>Whether recovery has ended, or is about to end, a call.</summary>
    public bool IsEndedByRecovery(string id) => _recovered.ContainsKey(id);

    /// <summary>The callback about a call that recovery has ended; null when there is none or it was taken before.</summary>
    public Delivery? TakeRecovered(string id) => _recovered.TryGetValue(id, out var delivery) && _recovered.TryUpdate(id, null, delivery) ? delivery : null;
}
