using Sift.Media.Rtp;

namespace Sift.Media.Tests.Rtp;

public sealed class PortAllocatorTests
{
    private readonly MemoryNetwork _network = new();
    private readonly ManualTime _time = new();

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
        Assert.Empty(_network.Bound);
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
    public void The_order_is_not_the_order_of_numbers()
    {
        var allocator = Create(20000, 20199);
        var order = Enumerable.Range(0, 100).Select(_ => allocator.TryTake()!.Port).ToArray();
        Assert.NotEqual(order.Order(), order);
        Assert.Equal(100, order.Distinct().Count());
    }

    private PortAllocator Create(int min, int max) =>
        new(new MediaEngineOptions { PortMin = min, PortMax = max }, _network, new SeededEntropy(1), _time);
}
