namespace Sift.Testing.Tests.Commands;

/// <summary>sift-api 4.5, 4.6, 3.4 and design section 5: CallPhone and CallClient with every way a call can go.</summary>
public sealed class CallTests
{
    private const string Callee = "+15554443333";
    private const string Client = "webrtc:reception";

    public static TheoryData<string, string> Both => new()
    {
        { """{"name":"CallPhone","phone_number":"+15554443333","event_callback":"https://app.example.com/events","on_done":"https://app.example.com/done"}""", Callee },
        { """{"name":"CallClient","client_name":"reception","event_callback":"https://app.example.com/events","on_done":"https://app.example.com/done"}""", Client },
    };

    [Theory]
    [MemberData(nameof(Both))]
    public async Task The_callee_hangs_up_and_the_next_command_runs(string command, string number)
    {
        var call = await Routine.RunAsync(command, prepare: simulation => simulation.Phone(number).Answers(script => script.Waits(TimeSpan.FromSeconds(30)).HangsUp(), TimeSpan.FromSeconds(5)));

        var body = Routine.DoneBody(call);
        Assert.Equal(("completed", 30), ((string?)body["dial_status"], (int)body["dial_duration"]!));
        Assert.Equal(call.Callees.Single().ConnectionId, (string?)body["callee_connection_id"]);
        Assert.Equal("Answered", call.Commands[0].Outcome);
        Assert.Equal(HeardKind.Ringback, call.Heard[0].Kind);
        Assert.Equal("Next.", call.Said[^1]);
        var ended = Assert.Single(call.Simulation.Webhooks, webhook => webhook.Kind == "conversation_event");
        Assert.Equal("ended", ended["event_type"]);
        Assert.Matches("^[0-9a-f]{16}$", ended["conversation_id"]);
        Assert.Equal("finished", ended["status"]);
        Assert.Equal(30, (DateTimeOffset.Parse(ended["end_time"]!) - DateTimeOffset.Parse(ended["start_time"]!)).TotalSeconds, tolerance: 1);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task The_caller_hangs_up_and_both_calls_end(string command, string number)
    {
        var call = await Routine.RunAsync(
            command, script => script.AfterHearing("Hello?").Waits(TimeSpan.FromSeconds(20)).HangsUp(), prepare: simulation => simulation.Phone(number).Answers(script => script.Speaks("Hello?")));

        Assert.Empty(call.Said);
        Assert.Equal(("finished", "finished"), (call.End!.Status, call.Callees.Single().End!.Status));
        Assert.Equal("ended", Assert.Single(call.Simulation.Webhooks, webhook => webhook.Kind == "conversation_event")["event_type"]);
        Assert.DoesNotContain(call.Simulation.Webhooks, webhook => webhook.Kind == "on_done");
    }

    [Theory]
    [InlineData("busy", "busy", "Busy")]
    [InlineData("declined", "declined", "Failed")]
    [InlineData("nobody", "no_answer", "NoAnswer")]
    [InlineData("unknown", "no_answer", "NoAnswer")]
    [InlineData("dead", "unreachable", "Failed")]
    [InlineData("404", "not_found", "Failed")]
    [InlineData("403", "forbidden", "Failed")]
    [InlineData("500", "unreachable", "Failed")]
    [InlineData("420", "error", "Failed")]
    public async Task A_call_that_does_not_come_about_takes_the_next_command(string how, string status, string outcome)
    {
        foreach (var row in Both)
        {
            var (command, number) = ((string)row[0], (string)row[1]);
            var call = await Routine.RunAsync(command, prepare: simulation => _ = how switch
            {
                "busy" => simulation.Phone(number).IsBusy(),
                "declined" => simulation.Phone(number).Declines(),
                "nobody" => simulation.Phone(number).DoesNotAnswer(),
                "dead" => simulation.Phone(number).IsUnreachable(),
                "unknown" => null,
                _ => simulation.Phone(number).Refuses(int.Parse(how)),
            });

            var body = Routine.DoneBody(call);
            Assert.Equal((status, 0), ((string?)body["dial_status"], (int)body["dial_duration"]!));
            Assert.Equal(outcome, call.Commands[0].Outcome);
            Assert.Equal("Next.", call.Said[^1]);
            Assert.Equal(("failed", status), (call.Callees.Single().End!.Status, call.Callees.Single().End!.Failure));
            Assert.DoesNotContain(call.Simulation.Webhooks, webhook => webhook.Kind == "conversation_event");
        }
    }

    [Theory]
    [InlineData("", 60)]
    [InlineData(",\"timeout_seconds\":7", 7)]
    public async Task Rings_a_minute_or_as_long_as_it_says(string parameter, double seconds)
    {
        var call = await Routine.RunAsync($$"""{"name":"CallPhone","phone_number":"{{Callee}}"{{parameter}}}""", prepare: simulation => simulation.Phone(Callee).DoesNotAnswer());

        Assert.Equal(seconds, (call.Commands[0].Until - call.Commands[0].At)!.Value.TotalSeconds, tolerance: 0.1);
    }

    [Theory]
    [InlineData("""{"name":"CallPhone","phone_number":"+15554443333"}""", Callee, "+15550100300")]
    [InlineData("""{"name":"CallPhone","phone_number":"+15554443333","caller_id":"+15550100999"}""", Callee, "+15550100999")]
    [InlineData("""{"name":"CallPhone","phone_number":"+15554443333","caller_id":"Example Ltd"}""", Callee, "Example Ltd")]
    [InlineData("""{"name":"CallClient","client_name":"reception"}""", Client, "+15550100200")]
    [InlineData("""{"name":"CallClient","client_name":"reception","caller_id":"+15550100999"}""", Client, "+15550100999")]
    public async Task Shows_the_number_that_was_called_or_the_one_it_says(string command, string number, string shown)
    {
        var call = await Routine.RunAsync(command, prepare: simulation => simulation.Phone(number).IsBusy());

        Assert.Contains($"Sift calls {number} as {shown}", call.Simulation.Transcript, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Early_media_of_the_far_end_takes_the_place_of_ringback()
    {
        var call = await Routine.RunAsync($$"""{"name":"CallPhone","phone_number":"{{Callee}}"}""", prepare: simulation => simulation.Phone(Callee).DoesNotAnswer().WithEarlyMedia());

        Assert.DoesNotContain(call.Heard, heard => heard.Kind == HeardKind.Ringback);
        Assert.Contains("is joined with", call.Simulation.Transcript, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_answered_on_demand_hears_real_ringing_and_is_answered_with_the_callee()
    {
        await using var simulation = Simulation.Of($$"""[{"name":"CallPhone","phone_number":"{{Callee}}"}]""", new SimulationOptions { AnswerOnDemand = true });
        simulation.Phone(Callee).Answers(TimeSpan.FromSeconds(10));
        var call = await simulation.CallAsync();

        await call.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.True(call.HearsRinging);
        Assert.False(call.IsUp);
        await call.AnswersAsync(TimeSpan.FromSeconds(6));

        Assert.Empty(call.Heard);
    }

    [Fact]
    public async Task Live_events_recording_and_processors_are_taken_under_both_names_and_do_nothing_yet()
    {
        var call = await Routine.RunAsync(
            $$"""{"name":"CallPhone","phone_number":"{{Callee}}","on_event":"https://app.example.com/events","live_talk_time":true,"live_transcription":true,"live_topics":true,"do_record":true,"processors":["transcribe"]}""",
            prepare: simulation => simulation.Phone(Callee).Answers(script => script.Speaks("Yes.").HangsUp()));

        Assert.Equal(["ended"], call.Simulation.Webhooks.Where(webhook => webhook.Kind == "conversation_event").Select(webhook => webhook["event_type"]));
    }

    [Theory]
    [InlineData("""{"name":"CallPhone"}""", "$[0].phone_number is required")]
    [InlineData("""{"name":"CallPhone","phone_number":"5554443333"}""", "$[0].phone_number must be an E.164 number")]
    [InlineData("""{"name":"CallPhone","phone_number":"+15554443333","timeout_seconds":0}""", "$[0].timeout_seconds must be from 1 to 600")]
    [InlineData("""{"name":"CallPhone","phone_number":"+15554443333","do_record":"yes"}""", "$[0].do_record must be true or false")]
    [InlineData("""{"name":"CallPhone","phone_number":"+15554443333","processors":"all"}""", "$[0].processors must be a list of strings")]
    [InlineData("""{"name":"CallPhone","phone_number":"+15554443333","caller_id":"<script>"}""", "$[0].caller_id must be")]
    [InlineData("""{"name":"CallClient"}""", "$[0].client_name is required")]
    [InlineData("""{"name":"CallClient","client_name":" "}""", "$[0].client_name must be the name of a client")]
    public void Is_refused_with_the_place_and_the_reason(string command, string problem) => Assert.Contains(problem, Routine.Refusal(command), StringComparison.Ordinal);
}
