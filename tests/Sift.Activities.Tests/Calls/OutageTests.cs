using Sift.Activities.Calls;
using Sift.Activities.Connections;
using Sift.Activities.Tests.Fixtures;
using Sift.Activities.Webhooks;
using Sift.Media.Legs;

namespace Sift.Activities.Tests.Calls;

/// <summary>The customer's server is away for ten minutes in the middle of a call.</summary>
public sealed class OutageTests
{
    private static readonly TimeSpan Outage = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task The_caller_hears_hold_and_the_call_goes_on_at_the_same_step_once_when_the_receiver_is_back()
    {
        var options = new CallOptions { CallbackDeadline = TimeSpan.FromMinutes(15) };
        await using var bench = await CallBench.RunningAsync("""[{"name":"GetDigits","count":1,"on_done":"https://app.example.com/done"},{"name":"Say","text":"Not this."}]""", options: options);
        bench.Press("5");
        var began = bench.Time.GetUtcNow();
        var ids = new HashSet<string>();
        var attempts = 0;
        while (true)
        {
            var exchange = await bench.Receiver.NextAsync("on_done");
            ids.Add(exchange.Delivery.Id);
            attempts++;
            await bench.SettleAsync();
            Assert.True(IsOnHold(bench), $"the caller hears nothing {bench.Time.GetUtcNow() - began} after the key");
            Assert.False(bench.Legs.HasNext);
            if (bench.Time.GetUtcNow() - began >= Outage)
            {
                exchange.ReplyRoutine("""[{"name":"Say","text":"Back again."}]""");
                break;
            }

            exchange.Fail();
            var due = (await bench.Storage.RecordedAsync()).NextAttemptAt!.Value;
            await bench.Time.AdvanceToAlarmAsync(due - bench.Time.GetUtcNow());
        }

        var said = await bench.Legs.NextAsync<PlayOnLeg>();
        Assert.Equal(new SpeechSource("Back again."), Assert.Single(said.Sources));
        Assert.False(IsOnHold(bench));
        Assert.Equal((1, attempts), (ids.Count, bench.Receiver.Attempts));
        Assert.InRange(attempts, 40, 50);

        // A second reply to the same callback (the first one's answer was lost) finds nobody waiting.
        Assert.Equal(DeliveryState.Succeeded, (await bench.Storage.RecordedAsync()).State);
        await Soon.UntilAsync(() => bench.Pipeline.ActiveCount == 0, "the end of the delivery");
        Assert.True(await bench.Pipeline.RedeliverAsync(ids.Single(), default));
        Assert.Equal(DeliveryState.Pending, (await bench.Storage.RecordedAsync()).State);
        (await bench.Receiver.NextAsync("on_done")).ReplyRoutine("""[{"name":"Say","text":"Twice."}]""");
        Assert.Equal(DeliveryState.Succeeded, (await bench.Storage.RecordedAsync()).State);
        await bench.SettleAsync();
        Assert.False(bench.Legs.HasNext);

        bench.Finish(said);
        await bench.Legs.NextAsync<HangUpLeg>();
        Assert.Equal(ConnectionStatus.Finished, (await bench.HangUpAsync()).Status);
        Assert.DoesNotContain(bench.Legs.All.OfType<PlayOnLeg>(), play => play.Sources.OfType<SpeechSource>().Any(speech => speech.Text is "Not this." or "Twice."));
    }

    [Fact]
    public async Task A_call_waits_no_longer_than_its_deadline_and_then_takes_the_fallback()
    {
        await using var bench = await CallBench.StartAsync();
        bench.Plan = bench.Plan! with { FallbackRoutine = System.Text.Json.JsonElement.Parse("""[{"name":"Say","text":"Please call later."}]""") };
        bench.Call();
        await bench.Legs.NextAsync<AnswerLeg>();
        bench.Tell(new LegAnswered(bench.Leg));
        var began = bench.Time.GetUtcNow();
        while (await FailAsync(bench) is { } due)
        {
            await bench.Time.AdvanceToAlarmAsync(due - bench.Time.GetUtcNow());
        }

        Assert.Equal(new SpeechSource("Please call later."), (await bench.Legs.NextAsync<PlayOnLeg>()).Sources[0]);
        Assert.InRange(bench.Time.GetUtcNow() - began, TimeSpan.FromSeconds(45), TimeSpan.FromSeconds(60));
        Assert.False(IsOnHold(bench));
        Assert.Contains("HTTP 503", await bench.JournalAsync(), StringComparison.Ordinal);
    }

    private static async Task<DateTimeOffset?> FailAsync(CallBench bench)
    {
        (await bench.Receiver.NextAsync("on_incoming")).Fail();
        return (await bench.Storage.RecordedAsync()).NextAttemptAt;
    }

    /// <summary>Whether the last that was asked for in the background is the hold tone, and not its end.</summary>
    private static bool IsOnHold(CallBench bench) => bench.Legs.All
        .Where(static command => command is PlayOnLeg { Playback.Value: ['b', 'g', ':', ..] } or StopPlayback { Playback.Value: ['b', 'g', ':', ..] })
        .LastOrDefault() is PlayOnLeg { Sources: [.., ToneSource { Tone: ToneKind.Hold }] };
}
