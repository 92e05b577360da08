using Sift.Workflows.Activities;
using Sift.Workflows.Expressions;

namespace Sift.Workflows.Definitions;

/// <summary>What the engine works out once per node: its activity, its compiled inputs, where its outputs go.</summary>
internal sealed record NodePlan(ActivityCatalog Catalog, IActivity Activity, NodeInput[] Inputs, NodeOutput[] Outputs)
{
    /// <summary>Whether some input must be evaluated at each start, and then journalled.</summary>
    public bool HasDynamicInputs { get; } = Array.Exists(Inputs, input => !input.Expression.IsConstant);
}

internal sealed record NodeInput(InputDescriptor Descriptor, InputExpression Expression);

/// <param name="VariableId">The id in the output's memory reference.</param>
internal sealed record NodeOutput(string Name, string VariableId);
