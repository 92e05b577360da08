using System.Text.Json.Nodes;
using Sift.Workflows.Definitions;

namespace Sift.Workflows.Activities.Flow;

/// <summary>The connections of one flowchart node, worked out once.</summary>
internal sealed class FlowchartStructure
{
    private readonly Dictionary<string, ActivityNode> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _reachable = new(StringComparer.Ordinal);
    private readonly ILookup<string, FlowConnection> _from;
    private readonly ILookup<string, FlowConnection> _to;

    private FlowchartStructure(ActivityNode node)
    {
        foreach (var child in node.Children) _byId.TryAdd(child.Id, child);
        Connections = [.. ReadConnections(node.Json)];
        var valid = Connections.Where(connection => _byId.ContainsKey(connection.Source) && _byId.ContainsKey(connection.Target)).ToList();
        _from = valid.ToLookup(connection => connection.Source, StringComparer.Ordinal);
        _to = valid.ToLookup(connection => connection.Target, StringComparer.Ordinal);
        Starts = FindStarts(node);
    }

    public IReadOnlyList<ActivityNode> Starts { get; }

    /// <summary>All of them, those to activities that do not exist too.</summary>
    public IReadOnlyList<FlowConnection> Connections { get; }

    public static FlowchartStructure Of(ActivityNode node)
    {
        if (node.Structure is FlowchartStructure known) return known;
        var made = new FlowchartStructure(node);
        node.Structure = made;
        return made;
    }

    public bool Has(string id) => _byId.ContainsKey(id);

    public ActivityNode this[string id] => _byId[id];

    public IEnumerable<FlowConnection> From(string id) => _from[id];

    public IEnumerable<FlowConnection> To(string id) => _to[id];

    /// <summary>Whether control can get from one activity to another over connections; not by standing still.</summary>
    public bool CanReach(string from, string to)
    {
        lock (_reachable)
        {
            if (!_reachable.TryGetValue(from, out var targets)) _reachable[from] = targets = Walk(from);
            return targets.Contains(to);
        }
    }

    private HashSet<string> Walk(string from)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>();
        open.Push(from);
        while (open.TryPop(out var id))
        {
            foreach (var connection in _from[id])
            {
                if (seen.Add(connection.Target)) open.Push(connection.Target);
            }
        }

        return seen;
    }

    private List<ActivityNode> FindStarts(ActivityNode node)
    {
        var marked = node.Children.Where(child => child.Flag("canStartWorkflow") || child.Type == Start.TypeName).ToList();
        if (marked.Count > 0) return marked;

        // A flow in which nothing is marked begins wherever nothing leads to, and a pure circle with the first activity.
        var sources = node.Children.Where(child => !_to.Contains(child.Id)).ToList();
        return sources.Count > 0 ? sources : [.. node.Children.Take(1)];
    }

    private static IEnumerable<FlowConnection> ReadConnections(JsonObject json)
    {
        if (json["connections"] is not JsonArray connections) yield break;
        var index = 0;
        foreach (var item in connections)
        {
            var number = index++;
            if (Activity(item, "source") is not { } source || Activity(item, "target") is not { } target) continue;
            yield return new FlowConnection(number, source, Text(item!["source"], "port") ?? "Done", target);
        }
    }

    private static string? Activity(JsonNode? connection, string end) => connection is JsonObject ? Text(connection[end], "activity") : null;

    private static string? Text(JsonNode? node, string name) =>
        node is JsonObject json && json[name] is JsonValue value && value.TryGetValue(out string? text) && text.Length > 0 ? text : null;
}

/// <param name="Index">Its place in the definition's list.</param>
internal sealed record FlowConnection(int Index, string Source, string Port, string Target);
