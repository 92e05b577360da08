using System.Text.Json.Nodes;
using Sift.Web.Connections;
using Sift.Web.Hosting;
using Sift.Workflows.Activities;
using Sift.Workflows.Definitions;
using Sift.Workflows.Engine;

namespace Sift.Web.Studio;

/// <summary>
/// Runs a flow for the person who draws it: one that talks to a caller is put on a call to the test phone, any other simply runs. A draft
/// is kept as it is from then on, because its instance follows it; the next save makes a new version.
/// </summary>
internal sealed class TestCalls(
    StudioSettings settings, Configuration configuration, ActivityCatalog catalog, DefinitionLibrary library, ICallControl calls, IWorkflowRuntime runtime)
{
    /// <summary>The sandbox phone that answers and sends back what it hears.</summary>
    private const string EchoNumber = "+15550100001";

    /// <returns>The id of the instance; null when there is no phone to call.</returns>
    /// <exception cref="DefinitionInvalidException">The flow has errors.</exception>
    public async ValueTask<string?> RunAsync(string accountId, WorkflowDefinition definition, JsonObject? input, CancellationToken cancellationToken)
    {
        if (await library.FreezeAsync(definition.Id, cancellationToken) is not { } frozen)
        {
            return null;
        }

        var id = Ids.New();
        if (!NeedsCall(frozen))
        {
            await runtime.StartAsync(new InstanceStart(id, frozen.DefinitionId, frozen.Id, input ?? []) { AccountId = accountId, Name = "test run" }, cancellationToken);
            return id;
        }

        if ((settings.TestNumber ?? (configuration.SandboxEnabled ? EchoNumber : null)) is not { } number)
        {
            return null;
        }

        await calls.PlaceAsync(
            new CallRequest(id, accountId, number, null, null, null, null) { Workflow = new CallWorkflow(frozen.DefinitionId, frozen.Id, input) }, cancellationToken);
        return id;
    }

    private bool NeedsCall(WorkflowDefinition definition) =>
        new WorkflowGraph(definition).Nodes.Any(node => catalog.Find(node.Type, node.Version)?.Descriptor.Category == "Call");
}
