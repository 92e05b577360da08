using Sift.Activities.Tests.Fixtures;
using Sift.Activities.Webhooks;

namespace Sift.Activities.Tests.Webhooks;

public sealed class HostBacklogTests
{
    private const string Host = "app.example.com";

    [Fact]
    public async Task A_receiver_that_fails_ten_times_in_a_row_is_left_alone_for_ten_seconds()
    {
        await using var bench = await CallBench.StartAsync();
        await FailAsync(bench);

        var late = await PutOffAsync(bench, "late");
        Assert.Equal((DeliveryState.Scheduled, 0, Host, (DateTimeOffset?)null), (late.State, late.Attempts, late.WaitsFor, late.NextAttemptAt));
        Assert.Empty(await bench.Storage.AttemptsAsync("late", default));
        bench.Time.Advance(HostGate.OpenFor - TimeSpan.FromTicks(1));
        Assert.Equal(HostGate.FailuresToOpen, bench.Receiver.Attempts);

        await bench.Time.AdvanceToAlarmAsync(TimeSpan.FromTicks(1));
        var probe = await bench.Receiver.NextAsync();
        Assert.Equal("late", probe.Delivery.Id);
        probe.Reply();
        Assert.Equal((DeliveryState.Succeeded, 1, (string?)null), await RecordedAsync(bench));
    }

    [Fact]
    public async Task What_waits_for_a_host_that_stays_away_costs_one_write_each_and_no_reminder()
    {
        await using var bench = await CallBench.StartAsync();
        await FailAsync(bench);
        var reminders = bench.Storage.Retries.Count;
        for (var i = 0; i < 200; i++)
        {
            await PutOffAsync(bench, $"w{i:d3}");
        }

        Assert.Equal(reminders, bench.Storage.Retries.Count);
        for (var look = 1; look <= 5; look++)
        {
            await bench.Time.AdvanceToAlarmAsync(HostGate.OpenFor);
            (await bench.Receiver.NextAsync()).Fail();
            Assert.Equal((DeliveryState.Scheduled, 1, (string?)null), await RecordedAsync(bench));
            await Soon.UntilAsync(() => bench.Pipeline.ActiveCount == 0, "the end of the attempt");
            Assert.Equal(HostGate.FailuresToOpen + look, bench.Receiver.Attempts);
        }

        Assert.Equal(195, bench.Storage.Deliveries.Count(static delivery => delivery.WaitsFor == Host));
        Assert.Equal(reminders + 5, bench.Storage.Retries.Count);
    }

    [Fact]
    public async Task A_host_that_is_back_gets_what_waited_in_order_and_not_all_at_once()
    {
        await using var bench = await CallBench.StartAsync();
        await FailAsync(bench);
        for (var i = 0; i < 100; i++)
        {
            await PutOffAsync(bench, $"w{i:d3}", i);
        }

        await bench.Time.AdvanceToAlarmAsync(HostGate.OpenFor);
        var sent = new List<string>();
        for (var i = 0; i < 100; i++)
        {
            var exchange = await bench.Receiver.NextAsync();
            sent.Add(exchange.Delivery.Id);
            exchange.Reply();
        }

        await Soon.UntilAsync(() => bench.Storage.Deliveries.Count(static delivery => delivery.State == DeliveryState.Succeeded) == 100, "all of them");
        Assert.Equal(Enumerable.Range(0, 100).Select(static i => $"w{i:d3}"), sent);
        await Soon.UntilAsync(() => bench.Storage.Taken.Count(static look => look.Count == 0) > 1, "the end of the watch");
        Assert.Equal([1, 2, 4, 8, 16, 32, 37], bench.Storage.Taken.Select(static look => look.Count).Where(static count => count > 0));
    }

    [Fact]
    public async Task What_another_process_left_for_a_host_is_found()
    {
        await using var bench = await CallBench.StartAsync();
        await bench.Storage.AddAsync(New(bench, "left", 0) with { State = DeliveryState.Scheduled, NextAttemptAt = null, WaitsFor = Host }, default);

        await bench.Pipeline.SweepAsync(default);

        Assert.Equal("left", (await bench.Receiver.NextAsync()).Delivery.Id);
    }

    [Fact]
    public async Task What_has_waited_for_as_long_as_its_schedule_lasts_loses_an_attempt()
    {
        await using var bench = await CallBench.StartAsync();
        var old = New(bench, "old", 0) with { State = DeliveryState.Scheduled, NextAttemptAt = null, WaitsFor = Host };
        bench.Time.Advance(RetryPlan.Span + TimeSpan.FromSeconds(1));
        await FailAsync(bench);
        await bench.Storage.AddAsync(old, default);

        await bench.Pipeline.SweepAsync(default);

        Assert.Equal((DeliveryState.Scheduled, 1, (string?)null), await RecordedAsync(bench));
        Assert.Contains("failed too often", (await bench.Storage.AttemptsAsync("old", default)).Single().Error);
        Assert.Equal(HostGate.FailuresToOpen, bench.Receiver.Attempts);
    }

    private static async Task<(DeliveryState State, int Attempts, string? WaitsFor)> RecordedAsync(CallBench bench)
    {
        var recorded = await bench.Storage.RecordedAsync();
        return (recorded.State, recorded.Attempts, recorded.WaitsFor);
    }

    private static async Task FailAsync(CallBench bench)
    {
        for (var i = 0; i < HostGate.FailuresToOpen; i++)
        {
            await AddAsync(bench, $"d{i}");
            (await bench.Receiver.NextAsync()).Fail();
            await bench.Storage.RecordedAsync();
        }

        await Soon.UntilAsync(() => bench.Pipeline.ActiveCount == 0, "the end of the attempts");
    }

    private static async Task<Delivery> PutOffAsync(CallBench bench, string id, int order = 0)
    {
        await AddAsync(bench, id, order);
        var saved = await bench.Storage.RecordedAsync();
        Assert.Equal(id, saved.Id);
        return saved;
    }

    private static async Task AddAsync(CallBench bench, string id, int order = 0)
    {
        var delivery = New(bench, id, order);
        await bench.Storage.AddAsync(delivery, default);
        bench.Pipeline.Enqueue(delivery);
    }

    private static Delivery New(CallBench bench, string id, int order) =>
        new(id, CallBench.Account, id, null, "status", $"https://{Host}/hook", "{}"u8.ToArray(), DeliveryMode.Event, bench.Time.GetUtcNow().AddTicks(order));
}
