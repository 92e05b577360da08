using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Sift.EndToEnd.Tests.Peers;

namespace Sift.EndToEnd.Tests.Durability;

/// <summary>Drawn flows by the thousand in a real server: timers over kill -9, events sent all at once. No phone is needed for them.</summary>
public sealed class FlowTests
{
    private static readonly ParallelOptions AtOnce = new() { MaxDegreeOfParallelism = 32 };
    private static readonly (string, string?) Unlimited = ("Sift__Api__RequestsPerSecond", "100000");

    [Fact]
    public async Task A_thousand_delays_over_a_kill_9_fire_once_each()
    {
        const int Count = 1000;
        await using var receiver = await CallbackReceiver.StartAsync();
        await using var server = await SiftServer.StartAsync(Unlimited);
        var flow = await PublishAsync(
            server,
            [
                Activity("wait", "Delay", ("seconds", "Template", "{{ input.seconds }}")),
                Activity("tell", "HttpCall", ("url", "Literal", receiver.Url("fired")), ("method", "Literal", "POST"), ("body", "Template", """{"id":"{{ connection.connection_id }}"}""")),
            ],
            ("wait", "tell"));
        var ids = new string[Count];
        await Parallel.ForEachAsync(Enumerable.Range(0, Count), AtOnce, async (n, _) => ids[n] = await StartAsync(server, flow, new JsonObject { ["seconds"] = 8 + (n % 24) }));

        // Some have fired, some are just firing, most have not.
        await Eventually.True(() => Told().Count > Count / 10, TimeSpan.FromSeconds(60), () => $"the first timers fire\n{server.Output}");
        await server.KillAsync();
        var before = Told().Count;
        await server.RestartAsync();

        await Eventually.True(() => Told().Count == Count, TimeSpan.FromSeconds(90), () => $"{Count - Told().Count} timers never fired\n{server.Output}");
        Assert.InRange(before, Count / 10, Count - 1);
        Assert.Equal(ids.Order(), Told().Keys.Order());

        // The request of one that fired may come twice when the kill cut it off, but then as the same request.
        Assert.All(Told(), told => Assert.Single(told.Value));
        await Parallel.ForEachAsync(ids, AtOnce, async (id, _) =>
        {
            await Eventually.True(async () => (string?)(await server.GetAsync($"instances/{id}"))["status"] == "finished", TimeSpan.FromSeconds(30), () => $"instance {id} ends");
            var kinds = (await server.GetAsync($"instances/{id}/journal"))["entries"]!.AsArray().Select(entry => (string)entry!["kind"]!);
            Assert.Single(kinds, "timer.due");
        });

        Dictionary<string, HashSet<string>> Told() =>
            receiver.At("fired").GroupBy(call => (string)call.Body["id"]!).ToDictionary(group => group.Key, group => group.Select(call => call.Id!).ToHashSet());
    }

    [Fact]
    public async Task Ten_thousand_events_at_once_resume_one_instance_each()
    {
        const int Count = 10_000;
        await using var server = await SiftServer.StartAsync(Unlimited);
        var flow = await PublishAsync(
            server,
            [
                Activity("first", "WaitForEvent", ("event", "Literal", "go")),
                Activity("note", "SetVariable", ("variable", "Literal", "got"), ("value", "Template", "{{ outputs.first.Payload.n }}")),
                Activity("second", "WaitForEvent", ("event", "Literal", "go")),
                Activity("again", "SetVariable", ("variable", "Literal", "twice"), ("value", "Literal", "yes")),
            ],
            ("first", "note"), ("note", "second"), ("second", "again"));
        var ids = new string[Count];
        await Parallel.ForEachAsync(Enumerable.Range(0, Count), AtOnce, async (n, _) => ids[n] = await StartAsync(server, flow, []));

        await Parallel.ForEachAsync(Enumerable.Range(0, Count), AtOnce, async (n, _) =>
        {
            using var answer = await server.Api.PostAsJsonAsync($"instances/{ids[n]}/events", new JsonObject { ["event"] = "go", ["payload"] = new JsonObject { ["n"] = n } }, CancellationToken.None);
            Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode}");
        });

        Assert.Equal(Count, ids.Distinct().Count());
        await Parallel.ForEachAsync(Enumerable.Range(0, Count), AtOnce, async (n, _) =>
        {
            var instance = await server.GetAsync($"instances/{ids[n]}");
            Assert.Equal("waiting", (string?)instance["status"]);
            Assert.Equal(n, (int)instance["variables"]!["got"]!);
            Assert.Null(instance["variables"]!["twice"]);
        });
    }

    private static async Task<string> StartAsync(SiftServer server, string flow, JsonObject input)
    {
        using var answer = await server.Api.PostAsJsonAsync("connections", new JsonObject { ["phone_number"] = "+15550100001", ["workflow_id"] = flow, ["input"] = input });
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode} {text}\n{server.Output}");
        return (string)JsonNode.Parse(text)!["connection_id"]!;
    }

    private static async Task<string> PublishAsync(SiftServer server, JsonObject[] activities, params (string From, string To)[] connections)
    {
        var saved = await server.PostJsonAsync("workflows?publish=true", new JsonObject
        {
            ["name"] = "durability",
            ["root"] = new JsonObject
            {
                ["id"] = "root",
                ["type"] = "Elsa.Flowchart",
                ["version"] = 1,
                ["activities"] = new JsonArray([.. activities]),
                ["connections"] = new JsonArray([.. connections.Select(static connection => (JsonNode)new JsonObject
                {
                    ["source"] = new JsonObject { ["activity"] = connection.From, ["port"] = "Done" },
                    ["target"] = new JsonObject { ["activity"] = connection.To, ["port"] = "In" },
                })]),
            },
        });
        return (string)saved["workflow_id"]!;
    }

    private static JsonObject Activity(string id, string type, params (string Input, string Kind, string Value)[] inputs)
    {
        var activity = new JsonObject { ["id"] = id, ["name"] = id, ["type"] = "Sift." + type, ["version"] = 1 };
        foreach (var (input, kind, value) in inputs)
        {
            activity[input] = new JsonObject { ["typeName"] = "Object", ["expression"] = new JsonObject { ["type"] = kind, ["value"] = value } };
        }

        return activity;
    }
}
