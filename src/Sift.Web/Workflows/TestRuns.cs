using System.Text.Json.Nodes;
using Sift.Web.Connections;
using Sift.Web.Hosting;
using Sift.Workflows.Activities;
using Sift.Workflows.Definitions;
using Sift.Workflows.Engine;
using Sift.Workflows.Journal;

namespace Sift.Web.Workflows;

/// <summary>How a flow is tried out.</summary>
internal sealed record TestRun
{
    public JsonObject? Input { get; init; }

    /// <summary>Node ids of the activities that hold it; null for those that are marked in the flow.</summary>
    public IReadOnlyList<string>? Breakpoints { get; init; }

    /// <summary>Held at every activity.</summary>
    public bool IsStepping { get; init; }

    /// <summary>How long it is held at one place; null for the configured limit.</summary>
    public TimeSpan? Limit { get; init; }

    /// <summary>The phone to call; null for the test phone.</summary>
    public string? PhoneNumber { get; init; }
}

/// <summary>
/// Runs a flow for the person who draws it: one that talks to a caller is put on a call to the test phone, any other simply runs. A draft
/// is kept as it is from then on, because its instance follows it; the next save makes a new version. Breakpoints hold only such runs.
/// </summary>
internal sealed class TestRuns(
    StudioSettings settings, Configuration configuration, ActivityCatalog catalog, DefinitionLibrary library, ICallControl calls, IWorkflowRuntime runtime)
{
    /// <summary>The sandbox phone that answers and sends back what it hears.</summary>
    private const string EchoNumber = "+15550100001";

    /// <param name="id">The instance, and the connection when the flow needs one.</param>
    /// <returns>False when there is no phone to call, or no such version any more.</returns>
    /// <exception cref="DefinitionInvalidException">The flow has errors.</exception>
    public async ValueTask<bool> RunAsync(string id, string accountId, WorkflowDefinition definition, TestRun run, CancellationToken cancellationToken)
    {
        if (await library.FreezeAsync(definition.Id, cancellationToken) is not { } frozen)
        {
            return false;
        }

        var graph = new WorkflowGraph(frozen);
        var breakpoints = run.Breakpoints ?? Breakpoints.MarkedIn(graph);
        var hold = run.IsStepping || breakpoints.Count > 0 ? new HoldPlan(breakpoints, run.IsStepping, run.Limit ?? TimeSpan.FromSeconds(settings.HoldSeconds)) : null;
        if (!graph.Nodes.Any(node => catalog.Find(node.Type, node.Version)?.Descriptor.Category == CallCategory))
        {
            await runtime.StartAsync(
                new InstanceStart(id, frozen.DefinitionId, frozen.Id, run.Input ?? []) { AccountId = accountId, Name = "test run", Hold = hold }, cancellationToken);
            return true;
        }

        if ((run.PhoneNumber ?? settings.TestNumber ?? (configuration.SandboxEnabled ? EchoNumber : null)) is not { } number)
        {
            return false;
        }

        await calls.PlaceAsync(
            new CallRequest(id, accountId, number, null, null, null, null) { Workflow = new CallWorkflow(frozen.DefinitionId, frozen.Id, run.Input) { Hold = hold } }, cancellationToken);
        return true;
    }

    /// <summary>The category of activities that need a phone.</summary>
    public const string CallCategory = "Call";
}
