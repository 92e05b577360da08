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
            await bench.Pipeline.RetryAsync(delivery.Id, default);
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
    public async Task A_receiver_that_fails_ten_times_in_a_row_is_left_alone_for_ten_seconds()
    {
        await using var bench = await CallBench.StartAsync();
        for (var i = 0; i < HostGate.FailuresToOpen; i++)
        {
            await AddAsync(bench, DeliveryMode.Event, $"d{i}", $"c{i}");
            (await bench.Receiver.NextAsync()).Fail();
            await bench.Storage.RecordedAsync();
        }

        await AddAsync(bench, DeliveryMode.Event, "late", "late");
        Assert.Equal("late", (await bench.Storage.RecordedAsync()).Id);
        Assert.Contains("failed too often", (await bench.Storage.AttemptsAsync("late", default)).Single().Error);
        Assert.Equal(HostGate.FailuresToOpen, bench.Receiver.Attempts);

        bench.Time.Advance(HostGate.OpenFor);
        await AddAsync(bench, DeliveryMode.Event, "probe", "probe");
        Assert.Equal("probe", (await bench.Receiver.NextAsync()).Delivery.Id);
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
