using System.Text.Json.Nodes;
using Sift.Activities.Calls;
using Sift.Activities.Connections;
using Sift.Activities.Tests.Fixtures;
using Sift.Media.Legs;
using Sift.Workflows.Definitions;
using Sift.Workflows.Journal;

namespace Sift.Activities.Tests.Flows;

/// <summary>Calls that follow a drawn flow instead of a routine.</summary>
public sealed class DrawnFlowTests
{
    private static readonly TimeSpan Entry = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("1", "one")]
    [InlineData("2", "two")]
    [InlineData("9", "other")]
    public async Task A_key_that_has_a_port_leaves_by_it_at_once_and_any_other_by_Other(string key, string branch)
    {
        await using var bench = await MenuAsync("[\"1\",\"2\"]");

        bench.Press(key);

        Assert.Equal(branch, Spoken(await NextPlayAsync(bench)));
    }

    [Fact]
    public async Task Silence_leaves_by_Timeout()
    {
        await using var bench = await MenuAsync("[\"1\",\"2\"]");

        await bench.Time.AlarmAsync(Entry);
        bench.Time.Advance(Entry);

        Assert.Equal("timeout", Spoken(await NextPlayAsync(bench)));
    }

    [Fact]
    public async Task An_entry_that_begins_a_longer_one_is_taken_when_no_further_key_comes()
    {
        await using var bench = await MenuAsync("[\"1\",\"12\"]");

        bench.Press("1");
        await bench.SettleAsync();
        await bench.Time.AlarmAsync(Entry);
        bench.Time.Advance(Entry);

        Assert.Equal("one", Spoken(await NextPlayAsync(bench)));
    }

    [Fact]
    public async Task An_outgoing_call_is_dialled_once_when_two_branches_need_the_phone()
    {
        await using var bench = await CallBench.StartAsync();
        await bench.Definitions.SaveAsync([Flow("twice", [Say("a", "first"), Say("b", "second")], [])], default);

        await bench.Control.PlaceAsync(new PlaceConnection(CallBench.CallId, CallBench.Account, CallBench.Caller, null) { WorkflowId = "twice", Input = new JsonObject { ["topic"] = "bills" } }, default);
        Assert.Equal(CallBench.Caller, (await bench.Legs.NextAsync<DialLeg>()).Destination);
        bench.Tell(new LegAnswered(bench.Leg));
        var spoken = new[] { Spoken(await NextPlayAsync(bench)), Spoken(await NextPlayAsync(bench)) };

        Assert.Equal(["first", "second"], spoken.Order());
        var journal = await bench.JournalAsync();
        Assert.Equal(1, journal.Split("leg.dial").Length - 1);
        Assert.Contains("\"topic\":\"bills\"", journal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flow_that_ends_hangs_the_call_up()
    {
        await using var bench = await CallBench.StartAsync();
        await bench.Definitions.SaveAsync([Flow("short", [Say("a", "bye")], [])], default);
        await AnswerAsync(bench, "short");

        bench.Finish(await NextPlayAsync(bench));

        await bench.Legs.NextAsync<HangUpLeg>();
        Assert.Equal(ConnectionStatus.Finished, (await bench.Storage.EndedAsync(CallBench.CallId)).Status);
    }

    [Fact]
    public async Task A_caller_who_hangs_up_while_the_end_of_the_flow_is_being_written_ends_the_connection()
    {
        await using var bench = await CallBench.StartAsync();
        await bench.Definitions.SaveAsync([Flow("short", [Say("a", "bye")], [])], default);
        await AnswerAsync(bench, "short");
        var bye = await NextPlayAsync(bench);
        await bench.SettleAsync();
        bench.Storage.Journal.HoldCommits = true;
        bench.Finish(bye);
        await Soon.UntilAsync(() => bench.Storage.Journal.InFlight == 1, "the end of the flow");

        bench.Tell(new LegEnded(bench.Leg, LegEndCause.RemoteHangUp, null, "BYE"));
        bench.Storage.Journal.HoldCommits = false;
        bench.Storage.Journal.Release();

        Assert.Equal(ConnectionStatus.Finished, (await bench.Storage.EndedAsync(CallBench.CallId)).Status);
        Assert.Equal(0, bench.Control.LiveCount);
    }

    [Fact]
    public async Task A_flow_cannot_make_its_call_somebody_elses()
    {
        await using var bench = await CallBench.StartAsync();
        var set = Activity("set", "Sift.SetVariable");
        set["variable"] = Wrapped("Literal", "call");
        set["value"] = Wrapped("Object", """{"account_id":"ffffffffffffffff","ring_seconds":5}""");
        var call = Activity("b", "Sift.CallPhone");
        call["phoneNumber"] = Wrapped("Literal", "+15550100777");
        await bench.Definitions.SaveAsync([Flow("forged", [Say("a", "wait"), set, call], [("a", "Done", "set"), ("set", "Done", "b")])], default);

        await AnswerAsync(bench, "forged");
        bench.Finish(await NextPlayAsync(bench));

        var dial = await bench.Legs.NextAsync<DialLeg>();
        Assert.Equal(CallBench.Account, dial.AccountId);
        await bench.SettleAsync();
        Assert.Equal(CallBench.Account, bench.Storage.Of(dial.Leg.Value).AccountId);
    }

    [Fact]
    public async Task An_outgoing_call_that_begins_with_a_hang_up_ends_without_being_dialled()
    {
        await using var bench = await CallBench.StartAsync();
        await bench.Definitions.SaveAsync([Flow("gone", [Activity("h", "Sift.HangUp")], [])], default);

        await PlaceAsync(bench, "gone");

        var connection = await bench.Storage.EndedAsync(CallBench.CallId);
        Assert.Equal((ConnectionStatus.Failed, "workflow finished"), (connection.Status, connection.EndReason));
        Assert.Equal("Finished", (await bench.Storage.FindAsync(CallBench.CallId, default))!.Status);
        Assert.Empty(bench.Legs.All.OfType<DialLeg>());
        Assert.Equal(0, bench.Control.LiveCount);
    }

    [Fact]
    public async Task A_call_whose_flow_has_not_come_to_the_phone_yet_goes_on_after_a_crash()
    {
        var time = new ManualTime();
        FakeStorage storage;
        var wait = Activity("wait", "Sift.Delay");
        wait["seconds"] = Wrapped("Literal", "60");
        var flow = Flow("later", [wait, Say("a", "hello")], [("wait", "Done", "a")]);
        await using (var crashed = await CallBench.StartAsync(time: time))
        {
            await crashed.Definitions.SaveAsync([flow], default);
            await PlaceAsync(crashed, "later");
            await crashed.SettleAsync();
            storage = crashed.Storage.Crash();
        }

        await using var bench = await CallBench.StartAsync(storage, time);
        await bench.Definitions.SaveAsync([flow], default);
        await bench.Runtime.RecoverAsync(default);
        await time.AlarmAsync(TimeSpan.FromSeconds(60));
        Assert.False(bench.Legs.HasNext);
        time.Advance(TimeSpan.FromSeconds(60));

        await bench.Legs.NextAsync<DialLeg>();
        bench.Tell(new LegAnswered(bench.Leg));
        Assert.Equal("hello", Spoken(await NextPlayAsync(bench)));
    }

    [Fact]
    public async Task A_test_call_that_is_held_before_the_phone_dials_when_it_goes_on_after_a_crash()
    {
        var time = new ManualTime();
        FakeStorage storage;
        var flow = Flow("held", [Say("a", "hello")], []);
        await using (var crashed = await CallBench.StartAsync(time: time))
        {
            await crashed.Definitions.SaveAsync([flow], default);
            await PlaceAsync(crashed, "held", new HoldPlan(["root:a"], false, TimeSpan.FromMinutes(10)));
            await crashed.SettleAsync();
            Assert.False(crashed.Legs.HasNext);
            storage = crashed.Storage.Crash();
        }

        await using var bench = await CallBench.StartAsync(storage, time);
        await bench.Definitions.SaveAsync([flow], default);
        await bench.Runtime.RecoverAsync(default);
        Assert.False(bench.Legs.HasNext);

        Assert.True(await bench.Runtime.ReleaseAsync(CallBench.CallId, step: false, default));
        await bench.Legs.NextAsync<DialLeg>();
    }

    [Fact]
    public async Task A_test_call_that_is_held_too_long_is_hung_up()
    {
        await using var bench = await CallBench.StartAsync();
        await bench.Definitions.SaveAsync([Flow("held", [Say("a", "one"), Say("b", "two")], [("a", "Done", "b")])], default);
        await PlaceAsync(bench, "held", new HoldPlan(["root:b"], false, TimeSpan.FromMinutes(10)));
        await bench.Legs.NextAsync<DialLeg>();
        bench.Tell(new LegAnswered(bench.Leg));
        bench.Finish(await NextPlayAsync(bench));
        await bench.SettleAsync();

        await bench.Time.AlarmAsync(TimeSpan.FromMinutes(10));
        bench.Time.Advance(TimeSpan.FromMinutes(10));

        await bench.Legs.NextAsync<HangUpLeg>();
        Assert.Equal("workflow cancelled", (await bench.Storage.EndedAsync(CallBench.CallId)).EndReason);
    }

    [Fact]
    public async Task The_instance_of_a_call_is_called_by_its_two_ends()
    {
        await using var bench = await CallBench.RunningAsync("""[{"name":"Pause","seconds":5}]""");
        await bench.SettleAsync();

        Assert.Equal($"{CallBench.Caller} → {CallBench.Number}", (await bench.Storage.FindAsync(CallBench.CallId, default))!.Name);
    }

    private static ValueTask<Connection> PlaceAsync(CallBench bench, string flow, HoldPlan? hold = null) =>
        bench.Control.PlaceAsync(new PlaceConnection(CallBench.CallId, CallBench.Account, CallBench.Caller, null) { WorkflowId = flow, Hold = hold }, default);

    private static async Task<CallBench> MenuAsync(string keys)
    {
        var bench = await CallBench.StartAsync();
        var digits = Activity("menu", "Sift.GetDigits");
        digits["keys"] = Wrapped("Object", keys);
        await bench.Definitions.SaveAsync(
            [
                Flow(
                    "menu",
                    [digits, Say("one", "one"), Say("two", "two"), Say("other", "other"), Say("timeout", "timeout")],
                    [("menu", "1", "one"), ("menu", "2", "two"), ("menu", "12", "two"), ("menu", "Other", "other"), ("menu", "Timeout", "timeout")]),
            ],
            default);
        await AnswerAsync(bench, "menu");
        await bench.SettleAsync();
        return bench;
    }

    private static async Task AnswerAsync(CallBench bench, string flow)
    {
        bench.Plan = bench.Plan! with { OnIncoming = null, WorkflowId = flow };
        bench.Call();
        await bench.Legs.NextAsync<AnswerLeg>();
        bench.Tell(new LegAnswered(bench.Leg));
    }

    // A flow that needs the phone at once asks for the answer that is under way anyhow; legs answer once.
    private static async Task<PlayOnLeg> NextPlayAsync(CallBench bench)
    {
        while (true)
        {
            if (await bench.Legs.NextAsync<LegCommand>() is var command and not AnswerLeg)
            {
                return Assert.IsType<PlayOnLeg>(command);
            }
        }
    }

    private static string Spoken(PlayOnLeg play) => Assert.IsType<SpeechSource>(Assert.Single(play.Sources)).Text;

    private static JsonObject Say(string id, string text)
    {
        var say = Activity(id, "Sift.Say");
        say["text"] = Wrapped("Literal", text);
        return say;
    }

    private static JsonObject Activity(string id, string type) => new() { ["id"] = id, ["name"] = id, ["type"] = type, ["version"] = 1 };

    private static JsonObject Wrapped(string type, string value) => new() { ["expression"] = new JsonObject { ["type"] = type, ["value"] = value } };

    private static WorkflowDefinition Flow(string id, JsonObject[] activities, (string From, string Port, string To)[] connections) => WorkflowDefinition.Parse(
        new JsonObject
        {
            ["id"] = id + "-1",
            ["definitionId"] = id,
            ["version"] = 1,
            ["isPublished"] = true,
            ["root"] = new JsonObject
            {
                ["id"] = "root",
                ["type"] = "Elsa.Flowchart",
                ["version"] = 1,
                ["activities"] = new JsonArray([.. activities]),
                ["connections"] = new JsonArray([.. connections.Select(connection => (JsonNode)new JsonObject
                {
                    ["source"] = new JsonObject { ["activity"] = connection.From, ["port"] = connection.Port },
                    ["target"] = new JsonObject { ["activity"] = connection.To, ["port"] = "In" },
                })]),
            },
        },
        isFrozen: true);
}
