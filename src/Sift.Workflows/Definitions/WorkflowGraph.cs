using System.Text.Json.Nodes;
using Sift.Workflows.Activities.Flow;

namespace Sift.Workflows.Definitions;

/// <summary>A definition version made ready to run; shared by all its instances.</summary>
public sealed class WorkflowGraph
{
    private readonly Dictionary<string, ActivityNode> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _variableNames = new(StringComparer.Ordinal);

    public WorkflowGraph(WorkflowDefinition definition)
    {
        Definition = definition;
        Root = ActivityNode.Parse((JsonObject)definition.Json["root"]!, null);
        Add(Root);
        Variables = [.. ReadVariables(definition)];
        foreach (var variable in Variables) _variableNames[variable.Id] = variable.Name;
    }

    public WorkflowDefinition Definition { get; }

    public ActivityNode Root { get; }

    public IReadOnlyList<WorkflowVariable> Variables { get; }

    public IEnumerable<ActivityNode> Nodes => _nodes.Values;

    public ActivityNode? Find(string nodeId) => _nodes.GetValueOrDefault(nodeId);

    /// <summary>Whether this very node is part of the definition, not made at run time.</summary>
    public bool Contains(ActivityNode node) => _nodes.TryGetValue(node.NodeId, out var known) && ReferenceEquals(known, node);

    /// <summary>Every activity that may begin after that one has ended, by whatever port, with all that is in them.</summary>
    public IEnumerable<ActivityNode> MayFollow(ActivityNode node)
    {
        for (var current = node; ParentOf(current) is { } parent; current = parent)
        {
            var next = parent.Type == Flowchart.TypeName
                ? parent.Children.Where(child => FlowchartStructure.Of(parent).CanReach(current.Id, child.Id))
                : parent.Children.SkipWhile(child => child.Id != current.Id).Skip(1);
            foreach (var follower in next.SelectMany(WithAll)) yield return follower;
        }
    }

    private ActivityNode? ParentOf(ActivityNode node) => node.NodeId.LastIndexOf(':') is > 0 and var end ? Find(node.NodeId[..end]) : null;

    private static IEnumerable<ActivityNode> WithAll(ActivityNode node) => node.Children.SelectMany(WithAll).Prepend(node);

    /// <summary>Outputs name a variable by id; flows written by hand may use its name.</summary>
    internal string VariableName(string id) => _variableNames.GetValueOrDefault(id, id);

    internal static ActivityNode RuntimeNode(JsonObject json, string nodeId)
    {
        var node = ActivityNode.Parse(json, null);
        return node with { NodeId = nodeId };
    }

    private void Add(ActivityNode node)
    {
        // Two activities of one id cannot be told apart; the validator says so, and the first one runs.
        _nodes.TryAdd(node.NodeId, node);
        foreach (var child in node.Children) Add(child);
    }

    private static IEnumerable<WorkflowVariable> ReadVariables(WorkflowDefinition definition)
    {
        foreach (var source in new[] { definition.Json["variables"], definition.Json["root"]?["variables"] })
        {
            if (source is not JsonArray variables) continue;
            foreach (var item in variables)
            {
                if (item is not JsonObject variable || variable["name"] is not JsonValue n || !n.TryGetValue(out string? name)) continue;
                var id = variable["id"] is JsonValue i && i.TryGetValue(out string? text) ? text : name;
                yield return new WorkflowVariable(id, name, DefaultOf(variable));
            }
        }
    }

    private static JsonNode? DefaultOf(JsonObject variable)
    {
        if (variable["value"] is not { } value) return null;
        var type = variable["typeName"] is JsonValue t && t.TryGetValue(out string? name) ? name : "Object";
        if (variable["isArray"] is JsonValue array && array.TryGetValue(out bool isArray) && isArray) type = "Object";
        return Expressions.ValueConversion.TryConvert(value, type, out var converted, out _) ? converted : value;
    }
}

/// <summary>A variable declared by a definition.</summary>
public sealed record WorkflowVariable(string Id, string Name, JsonNode? Default);
