using Sift.Activities.Tests.Fixtures;
using Sift.Activities.Webhooks;

namespace Sift.Activities.Tests.Webhooks;

public sealed class DeliveryPipelineTests
{
    [Fact]
    public async Task An_event_is_tried_eight_times_over_28_hours_and_is_then_dead()
    {
        await using var bench = await CallBench.StartAsync();
        var delivery = await AddAsync(bench, DeliveryMode.Event);
        var waits = new List<TimeSpan>();

        for (var attempt = 1; attempt <= 8; attempt++)
        {
            (await bench.Receiver.NextAsync()).Fail();
            var recorded = await bench.Storage.RecordedAsync();
            Assert.Equal(attempt, recorded.Attempts);
            await Soon.UntilAsync(() => bench.Pipeline.ActiveCount == 0, "the end of the attempt");
            if (attempt == 8)
            {
                Assert.Equal(DeliveryState.Dead, recorded.State);
                break;
            }

            var due = bench.Storage.Retries[^1];
            Assert.Equal((delivery.Id, recorded.NextAttemptAt), (due.Id, due.At));
            waits.Add(due.At - bench.Time.GetUtcNow());
            bench.Time.Advance(waits[^1]);
            bench.Pipeline.Retry(new DeliveryKey(delivery.Id, null));
        }

        Assert.Equal([5, 300, 1800, 7200, 18000, 36000, 36000], waits.Select(static wait => wait.TotalSeconds));
        Assert.Equal(8, (await bench.Storage.AttemptsAsync(delivery.Id, default)).Count);
    }

    [Fact]
    public async Task In_a_call_attempts_are_made_at_0_1_3_7_15_30_and_45_seconds()
    {
        await using var bench = await CallBench.StartAsync();
        await AddAsync(bench, DeliveryMode.InCall);
        var start = bench.Time.GetUtcNow();
        var times = new List<double>();

        for (var attempt = 0; attempt < 7; attempt++)
        {
            var exchange = await bench.Receiver.NextAsync();
            times.Add((bench.Time.GetUtcNow() - start).TotalSeconds);
            exchange.Fail();
            var recorded = await bench.Storage.RecordedAsync();
            if (recorded.NextAttemptAt is { } due && recorded.Mode == DeliveryMode.InCall)
            {
                await bench.Time.AdvanceToAlarmAsync(due - bench.Time.GetUtcNow());
            }
            else
            {
                Assert.Equal(6, attempt);
            }
        }

        Assert.Equal([0, 1, 3, 7, 15, 30, 45], times);
    }

    [Fact]
    public async Task Gone_stops_at_once()
    {
        await using var bench = await CallBench.StartAsync();
        await AddAsync(bench, DeliveryMode.Event);

        (await bench.Receiver.NextAsync()).Fail(410);

        Assert.Equal(DeliveryState.Aborted, (await bench.Storage.RecordedAsync()).State);
        Assert.Empty(bench.Storage.Retries);
    }

    [Fact]
    public async Task The_same_delivery_handed_in_twice_is_sent_once()
    {
        await using var bench = await CallBench.StartAsync();
        var delivery = await AddAsync(bench, DeliveryMode.Event);
        bench.Pipeline.Enqueue(delivery);

        (await bench.Receiver.NextAsync()).Reply();
        await bench.Storage.RecordedAsync();

        Assert.Equal(1, bench.Receiver.Attempts);
    }

    [Fact]
    public async Task First_attempts_of_one_connection_keep_their_order_and_those_of_others_do_not_wait()
    {
        await using var bench = await CallBench.StartAsync();
        await AddAsync(bench, DeliveryMode.Event, "a1", "c1");
        await AddAsync(bench, DeliveryMode.Event, "a2", "c1");
        await AddAsync(bench, DeliveryMode.Event, "b1", "c2");

        var first = await bench.Receiver.NextAsync();
        var other = await bench.Receiver.NextAsync();
        Assert.Equal(["a1", "b1"], new[] { first.Delivery.Id, other.Delivery.Id }.Order());
        (first.Delivery.Id == "a1" ? first : other).Fail();

        Assert.Equal("a2", (await bench.Receiver.NextAsync()).Delivery.Id);
    }

    [Fact]
    public async Task What_a_former_process_left_is_sent_with_the_same_id()
    {
        await using var bench = await CallBench.StartAsync();
        await bench.Storage.AddAsync(New(bench, DeliveryMode.Event, "left", "c1"), default);

        await bench.Pipeline.RecoverAsync(default);

        Assert.Equal("left", (await bench.Receiver.NextAsync()).Delivery.Id);
    }

    [Fact]
    public async Task An_on_done_callback_outlives_its_call()
    {
        await using var bench = await CallBench.RunningAsync("""[{"name":"Pause","seconds":1,"on_done":"https://app.example.com/done"}]""");
        await bench.Time.AdvanceToAlarmAsync(TimeSpan.FromSeconds(1));
        var exchange = await bench.Receiver.NextAsync("on_done");

        await bench.HangUpAsync();
        await bench.SettleAsync();
        exchange.Fail();

        Delivery recorded;
        do
        {
            recorded = await bench.Storage.RecordedAsync();
        }
        while (recorded.Mode == DeliveryMode.InCall && recorded.NextAttemptAt is null);

        Assert.Equal((DeliveryMode.Event, DeliveryState.Scheduled), (recorded.Mode, recorded.State));
    }

    [Fact]
    public async Task A_host_that_is_left_alone_is_tried_when_a_person_asks_for_it()
    {
        await using var bench = await CallBench.StartAsync();
        await FailAsync(bench, HostGate.FailuresToOpen);

        Assert.True(await bench.Pipeline.RedeliverAsync("d0", default));

        Assert.Equal("d0", (await bench.Receiver.NextAsync()).Delivery.Id);
    }

    [Fact]
    public async Task An_event_that_was_put_off_for_as_long_as_its_schedule_lasts_loses_an_attempt_each_time()
    {
        await using var bench = await CallBench.StartAsync();
        var old = New(bench, DeliveryMode.Event, "old", "old");
        await bench.Storage.AddAsync(old, default);
        bench.Time.Advance(RetryPlan.Span + TimeSpan.FromSeconds(1));
        await FailAsync(bench, HostGate.FailuresToOpen);

        bench.Pipeline.Enqueue(old);

        Assert.Equal(1, (await bench.Storage.RecordedAsync()).Attempts);
        Assert.Contains("failed too often", (await bench.Storage.AttemptsAsync("old", default)).Single().Error);
    }

    [Fact]
    public async Task A_call_whose_receiver_is_left_alone_is_answered_as_soon_as_it_is_back()
    {
        await using var bench = await CallBench.StartAsync();
        await FailAsync(bench, HostGate.FailuresToOpen);
        await AddAsync(bench, DeliveryMode.InCall, "call", "call");

        for (var second = 0; second < HostGate.OpenFor.TotalSeconds; second++)
        {
            await bench.Time.AdvanceToAlarmAsync(TimeSpan.FromSeconds(1));
        }

        Assert.Equal("call", (await bench.Receiver.NextAsync()).Delivery.Id);
        Assert.Equal(0, (await ((IDeliveryStore)bench.Storage).FindAsync("call", default))!.Attempts);
    }

    [Fact]
    public async Task What_a_call_no_longer_waits_for_begins_the_schedule_of_events_anew()
    {
        await using var bench = await CallBench.StartAsync();
        var delivery = New(bench, DeliveryMode.InCall, "told", "told") with { Kind = "on_done", Attempts = 6, State = DeliveryState.Scheduled, Deadline = bench.Time.GetUtcNow() };
        await bench.Storage.AddAsync(delivery, default);
        bench.Pipeline.Enqueue(delivery);

        var waits = new List<double>();
        for (var i = 0; i < 2; i++)
        {
            (await bench.Receiver.NextAsync()).Fail();
            var recorded = await bench.Storage.RecordedAsync();
            Assert.Equal(7 + i, recorded.Attempts);
            waits.Add((recorded.NextAttemptAt!.Value - bench.Time.GetUtcNow()).TotalMinutes);
            await Soon.UntilAsync(() => bench.Pipeline.ActiveCount == 0, "the end of the attempt");
            bench.Time.Advance(TimeSpan.FromMinutes(waits[^1]));
            bench.Pipeline.Retry(new DeliveryKey("told", null));
        }

        Assert.Equal([5, 30], waits);
    }

    [Fact]
    public async Task What_another_process_is_at_is_left_to_it()
    {
        await using var bench = await CallBench.StartAsync();
        await bench.Storage.AddAsync(New(bench, DeliveryMode.Event, "theirs", "c1"), default);
        bench.Storage.TakenElsewhere.Add("theirs");

        bench.Pipeline.Retry(new DeliveryKey("theirs", null));
        await Soon.UntilAsync(() => bench.Pipeline.ActiveCount == 0, "the look at the row");

        Assert.Equal(0, bench.Receiver.Attempts);
    }

    [Fact]
    public async Task No_attempt_is_made_while_another_process_may_have_taken_over()
    {
        await using var bench = await CallBench.StartAsync();
        bench.Storage.Ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await AddAsync(bench, DeliveryMode.Event, "unsure", "c1");
        Assert.Equal((1, 0), (bench.Pipeline.ActiveCount, bench.Receiver.Attempts));

        bench.Storage.Ready.SetResult();

        Assert.Equal("unsure", (await bench.Receiver.NextAsync()).Delivery.Id);
    }

    [Fact]
    public async Task A_delivery_whose_reminder_was_lost_is_found_when_it_is_overdue()
    {
        await using var bench = await CallBench.StartAsync();
        await bench.Storage.AddAsync(New(bench, DeliveryMode.Event, "lost", "c1") with { Attempts = 1, State = DeliveryState.Scheduled, NextAttemptAt = bench.Time.GetUtcNow().AddSeconds(5) }, default);

        bench.Time.Advance(TimeSpan.FromSeconds(20));
        await bench.Pipeline.SweepAsync(default);
        Assert.Equal(0, bench.Receiver.Attempts);
        bench.Time.Advance(TimeSpan.FromSeconds(1));
        await bench.Pipeline.SweepAsync(default);

        Assert.Equal("lost", (await bench.Receiver.NextAsync()).Delivery.Id);
    }

    [Fact]
    public async Task What_a_former_process_had_scheduled_waits_for_its_time()
    {
        await using var bench = await CallBench.StartAsync();
        var due = bench.Time.GetUtcNow().AddMinutes(5);
        await bench.Storage.AddAsync(New(bench, DeliveryMode.Event, "later", "c1") with { Attempts = 2, State = DeliveryState.Scheduled, NextAttemptAt = due }, default);

        await bench.Pipeline.RecoverAsync(default);
        await Soon.UntilAsync(() => bench.Storage.Retries.Count == 1, "the reminder");

        Assert.Equal(("later", due), (bench.Storage.Retries[0].Id, bench.Storage.Retries[0].At));
        Assert.Equal(0, bench.Receiver.Attempts);
    }

    private static async Task FailAsync(CallBench bench, int times)
    {
        for (var i = 0; i < times; i++)
        {
            await AddAsync(bench, DeliveryMode.Event, $"d{i}", $"c{i}");
            (await bench.Receiver.NextAsync()).Fail();
            await bench.Storage.RecordedAsync();
        }

        await Soon.UntilAsync(() => bench.Pipeline.ActiveCount == 0, "the end of the attempts");
    }

    private static async Task<Delivery> AddAsync(CallBench bench, DeliveryMode mode, string id = "0123456789abcdef", string connection = "c0")
    {
        var delivery = New(bench, mode, id, connection);
        await bench.Storage.AddAsync(delivery, default);
        bench.Pipeline.Enqueue(delivery);
        return delivery;
    }

    private static Delivery New(CallBench bench, DeliveryMode mode, string id, string connection) =>
        new(id, CallBench.Account, connection, mode == DeliveryMode.InCall ? CallBench.CallId : null, mode == DeliveryMode.InCall ? "on_incoming" : "status", "https://app.example.com/hook", "{}"u8.ToArray(), mode, bench.Time.GetUtcNow())
        {
            Deadline = mode == DeliveryMode.InCall ? bench.Time.GetUtcNow() + TimeSpan.FromSeconds(60) : null,
        };
}
