using Sift.Web.Storage;
using System.Security.Claims;
using System.Text.Json.Nodes;
using Sift.Web.Accounts;
using Sift.Workflows.Engine;

namespace Sift.Web.Studio.Instances;

/// <summary>What ran at a node: badges, records and call stacks of the viewer.</summary>
internal static class ActivityExecutions
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/activity-executions/report", ReportAsync);
        api.MapGet("/activity-executions/list", ListAsync);
        api.MapGet("/activity-execution-summaries/list", ListAsync);
        api.MapGet("/activity-executions/by-id", ByIdAsync);
        api.MapGet("/activity-executions/{id}/call-stack", CallStackAsync);
    }

    private static async Task<IResult> ReportAsync(HttpContext http, ClaimsPrincipal user, InstanceReader instances, CancellationToken cancellationToken)
    {
        var body = await StudioJson.ReadAsync(http.Request, cancellationToken) ?? [];
        var nodes = body.Texts("activityNodeIds");
        return await instances.FindAsync(user.AccountId(), body.Text("workflowInstanceId") ?? "", cancellationToken) is { } file
            ? StudioJson.Ok(new JsonObject { ["stats"] = ActivityRecords.Stats(file, nodes) })
            : StudioJson.NotFound("instance");
    }

    private static async Task<IResult> ListAsync(HttpContext http, ClaimsPrincipal user, InstanceReader instances, CancellationToken cancellationToken)
    {
        var query = http.Request.Query;
        if (await instances.FindAsync(user.AccountId(), query["WorkflowInstanceId"].ToString(), cancellationToken) is not { } file)
        {
            return StudioJson.NotFound("instance");
        }

        var node = query["ActivityNodeId"].ToString();
        var nodes = query["ActivityNodeIds"].OfType<string>().Where(id => id.Length > 0).ToHashSet(StringComparer.Ordinal);
        if (node.Length > 0)
        {
            nodes.Add(node);
        }

        // That of the root is left out. While it runs the viewer would ask for it every second; with it the Input/Output tab breaks the page,
        // because the viewer has no descriptor for what it takes for the whole flow.
        var records = file.View.Activities.Where(record => (nodes.Count == 0 || nodes.Contains(record.NodeId)) && record.ParentId is not null);
        return StudioJson.Items([.. records.Select(record => (JsonNode)ActivityRecords.Of(file, record))]);
    }

    private static async Task<IResult> ByIdAsync(string? id, ClaimsPrincipal user, InstanceReader instances, CancellationToken cancellationToken) =>
        await FindAsync(id, user, instances, cancellationToken) is var (file, record) ? StudioJson.Ok(ActivityRecords.Of(file, record)) : StudioJson.NotFound("execution");

    private static async Task<IResult> CallStackAsync(string id, ClaimsPrincipal user, InstanceReader instances, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, user, instances, cancellationToken) is not var (file, record))
        {
            return StudioJson.NotFound("execution");
        }

        var stack = new JsonArray();
        for (var current = record; current is not null; current = current.ParentId is { } parent ? ActivityRecords.Find(file, parent) : null)
        {
            stack.Insert(0, ActivityRecords.Of(file, current));
        }

        return StudioJson.Ok(new JsonObject { ["activityExecutionId"] = id, ["items"] = stack, ["totalCount"] = stack.Count });
    }

    private static async ValueTask<(InstanceFile File, ActivityRecord Record)?> FindAsync(string? id, ClaimsPrincipal user, InstanceReader instances, CancellationToken cancellationToken) =>
        ActivityRecords.Split(id ?? "") is var (instance, execution)
        && await instances.FindAsync(user.AccountId(), instance, cancellationToken) is { } file
        && ActivityRecords.Find(file, execution) is { } record
            ? (file, record)
            : null;
}
