using Sift.Activities.Connections;
using Sift.Activities.Tests.Fixtures;
using Sift.Media.Legs;

namespace Sift.Activities.Tests.Commands;

public sealed class CallPhoneTests : CommandTests
{
    private const string Callee = "+15550100400";

    protected override string Good => """
        {"name":"CallPhone","phone_number":"+15550100400","caller_id":"+15550100500","timeout_seconds":20,"on_event":"https://app.example.com/events",
         "live_talk_time":true,"live_transcription":false,"live_topics":false,"do_record":false,"processors":["transcribe"],"on_done":"https://app.example.com/done"}
        """;

    protected override string Bad => """{"name":"CallPhone","phone_number":"5550100400","timeout_seconds":0,"on_event":"https://a.example","event_callback":"https://b.example","processors":"transcribe"}""";

    protected override IReadOnlyList<string> BadErrors =>
    [
        "$[0].phone_number must be an E.164 number such as +15550100200", "$[0].timeout_seconds must be from 1 to 600",
        "$[0].event_callback is given twice", "$[0].processors must be a list of strings",
    ];

    [Fact]
    public async Task The_caller_hears_ringback_until_the_answer_and_then_the_callee()
    {
        await using var bench = await RunningAsync();

        var dial = await bench.Legs.NextAsync<DialLeg>();
        Assert.Equal((Callee, CallBench.Number, TimeSpan.FromSeconds(60), CallBench.Account), (dial.Destination, dial.CallerId, dial.RingTimeout, dial.AccountId));
        Assert.Equal(bench.Leg, dial.Partner);
        bench.Tell(new LegRinging(dial.Leg, EarlyMedia: false));
        await bench.SettleAsync();
        var tones = bench.Legs.All.OfType<PlayOnLeg>().Where(play => play.Leg == bench.Leg).SelectMany(static play => play.Sources);
        Assert.Contains(new ToneSource(ToneKind.Ringback), tones);
        bench.Tell(new LegAnswered(dial.Leg));

        var bridge = await bench.Legs.NextAsync<BridgeLegs>();
        Assert.Equal((bench.Leg, dial.Leg), (bridge.Leg, bridge.Other));
        var callee = bench.Storage.Of(dial.Leg.Value);
        Assert.Equal((ConnectionStatus.Connected, CallBench.CallId, "outgoing"), (callee.Status, callee.ParentId, callee.Direction));
    }

    [Fact]
    public async Task Early_media_of_the_callee_is_passed_on_instead_of_ringback()
    {
        await using var bench = await RunningAsync();

        var dial = await bench.Legs.NextAsync<DialLeg>();
        bench.Tell(new LegRinging(dial.Leg, EarlyMedia: true));

        await bench.Legs.NextAsync<BridgeLegs>();
    }

    [Fact]
    public async Task A_conversation_that_is_to_be_recorded_is_from_the_joining_to_its_end()
    {
        await using var bench = await CallBench.RunningAsync($$"""[{"name":"CallPhone","phone_number":"{{Callee}}","do_record":true,"event_callback":"https://app.example.com/events"}]""");

        var dial = await bench.Legs.NextAsync<DialLeg>();
        bench.Tell(new LegAnswered(dial.Leg));
        var record = await bench.Legs.NextAsync<RecordLeg>();
        await bench.Legs.NextAsync<BridgeLegs>();
        Assert.Equal((bench.Leg, dial.Leg), (record.Leg, record.With!.Value));
        bench.Tell(new LegEnded(dial.Leg, LegEndCause.RemoteHangUp, null, "BYE"));

        await bench.Legs.NextAsync<UnbridgeLeg>();
        Assert.Equal(record.Recording, (await bench.Legs.NextAsync<StopRecording>()).Recording);
        var ended = await bench.Receiver.NextAsync("conversation_event");
        Assert.Equal(record.Recording, ended.Body["conversation_id"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_conversation_is_not_recorded_unless_asked_for()
    {
        await using var bench = await RunningAsync();

        var dial = await AnswerAsync(bench);
        bench.Tell(new LegEnded(dial.Leg, LegEndCause.RemoteHangUp, null, "BYE"));
        await bench.Legs.NextAsync<UnbridgeLeg>();

        Assert.DoesNotContain(bench.Legs.All, static command => command is RecordLeg or StopRecording);
    }

    [Fact]
    public async Task When_the_callee_hangs_up_the_next_command_runs()
    {
        await using var bench = await RunningAsync("""{"name":"Say","text":"Next"}""");

        var dial = await AnswerAsync(bench);
        bench.Tell(new LegEnded(dial.Leg, LegEndCause.RemoteHangUp, null, "BYE"));

        await bench.Legs.NextAsync<UnbridgeLeg>();
        Assert.Equal(new SpeechSource("Next"), (await bench.Legs.NextAsync<PlayOnLeg>()).Sources[0]);
        Assert.Equal([ConnectionStatus.Connecting, ConnectionStatus.Connected, ConnectionStatus.Finished], bench.Storage.StatusesOf(dial.Leg.Value));
    }

    [Theory]
    [InlineData(LegEndCause.Busy, 486, "busy")]
    [InlineData(LegEndCause.NoAnswer, 408, "no_answer")]
    [InlineData(LegEndCause.Declined, 603, "declined")]
    [InlineData(LegEndCause.NotFound, 404, "not_found")]
    [InlineData(LegEndCause.Unreachable, null, "unreachable")]
    public async Task When_the_callee_is_not_reached_on_done_says_why_and_the_next_command_runs(LegEndCause cause, int? status, string name)
    {
        await using var bench = await CallBench.RunningAsync($$"""[{"name":"CallPhone","phone_number":"{{Callee}}","on_done":"https://app.example.com/done"},{"name":"Say","text":"Next"}]""");

        var dial = await bench.Legs.NextAsync<DialLeg>();
        bench.Tell(new LegEnded(dial.Leg, cause, status, null));

        await bench.Legs.NextAsync<UnbridgeLeg>();
        var done = await bench.Receiver.NextAsync("on_done");
        Assert.Equal((name, 0, dial.Leg.Value), (done.Body["dial_status"]!.GetValue<string>(), done.Body["dial_duration"]!.GetValue<int>(), done.Body["callee_connection_id"]!.GetValue<string>()));
        done.Reply();
        await bench.Legs.NextAsync<PlayOnLeg>();
        var callee = bench.Storage.Of(dial.Leg.Value);
        Assert.Equal((ConnectionStatus.Failed, name, status), (callee.Status, callee.Failure, callee.SipStatus));
    }

    [Fact]
    public async Task When_the_caller_hangs_up_the_callee_is_hung_up_and_both_connections_end()
    {
        await using var bench = await RunningAsync();

        var dial = await AnswerAsync(bench);
        await bench.HangUpAsync();

        await bench.Legs.NextAsync<UnbridgeLeg>();
        Assert.Equal(dial.Leg, (await bench.Legs.NextAsync<HangUpLeg>()).Leg);
        Assert.Equal(ConnectionStatus.Finished, bench.Storage.Of(dial.Leg.Value).Status);
    }

    [Fact]
    public async Task The_end_of_the_conversation_is_told_to_the_event_callback_whoever_hangs_up()
    {
        await using var bench = await CallBench.RunningAsync($$"""[{"name":"CallPhone","phone_number":"{{Callee}}","event_callback":"https://app.example.com/events"}]""");

        await AnswerAsync(bench);
        bench.Time.Advance(TimeSpan.FromSeconds(65));
        await bench.HangUpAsync();

        var body = (await bench.Receiver.NextAsync("conversation_event")).Body;
        Assert.Equal(("ended", "2026-03-04T05:06:07Z", "2026-03-04T05:07:12Z"), (body["event_type"]!.GetValue<string>(), body["start_time"]!.GetValue<string>(), body["end_time"]!.GetValue<string>()));
        Assert.Matches("^[0-9a-f]{16}$", body["conversation_id"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_call_answered_on_demand_is_answered_when_the_callee_answers()
    {
        await using var bench = await CallBench.RunningAsync($$"""[{"name":"CallPhone","phone_number":"{{Callee}}"}]""", answer: "on_demand");

        var dial = await bench.Legs.NextAsync<DialLeg>();
        bench.Tell(new LegRinging(dial.Leg, EarlyMedia: false));
        await bench.Legs.NextAsync<RingLeg>();
        bench.Tell(new LegAnswered(dial.Leg));
        await bench.Legs.NextAsync<AnswerLeg>();
        await bench.SettleAsync();
        Assert.False(bench.Legs.HasNext);
        bench.Tell(new LegAnswered(bench.Leg));

        await bench.Legs.NextAsync<BridgeLegs>();
    }

    private protected override async Task<CallBench> UntilItRunsAsync(string next)
    {
        var bench = await RunningAsync(next);
        await AnswerAsync(bench);
        return bench;
    }

    private static Task<CallBench> RunningAsync(string next = """{"name":"HangUp"}""") =>
        CallBench.RunningAsync($$"""[{"name":"CallPhone","phone_number":"{{Callee}}"},{{next}}]""");

    private static async Task<DialLeg> AnswerAsync(CallBench bench)
    {
        var dial = await bench.Legs.NextAsync<DialLeg>();
        bench.Tell(new LegAnswered(dial.Leg));
        await bench.Legs.NextAsync<BridgeLegs>();
        return dial;
    }
}
