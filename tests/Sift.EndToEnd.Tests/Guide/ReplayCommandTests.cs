using System.Text.Json.Nodes;
using Sift.EndToEnd.Tests.Peers;
using Sift.EndToEnd.Tests.Studio;

namespace Sift.EndToEnd.Tests.Guide;

/// <summary>An operator asks from a shell what another version of a flow would have made of a recorded history.</summary>
public sealed class ReplayCommandTests
{
    [Fact]
    public async Task The_decisions_that_another_version_takes_differently_are_listed_and_the_exit_code_says_so()
    {
        await using var server = await SiftServer.StartAsync();
        var flow = (string)(await server.PostJsonAsync("workflows?publish=true", Flow("bills")))["workflow_id"]!;
        var id = (string)(await server.PostJsonAsync($"workflows/{flow}/test", new JsonObject()))["instance_id"]!;
        await Eventually.True(
            async () => (string?)(await server.GetAsync($"instances/{id}"))["status"] == "finished", TimeSpan.FromSeconds(10), () => $"{id} finishes");
        using (var changed = await server.Api.PutAsync($"workflows/{flow}?publish=true", new StringContent(Flow("taxes").ToJsonString(), null, "application/json")))
        {
            Assert.True(changed.IsSuccessStatusCode, await changed.Content.ReadAsStringAsync());
        }

        var own = await server.OperateAsync(0, "replay", id);
        Assert.Contains($"Instance {id} followed version 1 of {flow}; replayed by version 1.", own, StringComparison.Ordinal);
        Assert.Contains("Every decision is the same.", own, StringComparison.Ordinal);

        var other = await server.OperateAsync(1, "replay", id, "--version", "2");
        Assert.Contains("replayed by version 2.", other, StringComparison.Ordinal);
        Assert.Contains("1 decision differs:", other, StringComparison.Ordinal);
        Assert.Matches("recorded: +Topic = \"bills\"", other);
        Assert.Matches("version 2 +Topic = \"taxes\"", other);

        Assert.Contains("There is no version 9", await server.OperateAsync(2, "replay", id, "--version", "9"), StringComparison.Ordinal);
        Assert.Contains("There is no instance 0123456789abcdef", await server.OperateAsync(2, "replay", "0123456789abcdef"), StringComparison.Ordinal);
        Assert.Contains("sift replay INSTANCE", await server.OperateAsync(2, "replay", id, "--version", "two"), StringComparison.Ordinal);
    }

    private static JsonObject Flow(string topic)
    {
        var flow = DrawnFlow.InARow(
            "Topic",
            DrawnFlow.Activity("set1", "Sift.SetVariable", ("variable", "Topic"), ("value", topic)),
            DrawnFlow.Activity("log1", "Sift.Log", ("message", "Noted.")));
        flow["variables"] = new JsonArray(new JsonObject { ["id"] = "v1", ["name"] = "Topic", ["typeName"] = "String", ["value"] = "none" });
        return flow;
    }
}
