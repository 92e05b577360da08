using System.Text.Json.Nodes;
using Sift.Workflows.Activities;
using Sift.Workflows.Definitions;

namespace Sift.Activities.Routines;

/// <summary>What a command is called and takes: the one source of its validation, schema, designer entry and activity inputs.</summary>
/// <param name="Name">The wire name, PascalCase, for example <c>GetDigits</c>.</param>
/// <param name="DisplayName">For the designer.</param>
/// <param name="Description">For the designer and the schema.</param>
public sealed record CommandShape(string Name, string DisplayName, string Description, IReadOnlyList<Parameter> Parameters)
{
    private ActivityDescriptor? _descriptor;

    /// <summary>What it hands to whatever follows it in a designed workflow.</summary>
    public IReadOnlyList<OutputDescriptor> Outputs { get; init; } = [];

    /// <summary>Outcome ports in the designer; none for a command that ends the call.</summary>
    public IReadOnlyList<string> Outcomes { get; init; } = ["Done"];

    /// <summary>Inputs that only a drawn flow has, such as the names of its own ports; a routine does not know them.</summary>
    public IReadOnlyList<InputDescriptor> FlowInputs { get; init; } = [];

    /// <summary>The one of <see cref="FlowInputs"/> that lists further ports; null when the ports are fixed.</summary>
    public string? DynamicOutcomesInput { get; init; }

    /// <summary>The activity type that executes it, for example <c>Sift.GetDigits</c>.</summary>
    public string ActivityType => "Sift." + Name;

    /// <summary>The command as an activity kind.</summary>
    public ActivityDescriptor Descriptor => _descriptor ??= new ActivityDescriptor(ActivityType, 1, "Call", DisplayName, Description)
    {
        Inputs = [.. Parameters.Select(static parameter => parameter.Describe()), .. FlowInputs],
        Outputs = Outputs,
        Outcomes = Outcomes,
        IsTerminal = Outcomes.Count == 0,
        DynamicOutcomesInput = DynamicOutcomesInput,
    };

    internal Parameter? Find(string wireName)
    {
        foreach (var parameter in Parameters)
        {
            if (parameter.Name == wireName || parameter.Aliases.Contains(wireName, StringComparer.Ordinal))
            {
                return parameter;
            }
        }

        return null;
    }

    /// <summary>
    /// Checks the evaluated inputs of an execution, because a designed workflow may compute them; faults the execution when one is bad.
    /// </summary>
    internal bool Accepts(ActivityContext context)
    {
        foreach (var parameter in Parameters)
        {
            var value = context.Input(parameter.InputName);
            var problem = value is not null ? parameter.Check(value) : parameter.IsRequired ? "is required" : null;
            if (problem is not null)
            {
                context.Fault($"{Name}: {parameter.Name} {problem}");
                return false;
            }
        }

        return true;
    }

    /// <summary>A child activity that runs the command with these arguments, keyed by wire name.</summary>
    internal ActivityNode ToNode(string id, string parentNodeId, IReadOnlyDictionary<string, JsonNode> arguments)
    {
        var inputs = new JsonObject();
        foreach (var parameter in Parameters)
        {
            if (arguments.TryGetValue(parameter.Name, out var value))
            {
                inputs[parameter.InputName] = value.DeepClone();
            }
        }

        return ActivityNode.Create(id, parentNodeId, ActivityType, inputs);
    }
}
