using System.Collections.Concurrent;
using Sift.Media.Legs;

namespace Sift.Activities.Calls;

/// <summary>The calls of this process, and which call placed which callee.</summary>
internal sealed class LiveCalls
{
    private readonly ConcurrentDictionary<string, LiveCall> _calls = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<LegId, string> _parents = new();

    public int Count => _calls.Count;

    public bool TryAdd(LiveCall call) => _calls.TryAdd(call.Id, call);

    public LiveCall? Find(string id) => _calls.GetValueOrDefault(id);

    public void Remove(LiveCall call) => _calls.TryRemove(new KeyValuePair<string, LiveCall>(call.Id, call));

    public void AddCallee(LegId callee, string parent) => _parents[callee] = parent;

    public string? ParentOf(LegId callee) => _parents.GetValueOrDefault(callee);

    public void RemoveCallee(LegId callee) => _parents.TryRemove(callee, out _);
}
