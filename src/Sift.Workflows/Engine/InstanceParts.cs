using System.Text.Json.Nodes;
using Sift.Workflows.Activities;
using Sift.Workflows.Definitions;

namespace Sift.Workflows.Engine;

/// <summary>One running execution of an activity.</summary>
internal sealed class Execution(long id, Execution? parent, string? slot, ActivityNode node, NodePlan plan, JsonObject? inputs)
{
    private string? _name;

    /// <summary>The sequence of the event that started it.</summary>
    public long Id { get; } = id;

    public string Name => _name ??= Id.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public Execution? Parent { get; } = parent;

    public string? Slot { get; } = slot;

    public ActivityNode Node { get; } = node;

    public NodePlan Plan { get; } = plan;

    /// <summary>Evaluated inputs that are not constant.</summary>
    public JsonObject? Inputs { get; } = inputs;

    public JsonNode? State { get; set; }

    /// <summary>Running children in the order they were started.</summary>
    public List<Execution>? Children { get; set; }

    /// <summary>False once it completed, faulted or was cancelled.</summary>
    public bool IsLive { get; set; } = true;
}

internal sealed record Bookmark(Execution Execution, string Name, string? Key);

internal sealed record ArmedTimer(Execution Execution, string Key, DateTimeOffset DueAt, long Order);

internal sealed record KnownEffect(long Sequence, long Execution, Effect Effect, bool Started);
