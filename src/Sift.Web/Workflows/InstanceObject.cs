using System.ComponentModel;
using System.Text.Json.Nodes;
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

    [Description("How many things went wrong in it.")]
    public int IncidentCount { get; init; }

    [Description("Values of its variables. Absent in lists.")]
    public JsonNode? Variables { get; init; }

    [Description("The activities that run at present. Absent in lists.")]
    public IReadOnlyList<string>? Current { get; init; }

    [Description("What went wrong, oldest first. Absent in lists.")]
    public IReadOnlyList<string>? Incidents { get; init; }

    public static InstanceObject Of(InstanceSummary summary) => new(
        summary.InstanceId, summary.DefinitionId, summary.DefinitionVersionId, summary.Version, StatusOf(summary.SubStatus), summary.CreatedAt)
    {
        FinishedAt = summary.FinishedAt,
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

    [Description("What stands in the journal there; absent when it has nothing there.")]
    public string? Recorded { get; init; }

    [Description("What is decided there now; absent when nothing is.")]
    public string? Decided { get; init; }
}
