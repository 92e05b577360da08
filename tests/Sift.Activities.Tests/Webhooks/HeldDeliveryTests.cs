using Microsoft.Extensions.Logging.Abstractions;
using Sift.Activities.Tests.Fixtures;
using Sift.Activities.Webhooks;

namespace Sift.Activities.Tests.Webhooks;

public sealed class HeldDeliveryTests : IWebhookEndpoints
{
    private readonly List<(string Host, bool IsGood)> reports = [];
    private string? held;

    string? IWebhookEndpoints.HeldBecause(string accountId, string host) => host == "app.example.com" ? held : null;

    void IWebhookEndpoints.Report(string accountId, string host, bool isGood, DateTimeOffset at) => reports.Add((host, isGood));

    [Fact]
    public async Task An_event_for_a_paused_host_waits_without_losing_an_attempt_and_is_sent_when_it_is_asked_for_again()
    {
        await using var bench = await CallBench.StartAsync();
        using var pipeline = Pipeline(bench);
        held = "paused";
        var delivery = await AddAsync(bench, DeliveryMode.Event, "status");
        pipeline.Enqueue(delivery);
        var waiting = await bench.Storage.RecordedAsync();
        Assert.Equal((DeliveryState.Scheduled, 0, (DateTimeOffset?)null), (waiting.State, waiting.Attempts, waiting.NextAttemptAt));

        await Soon.UntilAsync(() => pipeline.ActiveCount == 0, "the delivery is put away");
        held = null;
        pipeline.Retry(new DeliveryKey(delivery.Id, null));

        var exchange = await bench.Receiver.NextAsync();
        exchange.Fail();
        Assert.Equal(1, (await bench.Storage.RecordedAsync()).Attempts);
        Assert.Equal([("app.example.com", false)], reports);
    }

    [Theory]
    [InlineData("on_incoming", DeliveryState.Expired)]
    [InlineData("on_done", DeliveryState.Scheduled)]
    public async Task A_call_does_not_wait_for_a_paused_host(string kind, DeliveryState state)
    {
        await using var bench = await CallBench.StartAsync();
        using var pipeline = Pipeline(bench);
        held = "paused";
        pipeline.Enqueue(await AddAsync(bench, DeliveryMode.InCall, kind));

        var put = await bench.Storage.RecordedAsync();

        Assert.Equal((state, DeliveryMode.Event), (put.State, put.Mode));
        Assert.Empty(reports);
    }

    [Fact]
    public async Task A_redelivery_is_durable_before_it_is_sent()
    {
        await using var bench = await CallBench.StartAsync();
        using var pipeline = Pipeline(bench);
        var delivery = await AddAsync(bench, DeliveryMode.Event, "status") with { State = DeliveryState.Dead, Attempts = 8 };
        await bench.Storage.SaveAsync(delivery, default);
        await bench.Storage.RecordedAsync();

        Assert.True(await pipeline.RedeliverAsync(delivery.Id, default));

        Assert.Equal(DeliveryState.Pending, (await bench.Storage.RecordedAsync()).State);
        (await bench.Receiver.NextAsync()).Fail();
        var after = await bench.Storage.RecordedAsync();
        Assert.Equal((DeliveryState.Dead, 9), (after.State, after.Attempts));
    }

    private static async Task<Delivery> AddAsync(CallBench bench, DeliveryMode mode, string kind)
    {
        var now = bench.Time.GetUtcNow();
        var delivery = new Delivery("00000000000000d1", CallBench.Account, CallBench.CallId, null, kind, "https://app.example.com/x", "{}"u8.ToArray(), mode, now)
        {
            Deadline = mode == DeliveryMode.InCall ? now.AddSeconds(60) : null,
            NextAttemptAt = now,
        };
        await bench.Storage.AddAsync(delivery, default);
        return delivery;
    }

    private DeliveryPipeline Pipeline(CallBench bench) =>
        new(bench.Storage, bench.Storage, bench.Receiver, () => bench.Runtime, bench.Time, NullLogger<DeliveryPipeline>.Instance, this);
}
