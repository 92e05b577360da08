using System.Text.Json;
using System.Text.Json.Nodes;
using Sift.Workflows.Activities.Flow;
using Sift.Workflows.Definitions;
using Sift.Workflows.Expressions;

namespace Sift.Workflows.Activities;

/// <summary>Every kind of activity that can run, by type name and version. The flow activities of the engine are always in it.</summary>
public sealed class ActivityCatalog
{
    private readonly Dictionary<(string Type, int Version), IActivity> _byVersion = [];
    private readonly Dictionary<string, IActivity> _newest = new(StringComparer.Ordinal);

    public ActivityCatalog(IEnumerable<IActivity> activities)
    {
        foreach (var activity in FlowActivities.All().Concat(activities)) Add(activity);
    }

    public IEnumerable<ActivityDescriptor> Descriptors => _byVersion.Values.Select(activity => activity.Descriptor);

    /// <summary>The activity of that version, else the newest of that type; null when the type is unknown.</summary>
    public IActivity? Find(string type, int version) =>
        _byVersion.TryGetValue((type, version), out var exact) ? exact : _newest.GetValueOrDefault(type);

    /// <summary>What runs a node. Null when its type is unknown.</summary>
    internal NodePlan? PlanOf(ActivityNode node)
    {
        if (node.Plan is { } known && ReferenceEquals(known.Catalog, this)) return known;
        if (Find(node.Type, node.Version) is not { } activity) return null;

        var inputs = new NodeInput[activity.Descriptor.Inputs.Count];
        for (var i = 0; i < inputs.Length; i++)
        {
            var descriptor = activity.Descriptor.Inputs[i];
            inputs[i] = new NodeInput(descriptor, InputExpression.Compile(Member(node.Json, descriptor.Name), descriptor));
        }

        var outputs = new List<NodeOutput>();
        foreach (var output in activity.Descriptor.Outputs)
        {
            if (Member(node.Json, output.Name) is JsonObject wrapper
                && wrapper["memoryReference"] is JsonObject reference
                && reference["id"] is JsonValue id && id.TryGetValue(out string? variable))
            {
                outputs.Add(new NodeOutput(output.Name, variable));
            }
        }

        return node.Plan = new NodePlan(this, activity, inputs, [.. outputs]);
    }

    private static JsonNode? Member(JsonObject json, string name) => json[JsonNamingPolicy.CamelCase.ConvertName(name)] ?? json[name];

    private void Add(IActivity activity)
    {
        var descriptor = activity.Descriptor;
        if (!_byVersion.TryAdd((descriptor.TypeName, descriptor.Version), activity))
        {
            throw new ArgumentException($"Two activities are called {descriptor.TypeName} version {descriptor.Version}.");
        }

        if (!_newest.TryGetValue(descriptor.TypeName, out var other) || other.Descriptor.Version < descriptor.Version)
        {
            _newest[descriptor.TypeName] = activity;
        }
    }
}
