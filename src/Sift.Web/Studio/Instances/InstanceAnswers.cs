using Sift.Web.Storage;
using Sift.Web.Workflows;
using System.Text.Json.Nodes;
using Sift.Workflows.Engine;
using Sift.Workflows.Journal;

namespace Sift.Web.Studio.Instances;

/// <summary>Instances in the form that Studio shows (contract 6.6).</summary>
internal sealed class InstanceAnswers(RoutinePictures routines)
{
    public JsonObject Summary(InstanceSummary summary) => new()
    {
        ["id"] = summary.InstanceId,
        ["definitionId"] = summary.DefinitionId,
        ["definitionVersionId"] = routines.VersionOf(summary),
        ["version"] = summary.Version,
        ["status"] = summary.Status,
        ["subStatus"] = summary.SubStatus,
        ["correlationId"] = summary.CorrelationId,
        ["name"] = summary.Name,
        ["incidentCount"] = summary.IncidentCount,
        ["createdAt"] = summary.CreatedAt,
        ["updatedAt"] = summary.UpdatedAt,
        ["finishedAt"] = summary.FinishedAt,
    };

    public JsonObject Full(InstanceFile file)
    {
        var json = Summary(file.Summary);
        json["workflowState"] = new JsonObject
        {
            ["id"] = file.Summary.InstanceId,
            ["definitionId"] = file.Summary.DefinitionId,
            ["definitionVersionId"] = routines.VersionOf(file.Summary),
            ["definitionVersion"] = file.Summary.Version,
            ["status"] = file.Summary.Status,
            ["subStatus"] = file.Summary.SubStatus,
            ["incidents"] = new JsonArray([.. file.View.Incidents.Select(incident => (JsonNode)Incident(incident))]),
            ["input"] = new JsonObject(file.View.Input.Where(pair => pair.Key != InstanceSteps.PlanVariable).Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone()))),
            ["output"] = new JsonObject(),
            ["properties"] = new JsonObject(),
            ["bookmarks"] = new JsonArray([.. file.View.Bookmarks.Select(mark => (JsonNode)new JsonObject
            {
                ["id"] = $"{mark.ExecutionId}:{mark.Name}:{mark.Key}",
                ["name"] = mark.Name,
                ["activityNodeId"] = mark.NodeId,
                ["activityInstanceId"] = mark.ExecutionId,
            })]),
            ["completionCallbacks"] = new JsonArray(),
            ["activityExecutionContexts"] = new JsonArray(),
        };
        return json;
    }

    public static JsonArray Variables(InstanceFile file)
    {
        var items = new JsonArray();
        foreach (var (name, value) in file.View.Variables)
        {
            if (name == InstanceSteps.PlanVariable)
            {
                continue;
            }

            var declared = file.Graph.Variables.FirstOrDefault(variable => variable.Name == name);
            items.Add(new JsonObject { ["id"] = declared?.Id ?? name, ["name"] = name, ["value"] = value?.DeepClone() });
        }

        return items;
    }

    public static JsonObject Incident(IncidentRecord incident) => new()
    {
        ["activityId"] = incident.ActivityId ?? "",
        ["activityNodeId"] = incident.NodeId ?? "",
        ["activityType"] = incident.ActivityType ?? "",
        ["message"] = incident.Message,

        // The viewer takes the heading of an incident from here; without it there is a bar that says nothing.
        ["exception"] = ActivityRecords.Exception(incident.Message, incident.Source ?? incident.ActivityType ?? "Sift.Fault"),
        ["timestamp"] = incident.At,
    };
}
