using System.Security.Claims;
using System.Text.Json.Nodes;
using Sift.Web.Accounts;
using Sift.Web.Studio.Instances;
using Sift.Workflows.Definitions;
using Sift.Workflows.Engine;
using Sift.Workflows.Journal;

namespace Sift.Web.Studio.Definitions;

/// <summary>
/// The test tab of an activity: its first step in an engine of its own, without effects. Inputs are evaluated and checked as in a call;
/// an activity that would wait for a caller or a timer is shown as running.
/// </summary>
internal static class TestActivity
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/tests/activities", HandleAsync);

    private static async Task<IResult> HandleAsync(
        HttpContext http, ClaimsPrincipal user, DefinitionAnswers answers, WorkflowCore core, TimeProvider time, CancellationToken cancellationToken)
    {
        var body = await StudioJson.ReadAsync(http.Request, cancellationToken) ?? [];
        var handle = body["workflowDefinitionHandle"] as JsonObject ?? [];
        var definition = handle.Text("definitionVersionId") is { } version
            ? await answers.FindVersionAsync(user.AccountId(), version, cancellationToken)
            : handle.Text("definitionId") is { } flow ? await answers.FindAsync(user.AccountId(), flow, handle.Text("versionOptions"), cancellationToken) : null;
        var nodeId = (body["activityHandle"] as JsonObject)?.Text("activityNodeId");
        var activityId = (body["activityHandle"] as JsonObject)?.Text("activityId");
        if (definition is null || new WorkflowGraph(definition).Nodes.FirstOrDefault(node => node.NodeId == nodeId || node.Id == activityId) is not { } found)
        {
            return StudioJson.NotFound("activity");
        }

        var alone = definition.With(("root", new JsonObject
        {
            ["type"] = "Elsa.Sequence",
            ["id"] = "test",
            ["nodeId"] = "test",
            ["version"] = 1,
            ["activities"] = new JsonArray(found.Json.DeepClone()),
        }));
        var graph = new WorkflowGraph(WorkflowDefinition.Parse(alone.Json));
        var state = core.NewState("test", graph);
        var start = new InstanceInput(new InstanceStarted(definition.DefinitionId, definition.Id, definition.Version, [], user.AccountId(), null, "test"));
        var activation = WorkflowCore.Activate(state, start, time.GetUtcNow())!;
        var view = InstanceView.Of(core, graph, JournalEncoding.Encode("test", activation.FirstSequence, activation.At, activation.Events));
        var record = view.Activities.FirstOrDefault(activity => activity.ActivityId == found.Id);
        return StudioJson.Ok(new JsonObject
        {
            ["activityState"] = record?.Inputs.DeepClone() ?? new JsonObject(),
            ["outputs"] = record?.Outputs?.DeepClone() ?? new JsonObject(),
            ["payload"] = record?.Outcome is { } outcome ? new JsonObject { ["Outcomes"] = new JsonArray(outcome) } : null,
            ["exception"] = record?.Fault is { } fault ? ActivityRecords.Exception(fault, null) : null,
            ["status"] = record is null ? "Pending" : record.Status.ToString(),
        });
    }
}
