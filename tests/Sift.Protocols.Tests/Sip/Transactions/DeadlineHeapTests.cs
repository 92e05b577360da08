using Sift.Protocols.Sip.Transactions;
using Sift.Protocols.Tests.Sip.UserAgent;

namespace Sift.Protocols.Tests.Sip.Transactions;

public sealed class DeadlineHeapTests
{
    [Fact]
    public void Random_arming_and_disarming_keeps_the_earliest_on_top()
    {
        var dice = new SeededEntropy(7);
        var heap = new DeadlineHeap();
        var items = Enumerable.Range(0, 300).Select(_ => new Item(heap)).ToArray();
        for (var step = 0; step < 20_000; step++)
        {
            var item = items[dice.Below(items.Length)];
            item.At = dice.Chance(30) ? null : TimeSpan.FromTicks(dice.Below(5000));
            heap.Set(item, item.At);
            Assert.Equal(items.Min(i => i.At), heap.Earliest);
        }

        Assert.Equal(items.Count(i => i.At is not null), heap.Count);
    }

    [Fact]
    public void Fires_what_is_due_in_order_and_not_one_tick_before()
    {
        var heap = new DeadlineHeap();
        var fired = new List<int>();
        for (var i = 0; i < 50; i++)
        {
            var n = (i * 37) % 50;
            heap.Set(new Item(heap) { WhenFired = () => fired.Add(n) }, TimeSpan.FromTicks(n + 1));
        }

        heap.Fire(new(TimeSpan.Zero, null!));
        Assert.Empty(fired);
        heap.Fire(new(TimeSpan.FromTicks(25), null!));
        Assert.Equal(Enumerable.Range(0, 25), fired);
        heap.Fire(new(TimeSpan.FromTicks(50), null!));
        Assert.Equal(Enumerable.Range(0, 50), fired);
        Assert.Null(heap.Earliest);
    }

    private sealed class Item(DeadlineHeap heap) : ITimed
    {
        public TimeSpan? At { get; set; }

        public Action? WhenFired { get; init; }

        int ITimed.HeapSlot { get; set; }

        TimeSpan ITimed.HeapDeadline { get; set; }

        void ITimed.OnDeadline(in Turn turn)
        {
            Assert.Equal(0, ((ITimed)this).HeapSlot);
            heap.Set(this, null);
            WhenFired?.Invoke();
        }
    }
}
