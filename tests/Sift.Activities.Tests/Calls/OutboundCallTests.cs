using System.Text.Json.Nodes;
using Sift.Activities.Calls;
using Sift.Activities.Connections;
using Sift.Activities.Tests.Fixtures;
using Sift.Activities.Webhooks;
using Sift.Media.Legs;

namespace Sift.Activities.Tests.Calls;

public sealed class OutboundCallTests
{
    private const string StatusUrl = "https://app.example.com/status";

    [Fact]
    public async Task The_status_callback_sees_connecting_connected_and_finished_in_order_and_gives_the_routine()
    {
        await using var bench = await CallBench.StartAsync();
        await PlaceAsync(bench);

        var connecting = await bench.Receiver.NextAsync("status");
        Assert.Equal("connecting", StatusIn(connecting));
        Assert.Null(connecting.Body["connection"]!["start_time"]);
        connecting.Reply();
        var dial = await bench.Legs.NextAsync<DialLeg>();
        Assert.Equal(("+15554443333", "+15550100999", TimeSpan.FromSeconds(60)), (dial.Destination, dial.CallerId, dial.RingTimeout));
        bench.Tell(new LegRinging(bench.Leg, false));
        bench.Tell(new LegAnswered(bench.Leg));

        var connected = await bench.Receiver.NextAsync("status");
        Assert.Equal("connected", StatusIn(connected));
        connected.ReplyRoutine("""[{"name":"Say","text":"Hello"},{"name":"HangUp"}]""");
        bench.Finish(await bench.Legs.NextAsync<PlayOnLeg>());
        await bench.Legs.NextAsync<HangUpLeg>();
        bench.Tell(new LegEnded(bench.Leg, LegEndCause.LocalHangUp, 200, null));

        var finished = await bench.Receiver.NextAsync("status");
        Assert.Equal("finished", StatusIn(finished));
        Assert.NotNull(finished.Body["connection"]!["end_time"]);
        Assert.Equal([ConnectionStatus.Connecting, ConnectionStatus.Connected, ConnectionStatus.Finished], bench.Storage.StatusesOf(CallBench.CallId));
    }

    [Fact]
    public async Task Connected_waits_for_the_first_attempt_at_connecting()
    {
        await using var bench = await CallBench.StartAsync();
        await PlaceAsync(bench);
        var connecting = await bench.Receiver.NextAsync("status");
        await bench.Legs.NextAsync<DialLeg>();

        bench.Tell(new LegAnswered(bench.Leg));
        await bench.SettleAsync();
        Assert.False(bench.Receiver.HasNext);
        connecting.Fail();

        Assert.Equal("connected", StatusIn(await bench.Receiver.NextAsync("status")));
    }

    [Theory]
    [InlineData(LegEndCause.Busy, 486, "busy")]
    [InlineData(LegEndCause.NoAnswer, 408, "no_answer")]
    [InlineData(LegEndCause.Forbidden, 403, "forbidden")]
    public async Task A_call_that_is_not_answered_is_reported_failed_with_the_reason(LegEndCause cause, int status, string failure)
    {
        await using var bench = await CallBench.StartAsync();
        await PlaceAsync(bench);
        (await bench.Receiver.NextAsync("status")).Reply();
        await bench.Legs.NextAsync<DialLeg>();

        bench.Tell(new LegEnded(bench.Leg, cause, status, null));

        var connection = (await bench.Receiver.NextAsync("status")).Body["connection"]!;
        Assert.Equal(("failed", failure, status), (connection["status"]!.GetValue<string>(), connection["failure"]!.GetValue<string>(), connection["sip_status"]!.GetValue<int>()));
    }

    [Fact]
    public async Task The_same_id_is_dialled_once()
    {
        await using var bench = await CallBench.StartAsync();

        await PlaceAsync(bench);
        await PlaceAsync(bench);

        await bench.Legs.NextAsync<DialLeg>();
        await bench.SettleAsync();
        Assert.False(bench.Legs.HasNext);
    }

    [Fact]
    public async Task A_hang_up_before_the_commit_of_the_dial_leaves_the_phone_silent()
    {
        await using var bench = await CallBench.StartAsync();
        bench.Storage.Journal.HoldCommits = true;
        var placing = PlaceAsync(bench);

        Assert.True(await bench.Control.HangUpAsync(CallBench.CallId, default));
        bench.Storage.Journal.HoldCommits = false;
        bench.Storage.Journal.Release();
        await placing;

        var connection = await bench.Storage.EndedAsync(CallBench.CallId);
        Assert.Equal(ConnectionStatus.Failed, connection.Status);
        Assert.Empty(bench.Legs.All.OfType<DialLeg>());
    }

    [Fact]
    public async Task Who_gives_up_waiting_for_the_acceptance_leaves_a_call_that_runs_as_ever()
    {
        await using var bench = await CallBench.StartAsync();
        bench.Storage.Journal.HoldCommits = true;
        using var patience = new CancellationTokenSource();
        var placing = bench.Control.PlaceAsync(
            new PlaceConnection(CallBench.CallId, CallBench.Account, "+15554443333", null, Routine: JsonNode.Parse("""[{"name":"Say","text":"Hello"}]""")!.AsArray()), patience.Token).AsTask();
        await Soon.UntilAsync(() => bench.Storage.Journal.InFlight == 1, "the acceptance");

        await patience.CancelAsync();
        bench.Storage.Journal.HoldCommits = false;
        bench.Storage.Journal.Release();
        await placing.ContinueWith(static _ => { }, TaskScheduler.Default);
        await bench.Legs.NextAsync<DialLeg>();
        bench.Tell(new LegAnswered(bench.Leg));

        Assert.Equal(new SpeechSource("Hello"), (await bench.Legs.NextAsync<PlayOnLeg>()).Sources[0]);
    }

    [Fact]
    public async Task A_request_that_was_withdrawn_before_it_was_accepted_is_dialled_when_it_is_repeated()
    {
        await using var bench = await CallBench.StartAsync();
        using var withdrawn = new CancellationTokenSource();
        await withdrawn.CancelAsync();
        var request = new PlaceConnection(CallBench.CallId, CallBench.Account, "+15554443333", null, Routine: []);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => bench.Control.PlaceAsync(request, withdrawn.Token).AsTask());
        Assert.Equal(0, bench.Control.LiveCount);

        await bench.Control.PlaceAsync(request, default);

        await bench.Legs.NextAsync<DialLeg>();
    }

    [Fact]
    public async Task A_routine_sent_while_it_rings_runs_after_the_answer()
    {
        await using var bench = await CallBench.StartAsync();
        await PlaceAsync(bench);
        (await bench.Receiver.NextAsync("status")).Reply();
        await bench.Legs.NextAsync<DialLeg>();

        Assert.True(await bench.Control.ReplaceRoutineAsync(CallBench.CallId, JsonNode.Parse("""[{"name":"Say","text":"Preset"}]""")!.AsArray(), default));
        bench.Tell(new LegAnswered(bench.Leg));
        (await bench.Receiver.NextAsync("status")).ReplyRoutine("""[{"name":"Say","text":"Never"}]""");

        Assert.Equal(new SpeechSource("Preset"), (await bench.Legs.NextAsync<PlayOnLeg>()).Sources[0]);
    }

    [Fact]
    public async Task Without_a_status_url_the_routine_of_the_request_runs()
    {
        await using var bench = await CallBench.StartAsync();
        await bench.Control.PlaceAsync(new PlaceConnection(CallBench.CallId, CallBench.Account, "+15554443333", null, Routine: JsonNode.Parse("""[{"name":"Say","text":"Given"}]""")!.AsArray()), default);
        await bench.Legs.NextAsync<DialLeg>();

        bench.Tell(new LegAnswered(bench.Leg));

        Assert.Equal(new SpeechSource("Given"), (await bench.Legs.NextAsync<PlayOnLeg>()).Sources[0]);
        Assert.False(bench.Receiver.HasNext);
    }

    [Fact]
    public async Task After_a_crash_an_accepted_call_that_was_not_dialled_is_dialled_once()
    {
        var time = new ManualTime();
        FakeStorage storage;
        await using (var crashed = await CallBench.StartAsync(time: time))
        {
            crashed.Storage.Journal.HoldCommits = true;
            var placing = PlaceAsync(crashed);
            await Soon.UntilAsync(() => crashed.Storage.Journal.InFlight == 1, "the first commit");
            crashed.Storage.Journal.Release(1);
            await Soon.Within(placing, "the acceptance");
            storage = crashed.Storage.Crash();
            Assert.Empty(crashed.Legs.All);
        }

        await using var bench = await CallBench.StartAsync(storage, time);
        await bench.Runtime.RecoverAsync(default);
        await bench.Pipeline.RecoverAsync(default);

        await bench.Legs.NextAsync<DialLeg>();
        Assert.Equal("connecting", StatusIn(await bench.Receiver.NextAsync("status")));
        Assert.False(bench.Legs.HasNext);
        bench.Tell(new LegAnswered(bench.Leg));
        await bench.SettleAsync();
        Assert.Equal(ConnectionStatus.Connected, storage.Of(CallBench.CallId).Status);
    }

    [Theory]
    [InlineData(false, ConnectionStatus.Failed, "failed")]
    [InlineData(true, ConnectionStatus.Finished, "finished")]
    public async Task After_a_crash_a_call_that_was_dialled_ends_and_its_status_url_is_told(bool answered, ConnectionStatus status, string name)
    {
        var time = new ManualTime();
        FakeStorage storage;
        await using (var crashed = await CallBench.StartAsync(time: time))
        {
            await PlaceAsync(crashed);
            (await crashed.Receiver.NextAsync("status")).Reply();
            await crashed.Storage.RecordedAsync();
            await crashed.Legs.NextAsync<DialLeg>();
            if (answered)
            {
                crashed.Tell(new LegAnswered(crashed.Leg));
                await crashed.Receiver.NextAsync("status");
            }

            await crashed.SettleAsync();
            storage = crashed.Storage.Crash();
        }

        await using var bench = await CallBench.StartAsync(storage, time);
        await bench.Runtime.RecoverAsync(default);

        var connection = await storage.EndedAsync(CallBench.CallId);
        Assert.Equal((status, "server restarted"), (connection.Status, connection.EndReason));
        Assert.Equal("Finished", (await storage.FindAsync(CallBench.CallId, default))!.Status);
        Assert.Empty(bench.Legs.All.OfType<DialLeg>());
        var told = await bench.Receiver.NextAsync("status");
        while (StatusIn(told) != name)
        {
            told.Reply();
            told = await bench.Receiver.NextAsync("status");
        }
    }

    [Fact]
    public async Task A_connection_left_open_by_a_crash_after_its_workflow_had_ended_is_closed()
    {
        await using var bench = await CallBench.StartAsync();
        var left = new Connection(CallBench.CallId, CallBench.Account, "+15550100999", "+15554443333", "outgoing", ConnectionStatus.Connected, bench.Time.GetUtcNow()) { StatusUrl = StatusUrl };

        await bench.Control.ReconcileAsync([left], default);

        Assert.Equal("server restarted", (await bench.Storage.EndedAsync(CallBench.CallId)).EndReason);
        Assert.Equal("finished", StatusIn(await bench.Receiver.NextAsync("status")));
    }

    private static string StatusIn(FakeReceiver.Exchange exchange) => exchange.Body["connection"]!["status"]!.GetValue<string>();

    private static Task<Connection> PlaceAsync(CallBench bench) =>
        bench.Control.PlaceAsync(new PlaceConnection(CallBench.CallId, CallBench.Account, "+15554443333", StatusUrl), default).AsTask();
}
