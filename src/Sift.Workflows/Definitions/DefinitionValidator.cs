using System.Text.Json.Nodes;
using Sift.Workflows.Activities;
using Sift.Workflows.Activities.Flow;
using Sift.Workflows.Expressions;

namespace Sift.Workflows.Definitions;

/// <summary>Says everything that is wrong with a definition, all at once.</summary>
public sealed class DefinitionValidator(ActivityCatalog catalog)
{
    public IReadOnlyList<DefinitionProblem> Validate(WorkflowDefinition definition)
    {
        var problems = new List<DefinitionProblem>();
        var graph = new WorkflowGraph(definition);
        if (graph.Root.Type is not (Flowchart.TypeName or Sequence.TypeName))
        {
            problems.Add(new DefinitionProblem(graph.Root.Id, $"The root must be a flowchart or a sequence, not '{graph.Root.Type}'."));
            return problems;
        }

        var variables = graph.Variables.Select(variable => variable.Name).ToHashSet(StringComparer.Ordinal);
        variables.UnionWith(graph.Variables.Select(variable => variable.Id));
        Walk(graph.Root, variables, problems);
        return problems;
    }

    private void Walk(ActivityNode node, HashSet<string> variables, List<DefinitionProblem> problems)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var child in node.Children)
        {
            if (!ids.Add(child.Id)) problems.Add(new DefinitionProblem(child.Id, $"Two activities have the id '{child.Id}'."));
            CheckActivity(child, variables, problems);
            if (child.Children.Count > 0) Walk(child, variables, problems);
        }

        if (node.Type == Flowchart.TypeName) CheckConnections(node, problems);
        if (node.Children.Count == 0) problems.Add(new DefinitionProblem(node.Id, $"{Named(node)} holds no activities."));
    }

    private void CheckActivity(ActivityNode node, HashSet<string> variables, List<DefinitionProblem> problems)
    {
        if (catalog.PlanOf(node) is not { } plan)
        {
            problems.Add(new DefinitionProblem(node.Id, $"{Named(node)}: there is no activity type '{node.Type}'."));
            return;
        }

        foreach (var (descriptor, expression) in plan.Inputs)
        {
            if (expression.Error is { } error)
            {
                problems.Add(new DefinitionProblem(node.Id, $"{Named(node)}, input '{descriptor.DisplayName}': {error}."));
            }
            else if (expression.IsMissing && descriptor.IsRequired)
            {
                problems.Add(new DefinitionProblem(node.Id, $"{Named(node)}: input '{descriptor.DisplayName}' is required."));
            }
            else if (expression.VariableName is { } name && !variables.Contains(name) && name != ConnectionVariable)
            {
                problems.Add(new DefinitionProblem(node.Id, $"{Named(node)}, input '{descriptor.DisplayName}': there is no variable '{name}'.", IsWarning: true));
            }
        }

        foreach (var (output, variable) in plan.Outputs)
        {
            if (!variables.Contains(variable))
            {
                problems.Add(new DefinitionProblem(node.Id, $"{Named(node)}, output '{output}': there is no variable '{variable}'.", IsWarning: true));
            }
        }
    }

    private void CheckConnections(ActivityNode node, List<DefinitionProblem> problems)
    {
        var structure = FlowchartStructure.Of(node);
        foreach (var connection in structure.Connections)
        {
            foreach (var end in new[] { connection.Source, connection.Target })
            {
                if (!structure.Has(end))
                {
                    problems.Add(new DefinitionProblem(end, $"The connection {connection.Source} → {connection.Target} leads to '{end}', which does not exist."));
                }
            }

            if (structure.Has(connection.Source) && !HasPort(structure[connection.Source], connection.Port))
            {
                problems.Add(new DefinitionProblem(
                    connection.Source, $"{Named(structure[connection.Source])} has no outcome '{connection.Port}'; the connection is never followed.", IsWarning: true));
            }
        }

        foreach (var child in node.Children)
        {
            var reachable = structure.Starts.Any(start => start.Id == child.Id || structure.CanReach(start.Id, child.Id));
            if (!reachable) problems.Add(new DefinitionProblem(child.Id, $"{Named(child)} is never reached.", IsWarning: true));
        }
    }

    private bool HasPort(ActivityNode node, string port)
    {
        if (port == Flowchart.FaultedPort || catalog.PlanOf(node) is not { } plan) return true;
        var descriptor = plan.Activity.Descriptor;
        if (descriptor.Outcomes.Contains(port) || (descriptor.Outcomes.Count == 0 && port == "Done")) return true;
        if (descriptor.DynamicOutcomesInput is not { } input) return false;

        var listed = Array.Find(plan.Inputs, candidate => candidate.Descriptor.Name == input)?.Expression;
        return listed is not { IsConstant: true, Error: null }
            || (listed.Evaluate(NoValues.Instance) is JsonArray ports && ports.Any(item => ValueConversion.AsText(item) == port));
    }

    private static string Named(ActivityNode node) => $"{node.Name} ({node.Type})";

    private sealed class NoValues : IValueScope
    {
        public static readonly NoValues Instance = new();

        public JsonObject Input { get; } = [];

        public JsonObject? Last => null;

        public bool TryVariable(string name, out JsonNode? value)
        {
            value = null;
            return false;
        }

        public JsonObject? OutputsOf(string activity) => null;
    }

    private const string ConnectionVariable = "connection";
}
