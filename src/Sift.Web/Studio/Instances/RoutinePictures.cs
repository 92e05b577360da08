using System.Globalization;
using System.Text.Json.Nodes;
using Sift.Activities.Calls;
using Sift.Activities.Routines;
using Sift.Web.Storage;
using Sift.Workflows.Activities;
using Sift.Workflows.Engine;
using Sift.Workflows.Journal;

namespace Sift.Web.Studio.Instances;

/// <summary>
/// A call that runs a routine follows a flow of three boxes, which tells a person nothing. Its viewer is given a picture instead: the
/// commands of the routine one after another, those that ran and those still to come, under the very node ids they have in the journal.
/// </summary>
internal sealed class RoutinePictures(InstanceReader instances, ActivityCatalog catalog, CallOptions options)
{
    private const string Prefix = "routine-";
    private const int PerRow = 3;
    private const int ColumnWidth = 230;
    private const int RowHeight = 120;

    /// <summary>The version id that the viewer is told: that of the picture when the instance runs a routine.</summary>
    public string VersionOf(InstanceSummary summary) =>
        summary.DefinitionId == options.ConnectionWorkflow ? Prefix + summary.InstanceId : summary.DefinitionVersionId;

    /// <summary>The instance that a picture's version id names; null for the ids of real versions.</summary>
    public static string? InstanceOf(string versionId) => versionId.StartsWith(Prefix, StringComparison.Ordinal) ? versionId[Prefix.Length..] : null;

    /// <summary>The picture as a definition; null when there is no such instance.</summary>
    public async ValueTask<JsonObject?> DrawAsync(string accountId, string instanceId, CancellationToken cancellationToken)
    {
        if (await instances.FindAsync(accountId, instanceId, cancellationToken) is not { } file)
        {
            return null;
        }

        var activities = new JsonArray();
        var connections = new JsonArray();
        string? before = null;
        foreach (var box in Boxes(file))
        {
            var index = activities.Count;
            activities.Add(Activity(box, index));
            if (before is not null)
            {
                connections.Add(new JsonObject
                {
                    ["source"] = new JsonObject { ["activity"] = before, ["port"] = catalog.Find(box.Before!, 1)?.Descriptor.Outcomes.FirstOrDefault() ?? "Done" },
                    ["target"] = new JsonObject { ["activity"] = box.Id, ["port"] = "In" },
                    ["vertices"] = new JsonArray(),
                });
            }

            before = box.Id;
        }

        var json = Row(file.Summary);
        json["options"] = new JsonObject();
        json["customProperties"] = new JsonObject();
        json["toolVersion"] = null;
        foreach (var list in (ReadOnlySpan<string>)["variables", "inputs", "outputs", "outcomes"])
        {
            json[list] = new JsonArray();
        }

        json["root"] = new JsonObject
        {
            ["type"] = "Elsa.Flowchart",
            ["version"] = 1,
            ["id"] = file.Graph.Root.Id,
            ["nodeId"] = file.Graph.Root.NodeId,
            ["name"] = "Routine",
            ["customProperties"] = new JsonObject(),
            ["metadata"] = new JsonObject(),
            ["variables"] = new JsonArray(),
            ["activities"] = activities,
            ["connections"] = connections,
        };
        return json;
    }

    /// <summary>The picture in a list of versions; the call list hides calls whose version it does not find.</summary>
    public async ValueTask<JsonObject?> ListedAsync(string accountId, string instanceId, CancellationToken cancellationToken) =>
        await instances.FindSummaryAsync(accountId, instanceId, cancellationToken) is { } summary ? Row(summary) : null;

    private static JsonObject Row(InstanceSummary summary) => new()
    {
        ["links"] = new JsonArray(),
        ["id"] = Prefix + summary.InstanceId,
        ["definitionId"] = summary.DefinitionId,
        ["name"] = "Routine",
        ["description"] = "The commands of this call.",
        ["version"] = summary.Version,
        ["isLatest"] = false,
        ["isPublished"] = false,
        ["isReadonly"] = true,
        ["isSystem"] = false,
        ["createdAt"] = summary.CreatedAt,
        ["materializerName"] = "Json",
        ["isMaterializerAvailable"] = true,
    };

    private static IEnumerable<Box> Boxes(InstanceFile file)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        string? before = null;
        foreach (var record in file.View.Activities)
        {
            var isCommand = CommandCatalog.Instance.Commands.Any(command => command.Shape.ActivityType == record.Type);
            if (isCommand && seen.Add(record.NodeId))
            {
                yield return new Box(record.NodeId.Replace(':', '-'), record.NodeId, record.ActivityId, record.Type, record.Inputs, before);
                before = record.Type;
            }
        }

        // What the routine that runs at present still has in store.
        if (file.View.Activities.LastOrDefault(record => record is { Type: "Sift.RunRoutine", Status: ActivityStatus.Running }) is not { } routine
            || routine.Inputs["Routine"] is not JsonArray commands)
        {
            yield break;
        }

        for (var i = 0; i < commands.Count; i++)
        {
            if (commands[i] is not JsonObject command || CommandCatalog.Instance.Find(command.Text("name") ?? "") is not { } known)
            {
                continue;
            }

            var id = string.Create(CultureInfo.InvariantCulture, $"{known.Shape.Name}{i + 1}");
            var nodeId = $"{routine.NodeId}:{id}";
            if (seen.Add(nodeId))
            {
                yield return new Box(nodeId.Replace(':', '-'), nodeId, id, known.Shape.ActivityType, Arguments(known.Shape, command), before);
                before = known.Shape.ActivityType;
            }
        }
    }

    private static JsonObject Arguments(CommandShape shape, JsonObject command)
    {
        var inputs = new JsonObject();
        foreach (var parameter in shape.Parameters)
        {
            if (command[parameter.Name] is { } value)
            {
                inputs[parameter.InputName] = value.DeepClone();
            }
        }

        return inputs;
    }

    private static JsonObject Activity(Box box, int index)
    {
        var json = new JsonObject
        {
            ["id"] = box.Id,
            ["nodeId"] = box.NodeId,
            ["name"] = box.Name,
            ["type"] = box.Type,
            ["version"] = 1,
            ["customProperties"] = new JsonObject(),
            ["metadata"] = new JsonObject
            {
                ["designer"] = new JsonObject
                {
                    ["position"] = new JsonObject { ["x"] = (index % PerRow) * ColumnWidth, ["y"] = (index / PerRow) * RowHeight },
                    ["size"] = new JsonObject { ["width"] = 180, ["height"] = 56 },
                },
            },
        };
        foreach (var (name, value) in box.Inputs)
        {
            if (value is not null)
            {
                // A bare value instead of the wrapper raises the page's error bar.
                json[System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(name)] = new JsonObject
                {
                    ["typeName"] = null,
                    ["expression"] = new JsonObject { ["type"] = "Literal", ["value"] = value.GetValueKind() == System.Text.Json.JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString() },
                    ["memoryReference"] = null,
                };
            }
        }

        return json;
    }

    private sealed record Box(string Id, string NodeId, string Name, string Type, JsonObject Inputs, string? Before);
}
