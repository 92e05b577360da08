using Sift.Activities.Connections;
using Sift.Activities.Tests.Fixtures;
using Sift.Activities.Webhooks;
using Sift.Media.Legs;

namespace Sift.Activities.Tests.Calls;

public sealed class HangUpAnytimeTests
{
    private const string Routine = """
        [{"name":"Say","text":"a"},{"name":"GetDigits","count":1,"text":"b","on_done":"https://app.example.com/digits"},{"name":"CallPhone","phone_number":"+15550100400","event_callback":"https://app.example.com/events"},{"name":"Pause","seconds":1}]
        """;

    /// <summary>The caller hangs up after each of the first events of a call, while the engine works on another thread.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task Every_call_ends_once_and_leaves_nothing_behind(int events)
    {
        await using var bench = await CallBench.StartAsync();
        bench.Plan = bench.Plan! with { OnIncoming = null, DefaultRoutine = System.Text.Json.JsonElement.Parse(Routine) };

        await PlayAsync(bench, events);
        bench.Tell(new LegEnded(bench.Leg, LegEndCause.RemoteHangUp, null, "gone"));

        var connection = await bench.Storage.EndedAsync(CallBench.CallId);
        Assert.Equal(events < 2 ? ConnectionStatus.Failed : ConnectionStatus.Finished, connection.Status);
        Assert.Single(bench.Storage.StatusesOf(CallBench.CallId), static status => status is ConnectionStatus.Finished or ConnectionStatus.Failed);
        Assert.Equal("Finished", (await bench.Storage.FindAsync(CallBench.CallId, default))!.Status);
        await Soon.UntilAsync(() => bench.Control.LiveCount == 0, "the end of the call");
        foreach (var dial in bench.Legs.All.OfType<DialLeg>())
        {
            Assert.Contains(bench.Legs.All, command => command is HangUpLeg && command.Leg == dial.Leg);
            Assert.True(bench.Storage.Of(dial.Leg.Value).EndTime is not null, "the callee's connection stayed open");
        }

        Assert.Equal(events >= 8 ? 1 : 0, bench.Storage.Deliveries.Count(static delivery => delivery is { Kind: "conversation_event", Mode: DeliveryMode.Event }));
    }

    private static async Task PlayAsync(CallBench bench, int events)
    {
        bench.Call();
        if (events > 0)
        {
            await bench.Legs.NextAsync<AnswerLeg>();
        }

        if (events > 1)
        {
            bench.Tell(new LegAnswered(bench.Leg));
        }

        if (events > 2)
        {
            bench.Finish(await bench.Legs.NextAsync<PlayOnLeg>());
        }

        if (events > 3)
        {
            bench.Finish(await bench.Legs.NextAsync<PlayOnLeg>());
        }

        if (events > 4)
        {
            bench.Press("7");
        }

        if (events > 5)
        {
            (await bench.Receiver.NextAsync("on_done")).Reply();
        }

        if (events > 6)
        {
            var dial = await bench.Legs.NextAsync<DialLeg>();
            bench.Tell(new LegRinging(dial.Leg, EarlyMedia: false));
            if (events > 7)
            {
                bench.Tell(new LegAnswered(dial.Leg));
                await bench.Legs.NextAsync<BridgeLegs>();
            }
        }
    }
}
