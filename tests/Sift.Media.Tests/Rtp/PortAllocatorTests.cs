using Sift.Media.Rtp;

namespace Sift.Media.Tests.Rtp;

public sealed class PortAllocatorTests
{
    private readonly MemoryNetwork _network = new();
    private readonly ManualTime _time = new();
    private readonly TimeSpan _rest = new MediaEngineOptions().PortReuseDelay;

    [Fact]
    public void Gives_even_ports_in_range_with_their_odd_neighbours_until_none_is_left()
    {
        var allocator = Create(20001, 20009);
        var taken = Enumerable.Range(0, 4).Select(_ => allocator.TryTake()!).ToArray();
        Assert.Equal([20002, 20004, 20006, 20008], taken.Select(p => p.Port).Order());
        Assert.Equal(8, _network.Bound.Count);
        Assert.Null(allocator.TryTake());
        Assert.Equal(4, allocator.InUse);
    }

    [Fact]
    public void A_freed_pair_rests_for_its_delay()
    {
        var allocator = Create(20000, 20001);
        var ports = allocator.TryTake()!;
        ports.Release();
        ports.Release();
        Assert.Equal((0, 1), (allocator.InUse, allocator.Free));
        _time.Now = TimeSpan.FromSeconds(3) - TimeSpan.FromTicks(1);
        Assert.Null(allocator.TryTake());
        _time.Now = TimeSpan.FromSeconds(3);
        Assert.NotNull(allocator.TryTake());
        Assert.Null(allocator.TryTake());
    }

    [Fact]
    public void Passes_over_pairs_of_which_another_program_holds_one()
    {
        var allocator = Create(20000, 20005);
        _network.Taken.Add(20001);
        _network.Taken.Add(20002);
        Assert.Equal(20004, allocator.TryTake()!.Port);
        Assert.Null(allocator.TryTake());
        Assert.Equal(2, _network.Bound.Count);
    }

    [Fact]
    public void A_certain_pair_can_be_taken_once()
    {
        var allocator = Create(20000, 20003);
        Assert.Equal(20002, allocator.TryTake(20002)!.Port);
        Assert.Null(allocator.TryTake(20002));
        Assert.Equal(20000, allocator.TryTake()!.Port);
        Assert.Null(allocator.TryTake());
    }

    [Fact]
    public void A_rested_pair_is_handed_out_again_without_being_bound_anew()
    {
        var allocator = Create(20000, 20001);
        var first = allocator.TryTake()!;
        first.Release();
        _time.Now += _rest;

        var second = allocator.TryTake()!;

        Assert.Same(first.Rtp, second.Rtp);
        Assert.Same(first.Control, second.Control);
        Assert.Equal(2, _network.Binds);
        Assert.Equal((1, 0), (allocator.InUse, allocator.Free));

        // The first holder's are not the second's.
        first.Release();
        Assert.Equal(1, allocator.InUse);
        second.Release();
        Assert.Equal((0, 1), (allocator.InUse, allocator.Free));
    }

    [Fact]
    public void What_came_in_between_is_thrown_away()
    {
        var allocator = Create(20000, 20001);
        allocator.TryTake()!.Release();
        Send(20000, 47);
        Send(20001, 1);
        _time.Now += _rest;

        allocator.TryTake();

        Assert.Equal(2, _network.Binds);
        Assert.Empty(_network.Socket(20000).Arrived);
        Assert.Empty(_network.Socket(20001).Arrived);
    }

    [Theory]
    [InlineData(20000)]
    [InlineData(20001)]
    public void A_pair_to_which_somebody_sent_all_the_time_is_closed_and_another_taken(int port)
    {
        var allocator = Create(20000, 20003);
        allocator.TryTake(20000)!.Release();
        allocator.TryTake(20002)!.Release();
        Send(port, 48);
        _time.Now += _rest;

        Assert.Equal(20002, allocator.TryTake()!.Port);
        Send(20002, 1000);
        Assert.Equal(20000, allocator.TryTake()!.Port);
        Assert.Empty(_network.Socket(20000).Arrived);
        Assert.Null(allocator.TryTake());
        Assert.Equal(6, _network.Binds);
    }

    [Fact]
    public void The_only_pair_is_bound_anew_when_somebody_sent_to_it_all_the_time()
    {
        var allocator = Create(20000, 20001);
        allocator.TryTake()!.Release();
        Send(20000, 1000);
        _time.Now += _rest;

        Assert.NotNull(allocator.TryTake());
        Assert.Empty(_network.Socket(20000).Arrived);
        Assert.Equal(1, allocator.InUse);
    }

    [Fact]
    public void A_lone_caller_does_not_get_the_port_of_the_call_before()
    {
        var allocator = Create(20000, 20999);
        var ports = new List<int>();
        for (var call = 0; call < 400; call++)
        {
            var taken = allocator.TryTake()!;
            ports.Add(taken.Port);
            taken.Release();
            _time.Now += _rest;
        }

        // The first ones are all new; from then on it is one of 64, none of which stands out.
        Assert.Equal(64, ports.Take(64).Distinct().Count());
        Assert.Equal(2 * 64, _network.Binds);
        Assert.Equal(64, ports.Distinct().Count());
        Assert.InRange(ports.Zip(ports.Skip(1)).Count(static p => p.First == p.Second), 0, 20);
        Assert.All(ports.Skip(64).CountBy(static p => p), static p => Assert.InRange(p.Value, 1, 20));
    }

    [Fact]
    public void At_most_256_idle_pairs_stay_open()
    {
        var allocator = Create(20000, 20999);
        var taken = Enumerable.Range(0, 300).Select(_ => allocator.TryTake()!).ToArray();

        Array.ForEach(taken, static p => p.Release());
        Assert.Equal(2 * 256, _network.Bound.Count);
        Assert.Equal((0, 500), (allocator.InUse, allocator.Free));

        _time.Now += _rest;
        taken = [.. Enumerable.Range(0, 300).Select(_ => allocator.TryTake()!)];
        Assert.Equal(300, taken.Select(static p => p.Port).Distinct().Count());
        Assert.Equal((300, 200), (allocator.InUse, allocator.Free));

        Array.ForEach(taken, static p => p.Release());
        Assert.Equal(2 * 256, _network.Bound.Count);
    }

    [Fact]
    public void A_certain_pair_is_found_among_the_resting()
    {
        var allocator = Create(20000, 20003);
        var ports = allocator.TryTake(20000)!;
        for (var restart = 0; restart < 300; restart++)
        {
            ports.Release();
            var again = allocator.TryTake(20000)!;
            Assert.Same(ports.Rtp, again.Rtp);
            ports = again;
        }

        Assert.Null(allocator.TryTake(20000));
        Assert.Equal((1, 1), (allocator.InUse, allocator.Free));
        _time.Now += _rest;
        Assert.Equal(20002, allocator.TryTake()!.Port);
        Assert.Null(allocator.TryTake());
    }

    [Fact]
    public void A_certain_pair_is_found_among_the_rested()
    {
        var allocator = Create(20000, 20003);
        var pairs = new[] { allocator.TryTake()!, allocator.TryTake()! };
        Array.ForEach(pairs, static p => p.Release());
        _time.Now += _rest;
        var one = allocator.TryTake()!;
        var other = pairs.Single(p => p.Port != one.Port);

        Assert.Same(other.Rtp, allocator.TryTake(other.Port)!.Rtp);

        Assert.Null(allocator.TryTake(other.Port));
        Assert.Equal((2, 0), (allocator.InUse, allocator.Free));
        Assert.Null(allocator.TryTake());
    }

    [Fact]
    public void A_certain_pair_that_another_program_holds_can_be_had_later()
    {
        var allocator = Create(20000, 20001);
        _network.Taken.Add(20001);
        Assert.Null(allocator.TryTake(20000));
        Assert.Equal((0, 1), (allocator.InUse, allocator.Free));

        _network.Taken.Clear();
        Assert.Equal(20000, allocator.TryTake()!.Port);
    }

    [Fact]
    public void In_the_end_nothing_stays_open()
    {
        var allocator = Create(20000, 20005);
        var taken = Enumerable.Range(0, 3).Select(_ => allocator.TryTake()!).ToArray();
        taken[0].Release();
        taken[1].Release();
        _time.Now += _rest;
        var inUse = allocator.TryTake()!;
        taken[2].Release();
        Assert.Equal(6, _network.Bound.Count);

        // One has rested, one still rests.
        allocator.Dispose();
        allocator.Dispose();

        Assert.Equal([inUse.Port, inUse.Port + 1], _network.Bound.Order());
        inUse.Release();
        Assert.Empty(_network.Bound);
        Assert.Null(allocator.TryTake());
        Assert.Equal(0, allocator.InUse);
    }

    [Fact]
    public void Giving_back_waits_for_nobody_who_is_taking()
    {
        var allocator = Create(20000, 20005);
        var ports = allocator.TryTake()!;
        bool? waited = null;
        _network.Binding = () =>
        {
            var media = new Thread(ports.Release);
            media.Start();
            waited ??= !media.Join(TimeSpan.FromSeconds(10));
        };

        Assert.NotNull(allocator.TryTake());

        Assert.False(waited);
        Assert.Equal(1, allocator.InUse);
    }

    [Fact]
    public void The_order_is_not_the_order_of_numbers()
    {
        var allocator = Create(20000, 20199);
        var order = Enumerable.Range(0, 100).Select(_ => allocator.TryTake()!.Port).ToArray();
        Assert.NotEqual(order.Order(), order);
        Assert.Equal(100, order.Distinct().Count());
    }

    private void Send(int port, int count)
    {
        for (var i = 0; i < count; i++)
        {
            _network.Deliver(MemoryNetwork.Address(9), MemoryNetwork.Address(port), [1]);
        }
    }

    private PortAllocator Create(int min, int max) =>
        new(new MediaEngineOptions { PortMin = min, PortMax = max }, _network, new SeededEntropy(1), _time);
}
