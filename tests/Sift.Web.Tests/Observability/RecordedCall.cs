using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Sift.Activities.Connections;
using Sift.Web.Storage.GroupCommit;
using Sift.Web.Tests.Testing;
using Sift.Workflows.Journal;

namespace Sift.Web.Tests.Observability;

/// <summary>Writes calls that never were, as storage would hold them.</summary>
internal static class RecordedCall
{
    public static readonly DateTimeOffset Began = new(2026, 3, 4, 5, 6, 7, 125, TimeSpan.Zero);

    public static JsonObject Say { get; } = new() { ["type"] = "Sift.Say", ["id"] = "Say1", ["nodeId"] = "root:Say1" };

    public static JsonObject GetDigits(bool sensitive) => new()
    {
        ["type"] = "Sift.GetDigits",
        ["id"] = "GetDigits2",
        ["nodeId"] = "root:GetDigits2",
        ["sensitive"] = new JsonObject { ["typeName"] = null, ["expression"] = new JsonObject { ["type"] = "Value", ["value"] = sensitive } },
    };

    public static async Task<string> WriteAsync(SiftServer server, params JournalEvent[] events)
    {
        var id = Ids.New();
        var connection = new Connection(id, SiftServer.Account, "+15551110000", "+15552220000", "incoming", ConnectionStatus.Finished, Began)
        {
            StartTime = Began,
            EndTime = Began.AddSeconds(4),
            EndReason = "the other end hung up",
        };
        IReadOnlyList<JournalEvent> all = [new InstanceStarted("connection", "connection-1", 1, [], SiftServer.Account, id, "incoming call"), .. events];
        var entries = JournalEncoding.Encode(id, 1, Began.AddSeconds(1), all);
        var summary = new InstanceSummary(id, "connection", "connection-1", 1, id, null, "Finished", "Finished", 0, all.Count, Began, Began, Began.AddSeconds(4)) { AccountId = SiftServer.Account };
        await server.Services.GetRequiredService<GroupCommitWriter>().WriteAsync(new JournalAppend(id, entries, summary, []), [connection], default);
        return id;
    }
}
