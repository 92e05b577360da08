using Sift.Web.Storage;
using System.Globalization;
using System.Security.Claims;
using System.Text.Json.Nodes;
using Sift.Web.Accounts;
using Sift.Workflows.Engine;
using Sift.Workflows.Journal;

namespace Sift.Web.Studio.Instances;

/// <summary>The journal of an instance as the viewer lists it: what happened to which activity, in order.</summary>
internal static class InstanceJournal
{
    private const int LargestPage = 1000;

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/workflow-instances/{id}/journal", HandleAsync);

    private static async Task<IResult> HandleAsync(string id, int? skip, int? take, HttpContext http, ClaimsPrincipal user, InstanceReader instances, CancellationToken cancellationToken)
    {
        if (await instances.FindAsync(user.AccountId(), id, cancellationToken) is not { } file)
        {
            return StudioJson.NotFound("instance");
        }

        var filter = (await StudioJson.ReadAsync(http.Request, cancellationToken))?["filter"] as JsonObject ?? [];
        var (nodes, activities, excluded, events) = (Set("activityNodeIds"), Set("activityIds"), Set("excludedActivityTypes"), Set("eventNames"));
        var lines = Lines(file).Where(line =>
            (nodes.Count == 0 || nodes.Contains(line.Record.NodeId) || nodes.Contains(file.DrawnNodeOf(line.Record.NodeId)))
            && (activities.Count == 0 || activities.Contains(line.Record.ActivityId))
            && !excluded.Contains(line.Record.Type)
            && (events.Count == 0 || events.Contains(line.Event))).ToList();
        var page = lines.Skip(Math.Max(0, skip ?? 0)).Take(Math.Clamp(take ?? LargestPage, 0, LargestPage));
        return StudioJson.Ok(new JsonObject
        {
            ["items"] = new JsonArray([.. page.Select(line => (JsonNode)Describe(file, line))]),
            ["totalCount"] = lines.Count,
        });

        HashSet<string> Set(string name) => filter.Texts(name).ToHashSet(StringComparer.Ordinal);
    }

    internal static IEnumerable<Line> Lines(InstanceFile file)
    {
        var records = file.View.Activities.ToDictionary(record => record.Sequence);
        var suspended = new HashSet<long>();
        foreach (var entry in file.Entries)
        {
            var line = JournalEncoding.Decode(entry) switch
            {
                ActivityStarted => Make(entry.Sequence, "Started", null, records[entry.Sequence].Inputs),
                ActivityCompleted e => Make(e.Execution, "Completed", e.Outcome, e.Outputs),
                ActivityFaulted e => Make(e.Execution, "Faulted", e.Message),
                ActivityCancelled e => Make(e.Execution, "Canceled"),
                BookmarkCreated e when suspended.Add(e.Execution) => Make(e.Execution, "Suspended", e.Name),
                TimerArmed e when suspended.Add(e.Execution) => Make(e.Execution, "Suspended", string.Create(CultureInfo.InvariantCulture, $"until {e.DueAt:u}")),
                BookmarkResumed e => Make(e.Execution, "Resumed", e.Name),
                TimerDue e => Make(e.Execution, "Resumed", $"timer {e.Key}"),
                MessageLogged e => Make(e.Execution, "Log", e.Message, e.Details),
                EffectRequested e => Make(e.Execution, "Effect", e.Type),
                _ => null,
            };
            if (line is { Event: "Resumed" or "Completed" })
            {
                suspended.Remove(line.Record.Sequence);
            }

            if (line is not null)
            {
                yield return line;
            }

            Line? Make(long execution, string name, string? message = null, JsonNode? payload = null) =>
                records.TryGetValue(execution, out var record) ? new Line(entry.Sequence, entry.At, record, name, message, payload) : null;
        }
    }

    private static JsonObject Describe(InstanceFile file, Line line) => new()
    {
        ["id"] = string.Create(CultureInfo.InvariantCulture, $"{file.Summary.InstanceId}-{line.Sequence}"),
        ["activityInstanceId"] = ActivityRecords.IdOf(file, line.Record.ExecutionId),
        ["parentActivityInstanceId"] = line.Record.ParentId is { } parent ? ActivityRecords.IdOf(file, parent) : null,
        ["activityId"] = line.Record.ActivityId,
        ["activityType"] = line.Record.Type,
        ["activityTypeVersion"] = line.Record.Version,
        ["activityName"] = line.Record.Name,
        ["nodeId"] = line.Record.NodeId,
        ["timestamp"] = line.At,
        ["sequence"] = line.Sequence,
        ["eventName"] = line.Event,
        ["message"] = line.Message,
        ["source"] = null,
        ["activityState"] = line.Event == "Started" ? line.Record.Inputs.DeepClone() : null,
        ["payload"] = line.Payload?.DeepClone(),
    };

    internal sealed record Line(long Sequence, DateTimeOffset At, ActivityRecord Record, string Event, string? Message, JsonNode? Payload);
}
