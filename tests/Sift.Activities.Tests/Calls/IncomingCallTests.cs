using Sift.Activities.Calls;
using Sift.Activities.Connections;
using Sift.Activities.Tests.Fixtures;
using Sift.Media.Legs;
using Sift.Workflows.Definitions;
using System.Text.Json.Nodes;

namespace Sift.Activities.Tests.Calls;

public sealed class IncomingCallTests
{
    [Fact]
    public async Task Is_answered_and_the_application_is_asked_about_a_connected_call()
    {
        await using var bench = await AnsweredAsync();

        var asked = await bench.Receiver.NextAsync("on_incoming");

        Assert.Equal(
            $$$"""{"account_id":"{{{CallBench.Account}}}","connection":{"connection_id":"{{{CallBench.CallId}}}","status":"connected","start_time":"2026-03-04T05:06:07Z","from":"{{{CallBench.Caller}}}","to":"{{{CallBench.Number}}}","direction":"incoming"}}""",
            System.Text.Encoding.UTF8.GetString(asked.Delivery.Body.Span));
        asked.ReplyRoutine("""[{"name":"Say","text":"Hello"}]""");
        Assert.Equal(new SpeechSource("Hello"), (await bench.Legs.NextAsync<PlayOnLeg>()).Sources[0]);
    }

    [Fact]
    public async Task Client_data_and_the_application_of_a_browser_reach_the_callback()
    {
        await using var bench = await CallBench.StartAsync();
        bench.Plan = bench.Plan! with { Answer = "on_demand" };

        bench.Tell(new LegIncoming(bench.Leg, "webrtc:alice", CallBench.Application, "webrtc") { AccountId = CallBench.Account, ApplicationId = CallBench.Application, ClientData = """{"phone_number":"+15550100200"}""" });

        var connection = (await bench.Receiver.NextAsync("on_incoming")).Body["connection"]!;
        Assert.Equal("+15550100200", connection["client_data"]!["phone_number"]!.GetValue<string>());
        Assert.Equal(("connecting", "webrtc:alice"), (connection["status"]!.GetValue<string>(), connection["from"]!.GetValue<string>()));
    }

    [Fact]
    public async Task An_unknown_number_is_refused_as_not_found()
    {
        await using var bench = await CallBench.StartAsync();

        bench.Tell(new LegIncoming(bench.Leg, CallBench.Caller, "+15550100301", "sandbox"));

        Assert.Equal(LegEndCause.NotFound, (await bench.Legs.NextAsync<RejectLeg>()).Cause);
        Assert.Equal(0, bench.Control.LiveCount);
    }

    [Fact]
    public async Task A_caller_who_gives_up_before_the_answer_makes_it_failed()
    {
        await using var bench = await CallBench.StartAsync();
        bench.Call();
        bench.Tell(new LegEnded(bench.Leg, LegEndCause.RemoteHangUp, 487, "CANCEL"));

        var connection = await bench.Storage.EndedAsync(CallBench.CallId);

        Assert.Equal((ConnectionStatus.Failed, "no_answer"), (connection.Status, connection.Failure));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ok")]
    [InlineData("\"ok\"")]
    [InlineData("{}")]
    [InlineData("{\"routine\":null}")]
    [InlineData("{\"routine\":{\"name\":\"HangUp\"}}")]
    public async Task A_reply_without_a_routine_list_gives_no_instructions_and_the_call_is_hung_up_after_a_minute(string reply)
    {
        await using var bench = await AnsweredAsync();

        (await bench.Receiver.NextAsync()).Reply(reply);
        await bench.Storage.RecordedAsync();
        await bench.SettleAsync();
        await bench.Time.AlarmAsync(TimeSpan.FromSeconds(60));
        bench.Time.Advance(TimeSpan.FromSeconds(60) - TimeSpan.FromMilliseconds(1));
        await bench.SettleAsync();
        Assert.False(bench.Legs.HasNext);
        bench.Time.Advance(TimeSpan.FromMilliseconds(1));

        await bench.Legs.NextAsync<HangUpLeg>();
    }

    [Fact]
    public async Task A_routine_with_errors_is_refused_as_a_whole_and_the_fallback_routine_runs()
    {
        await using var bench = await AnsweredAsync(static plan => plan with { FallbackRoutine = System.Text.Json.JsonElement.Parse("""[{"name":"Say","text":"Fallback"}]""") });

        (await bench.Receiver.NextAsync()).ReplyRoutine("""[{"name":"Say","text":"Never"},{"name":"Dance"},{"name":"Play"}]""");

        Assert.Equal(new SpeechSource("Fallback"), (await bench.Legs.NextAsync<PlayOnLeg>()).Sources[0]);
        var journal = await bench.JournalAsync();
        Assert.Contains("$[1].name Dance is not a command", journal);
        Assert.Contains("$[2].sound_url is required", journal);
    }

    [Fact]
    public async Task Without_an_answer_before_the_deadline_the_fallback_url_decides()
    {
        await using var bench = await AnsweredAsync(static plan => plan with { FallbackUrl = "https://backup.example.com/incoming" });

        await bench.Receiver.NextAsync("on_incoming");
        await bench.Time.AlarmAsync(TimeSpan.FromSeconds(60));
        bench.Time.Advance(TimeSpan.FromSeconds(60));

        var backup = await bench.Receiver.NextAsync();
        while (backup.Delivery.Kind != "fallback")
        {
            backup = await bench.Receiver.NextAsync();
        }

        Assert.Equal("https://backup.example.com/incoming", backup.Delivery.Url);
        backup.ReplyRoutine("""[{"name":"Say","text":"Backup"}]""");
        Assert.Equal(new SpeechSource("Backup"), (await bench.Legs.NextAsync<PlayOnLeg>()).Sources[0]);
    }

    [Fact]
    public async Task With_no_fallback_the_caller_hears_an_apology_and_is_hung_up()
    {
        await using var bench = await AnsweredAsync();

        (await bench.Receiver.NextAsync()).Fail(410);

        var apology = await bench.Legs.NextAsync<PlayOnLeg>();
        Assert.Equal(new SpeechSource(CallOptions.DefaultApology), apology.Sources[0]);
        bench.Finish(apology);
        await bench.Legs.NextAsync<HangUpLeg>();
        Assert.Contains("the receiver wants no more of this callback", await bench.JournalAsync());
    }

    [Fact]
    public async Task A_fallback_that_fails_too_ends_in_the_apology()
    {
        await using var bench = await AnsweredAsync(static plan => plan with { FallbackRoutine = System.Text.Json.JsonElement.Parse("""[{"name":"Dance"}]""") });

        (await bench.Receiver.NextAsync()).Fail(410);

        Assert.Equal(new SpeechSource(CallOptions.DefaultApology), (await bench.Legs.NextAsync<PlayOnLeg>()).Sources[0]);
    }

    [Fact]
    public async Task The_caller_hears_a_hold_tone_while_a_callback_is_awaited()
    {
        await using var bench = await AnsweredAsync();

        await bench.Receiver.NextAsync();
        await bench.SettleAsync();

        var hold = Assert.Single(bench.Legs.All.OfType<PlayOnLeg>());
        Assert.Equal(new ToneSource(ToneKind.Hold), hold.Sources[^1]);
        Assert.True(Assert.IsType<SilenceSource>(hold.Sources[0]).Duration <= TimeSpan.FromSeconds(1.8));
    }

    [Fact]
    public async Task A_drawn_workflow_that_just_ends_hangs_the_call_up_and_closes_the_connection()
    {
        await using var bench = await CallBench.StartAsync();
        var flow = WorkflowDefinition.Parse(JsonNode.Parse("""
            {"id":"menu-1","definitionId":"menu","name":"Menu","version":1,"isLatest":true,"isPublished":true,"root":{"type":"Elsa.Flowchart","version":1,"id":"flow","activities":[
              {"id":"say","name":"Say1","type":"Sift.Say","version":1,"text":{"typeName":"String","expression":{"type":"Literal","value":"Drawn"}},"customProperties":{"canStartWorkflow":true}}],"connections":[]}}
            """)!.AsObject()).AsFrozen();
        await bench.Definitions.SaveAsync([flow], default);
        bench.Plan = bench.Plan! with { WorkflowId = "menu" };
        bench.Call();
        await bench.Legs.NextAsync<AnswerLeg>();
        await bench.Legs.NextAsync<AnswerLeg>();
        bench.Tell(new LegAnswered(bench.Leg));

        bench.Finish(await bench.Legs.NextAsync<PlayOnLeg>());

        await bench.Legs.NextAsync<HangUpLeg>();
        Assert.Equal(ConnectionStatus.Finished, (await bench.Storage.EndedAsync(CallBench.CallId)).Status);
        Assert.Equal(0, bench.Control.LiveCount);
    }

    [Theory]
    [InlineData("say", 1)]
    [InlineData("play", 90)]
    public async Task Load_scenarios_take_the_same_road_as_any_call(string scenario, int seconds)
    {
        await using var bench = await CallBench.StartAsync(options: new CallOptions { Bench = new BenchTargets("http://127.0.0.1:9/hook", "sip:b@127.0.0.1:5061") });

        bench.Tell(new LegIncoming(bench.Leg, "sipp", scenario, "sandbox") { BenchScenario = scenario });
        await bench.Legs.NextAsync<AnswerLeg>();
        bench.Tell(new LegAnswered(bench.Leg));
        var play = await bench.Legs.NextAsync<PlayOnLeg>();

        Assert.Equal(new ToneSource(ToneKind.Milliwatt) { Duration = TimeSpan.FromSeconds(seconds) }, Assert.Single(play.Sources));
        bench.Finish(play);
        await bench.Legs.NextAsync<HangUpLeg>();
        Assert.Contains("Sift.BenchTone", await bench.JournalAsync());
    }

    [Fact]
    public async Task Outside_bench_mode_a_load_scenario_is_no_command()
    {
        await using var bench = await AnsweredAsync();

        (await bench.Receiver.NextAsync()).ReplyRoutine("""[{"name":"BenchTone","seconds":1}]""");

        Assert.Equal(new SpeechSource(CallOptions.DefaultApology), (await bench.Legs.NextAsync<PlayOnLeg>()).Sources[0]);
    }

    private static async Task<CallBench> AnsweredAsync(Func<ApplicationPlan, ApplicationPlan>? change = null)
    {
        var bench = await CallBench.StartAsync();
        bench.Plan = change?.Invoke(bench.Plan!) ?? bench.Plan;
        bench.Call();
        await bench.Legs.NextAsync<AnswerLeg>();
        bench.Tell(new LegAnswered(bench.Leg));
        return bench;
    }
}
