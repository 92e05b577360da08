using Sift.Web.Storage;
using System.Globalization;
using System.Text.Json.Nodes;
using Sift.Workflows.Engine;

namespace Sift.Web.Studio.Instances;

/// <summary>Executions of activities in the form that Studio shows (contract 6.8).</summary>
internal static class ActivityRecords
{
    /// <summary>Names an execution over all instances.</summary>
    public static string IdOf(InstanceFile file, string executionId) => $"{file.Summary.InstanceId}-{executionId}";

    public static (string InstanceId, string ExecutionId)? Split(string id) =>
        id.LastIndexOf('-') is > 0 and var dash ? (id[..dash], id[(dash + 1)..]) : null;

    public static JsonObject Of(InstanceFile file, ActivityRecord record) => new()
    {
        ["id"] = IdOf(file, record.ExecutionId),
        ["workflowInstanceId"] = file.Summary.InstanceId,
        ["activityId"] = record.ActivityId,
        ["activityNodeId"] = record.NodeId,
        ["activityType"] = record.Type,
        ["activityTypeVersion"] = record.Version,
        ["activityName"] = record.Name,
        ["startedAt"] = record.StartedAt,
        ["completedAt"] = record.EndedAt,
        ["status"] = record.Status.ToString(),
        ["hasBookmarks"] = file.View.Bookmarks.Any(mark => mark.ExecutionId == record.ExecutionId),
        ["aggregateFaultCount"] = record.Status == ActivityStatus.Faulted ? 1 : 0,
        ["exception"] = record.Fault is { } fault ? Exception(fault, null) : null,
        ["metadata"] = new JsonObject(),
        ["properties"] = new JsonObject(),
        ["activityState"] = record.Inputs.DeepClone(),
        ["outputs"] = record.Outputs?.DeepClone() ?? new JsonObject(),
        ["payload"] = record.Outcome is { } outcome ? new JsonObject { ["Outcomes"] = new JsonArray(outcome) } : new JsonObject(),
    };

    /// <summary>One entry for each node asked for, those that have not run too.</summary>
    public static JsonArray Stats(InstanceFile file, IEnumerable<string> nodeIds)
    {
        var known = file.View.Stats().ToDictionary(stats => stats.NodeId, StringComparer.Ordinal);
        return new JsonArray([.. nodeIds.Select(nodeId => (JsonNode)Stats(nodeId, known.GetValueOrDefault(nodeId)))]);
    }

    public static JsonObject Stats(string nodeId, NodeStats? stats) => new()
    {
        ["activityId"] = stats?.ActivityId ?? nodeId[(nodeId.LastIndexOf(':') + 1)..],
        ["activityNodeId"] = nodeId,
        ["startedCount"] = stats?.Started ?? 0,
        ["completedCount"] = stats?.Completed ?? 0,
        ["uncompletedCount"] = stats?.Uncompleted ?? 0,
        ["isBlocked"] = stats?.IsBlocked ?? false,
        ["isFaulted"] = stats?.IsFaulted ?? false,
        ["metadata"] = new JsonObject(),
    };

    public static JsonObject Exception(string message, string? type) => new()
    {
        ["type"] = type ?? "Sift.ActivityFault",
        ["message"] = message,
        ["stackTrace"] = null,
        ["innerException"] = null,
    };

    public static ActivityRecord? Find(InstanceFile file, string executionId) =>
        long.TryParse(executionId, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? file.View.Activities.FirstOrDefault(record => record.ExecutionId == executionId) : null;
}
