using System.Text.Json.Nodes;
using Sift.Activities.Connections;
using Sift.Activities.Webhooks;
using Sift.Workflows.Definitions;
using Sift.Workflows.Journal;

namespace Sift.Web.Tests.Storage;

/// <summary>Rows for the tests of the stores; each test changes what it is about.</summary>
internal static class StoredRows
{
    public static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    public static JournalAppend Append(string id, long sequence, params object[] rows) => new(
        id,
        [new JournalEntry(id, sequence, At, "kind", "{}"u8.ToArray())],
        new InstanceSummary(id, "flow", "v1", 1, null, null, "Running", "Executing", 0, sequence, At, At, null),
        rows);

    public static Connection Connection(string id) => new(id, "account", "+15550100200", "+15550100300", "outgoing", ConnectionStatus.Connecting, At);

    public static Delivery Delivery(string id) => new(id, "account", "c1", null, "status", "https://a.example", "{\"x\":1}"u8.ToArray(), DeliveryMode.Event, At);

    public static InstanceSummary Summary(string id) => new(id, "d", "dv", 1, null, null, "Running", "Suspended", 0, 1, At, At, null) { AccountId = "a" };

    public static WorkflowDefinition Flow(string id, string flow, int version, bool latest, string account = "a") => WorkflowDefinition.Parse(
        new JsonObject
        {
            ["id"] = id,
            ["definitionId"] = flow,
            ["name"] = "Name of " + flow,
            ["version"] = version,
            ["isLatest"] = latest,
            ["createdAt"] = At.AddMinutes(version),
            ["root"] = new JsonObject { ["type"] = "Elsa.Flowchart" },
        },
        accountId: account);
}
