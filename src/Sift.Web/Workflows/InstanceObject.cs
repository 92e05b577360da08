using System.ComponentModel;
using System.Text.Json.Nodes;
using Sift.Web.Http;
using Sift.Workflows.Journal;

namespace Sift.Web.Workflows;

/// <summary>A run of a workflow as the API shows it. Every connection is one, under the same id.</summary>
internal sealed record InstanceObject(
    [property: Description("Unique id; the id of the connection when it runs a call.")] string InstanceId,
    [property: Description("Id of the workflow definition it follows.")] string WorkflowId,
    [property: Description("Id of the version it follows to its end.")] string VersionId,
    [property: Description("Number of that version.")] int Version,
    [property: Description("running, waiting, finished, cancelled or faulted.")] string Status,
    [property: Description("When it started; ISO 8601, UTC.")] DateTimeOffset CreatedAt)
{
    [Description("When it ended; absent while it runs.")]
    public DateTimeOffset? FinishedAt { get; init; }

    [Description("What it is called: the two ends of a call, from → to.")]
    public string? Name { get; init; }

    [Description("Id of the connection it runs; absent when it runs none.")]
    public string? ConnectionId { get; init; }

    [Description("Path of the page that shows it on its flow.")]
    public string? ViewerUrl { get; init; }

    [Description("Path of the page that steps through its history.")]
    public string? HistoryUrl { get; init; }

    [Description("How many things went wrong in it.")]
    public int IncidentCount { get; init; }

    [Description("Values of its variables. Absent in lists.")]
    public JsonNode? Variables { get; init; }

    [Description("The activities that run at present. Absent in lists.")]
    public IReadOnlyList<string>? Current { get; init; }

    [Description("What went wrong, oldest first. Absent in lists.")]
    public IReadOnlyList<string>? Incidents { get; init; }

    [Description("The activities before which a test run is held; absent when it is not. Absent in lists.")]
    public IReadOnlyList<HeldObject>? Held { get; init; }

    [Description("Whether it can go on from the failed activity; only when it is faulted. Absent in lists.")]
    public RetryObject? Retry { get; init; }

    public static InstanceObject Of(InstanceSummary summary) => new(
        summary.InstanceId, summary.DefinitionId, summary.DefinitionVersionId, summary.Version, StatusOf(summary.SubStatus), summary.CreatedAt)
    {
        FinishedAt = summary.FinishedAt,
        Name = summary.Name,

        // A call's instance is correlated with its connection, whose id it has.
        ConnectionId = summary.CorrelationId,
        ViewerUrl = InstancePages.ViewerOf(summary.InstanceId),
        HistoryUrl = InstancePages.HistoryOf(summary.InstanceId),
        IncidentCount = summary.IncidentCount,
    };

    private static string StatusOf(string subStatus) => subStatus switch
    {
        "Suspended" => "waiting",
        "Finished" => "finished",
        "Cancelled" => "cancelled",
        "Faulted" => "faulted",
        _ => "running",
    };
}

/// <summary>An activity before which a test run is held.</summary>
internal sealed record HeldObject(
    [property: Description("Path of ids of the activity.")] string NodeId,
    [property: Description("Its name.")] string Activity,
    [property: Description("When the run is cancelled unless it goes on before; ISO 8601, UTC.")] DateTimeOffset Until);

/// <summary>Whether a faulted instance can go on.</summary>
internal sealed record RetryObject(
    [property: Description("True when POST …/retry runs the failed activity anew.")] bool Possible,
    [property: Description("The failed activity.")] string Activity)
{
    [Description("Why it cannot.")]
    public string? Reason { get; init; }
}

/// <summary>The journal of an instance from some entry on.</summary>
internal sealed record InstanceJournalObject(
    [property: Description("The entries, in order: sequence, at, kind and what the event holds.")] IReadOnlyList<JsonNode> Entries,
    [property: Description("Give this as after to read on; absent when there is no more yet.")] long? Next);

/// <summary>How a replay went.</summary>
internal sealed record ReplayObject(
    [property: Description("Whether every decision was the same.")] bool Same,
    [property: Description("Number of the version it was replayed by.")] int Version)
{
    [Description("Sequence of the first entry that differs.")]
    public long? Sequence { get; init; }

    [Description("The first recorded decision that differs; absent when the history has nothing there.")]
    public string? Recorded { get; init; }

    [Description("What is decided there now; absent when nothing is.")]
    public string? Decided { get; init; }

    [Description("Every decision that differs, in order.")]
    public IReadOnlyList<ReplayDifferenceObject>? Differences { get; init; }

    [Description("Where the recorded history ends: its status, and the activities it stands at when it has not ended.")]
    public string? RecordedEnd { get; init; }

    [Description("Where the other version stands at the end of that history.")]
    public string? DecidedEnd { get; init; }
}

/// <summary>One decision that differs.</summary>
internal sealed record ReplayDifferenceObject(
    [property: Description("Sequence of the recorded entry, or of the last one before it when the history has nothing there.")] long Sequence,
    [property: Description("When; ISO 8601, UTC, milliseconds.")] string At)
{
    [Description("The activity it is about.")]
    public string? NodeId { get; init; }

    [Description("What was decided then; absent when nothing was.")]
    public string? Recorded { get; init; }

    [Description("What is decided now; absent when nothing is.")]
    public string? Decided { get; init; }
}
