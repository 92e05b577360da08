using Sift.Activities.Tests.Fixtures;
using Sift.Activities.Webhooks;

namespace Sift.Activities.Tests.Webhooks;

public sealed class HostGateTests
{
    private const int Places = 64;

    private readonly ManualTime time = new();

    [Fact]
    public async Task At_most_64_events_are_under_way_to_one_host_and_calls_have_places_of_their_own()
    {
        using var gate = new HostGate(time);
        for (var i = 0; i < Places; i++)
        {
            Assert.Null(await gate.EnterAsync(DeliveryMode.Event, insist: false, default));
        }

        var next = gate.EnterAsync(DeliveryMode.Event, insist: false, default).AsTask();
        Assert.Null(await gate.EnterAsync(DeliveryMode.InCall, insist: false, default));
        Assert.False(next.IsCompleted);
        Assert.Equal(Places + 1, gate.Describe("h").UnderWay);

        gate.Leave(DeliveryMode.Event, hostFailed: false);
        Assert.Null(await Soon.Within(next, "a place"));
    }

    [Fact]
    public async Task Those_who_stood_in_line_while_the_host_failed_do_not_try_it()
    {
        using var gate = new HostGate(time);
        for (var i = 0; i < Places; i++)
        {
            await gate.EnterAsync(DeliveryMode.Event, insist: false, default);
        }

        for (var i = 1; i < HostGate.FailuresToOpen; i++)
        {
            await gate.EnterAsync(DeliveryMode.InCall, insist: false, default);
            gate.Leave(DeliveryMode.InCall, hostFailed: true);
        }

        var waiting = gate.EnterAsync(DeliveryMode.Event, insist: false, default).AsTask();
        Assert.False(waiting.IsCompleted);
        gate.Leave(DeliveryMode.Event, hostFailed: true);

        Assert.Equal(HostGate.OpenFor, await Soon.Within(waiting, "an answer"));
        Assert.Null(await gate.EnterAsync(DeliveryMode.Event, insist: true, default));
    }

    [Fact]
    public async Task One_request_finds_out_whether_the_host_is_back_and_the_others_wait_for_it()
    {
        using var gate = await OpenAsync();
        time.Advance(HostGate.OpenFor - TimeSpan.FromTicks(1));
        Assert.Equal(TimeSpan.FromTicks(1), await gate.EnterAsync(DeliveryMode.Event, insist: false, default));
        time.Advance(TimeSpan.FromTicks(1));

        Assert.Null(await gate.EnterAsync(DeliveryMode.Event, insist: false, default));
        Assert.Equal(TimeSpan.FromSeconds(1), await gate.EnterAsync(DeliveryMode.InCall, insist: false, default));
        gate.Leave(DeliveryMode.Event, hostFailed: false);
        Assert.Null(await gate.EnterAsync(DeliveryMode.InCall, insist: false, default));
        Assert.False(gate.Describe("h").IsOpen);
    }

    [Fact]
    public async Task A_probe_that_is_given_up_while_it_waits_for_a_place_does_not_shut_the_host_for_ever()
    {
        using var gate = await OpenAsync();
        for (var i = 0; i < Places; i++)
        {
            await gate.EnterAsync(DeliveryMode.Event, insist: true, default);
        }

        time.Advance(HostGate.OpenFor);
        using var givenUp = new CancellationTokenSource();
        var probe = gate.EnterAsync(DeliveryMode.Event, insist: false, givenUp.Token).AsTask();
        await givenUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => probe);

        Assert.Null(await gate.EnterAsync(DeliveryMode.InCall, insist: false, default));
    }

    private async Task<HostGate> OpenAsync()
    {
        var gate = new HostGate(time);
        for (var i = 0; i < HostGate.FailuresToOpen; i++)
        {
            await gate.EnterAsync(DeliveryMode.Event, insist: false, default);
            gate.Leave(DeliveryMode.Event, hostFailed: true);
        }

        return gate;
    }
}
