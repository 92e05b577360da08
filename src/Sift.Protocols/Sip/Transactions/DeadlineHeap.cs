namespace Sift.Protocols.Sip.Transactions;

/// <summary>Something that waits for a point in time. It is in the heap at most once, with its earliest deadline.</summary>
internal interface ITimed
{
    /// <summary>Owned by <see cref="DeadlineHeap"/>: the place in the heap plus one; 0 when not in it.</summary>
    int HeapSlot { get; set; }

    /// <summary>Owned by <see cref="DeadlineHeap"/>.</summary>
    TimeSpan HeapDeadline { get; set; }

    void OnDeadline(in Turn turn);
}

/// <summary>
/// Binary heap of everything that waits. Entries know their slot, so that re-arming and disarming cost O(log n) and leave no
/// dead entries behind: tens of thousands of transactions linger for 32 s at load.
/// </summary>
internal sealed class DeadlineHeap
{
    private ITimed[] _items = new ITimed[64];

    public int Count { get; private set; }

    public TimeSpan? Earliest => Count == 0 ? null : _items[0].HeapDeadline;

    /// <summary>Arms, re-arms or (with null) disarms.</summary>
    public void Set(ITimed item, TimeSpan? deadline)
    {
        if (deadline is not { } at)
        {
            Remove(item);
            return;
        }

        if (item.HeapSlot == 0)
        {
            if (Count == _items.Length)
            {
                Array.Resize(ref _items, Count * 2);
            }

            item.HeapDeadline = at;
            Count++;
            Up(item, Count - 1);
            return;
        }

        var earlier = at < item.HeapDeadline;
        item.HeapDeadline = at;
        if (earlier)
        {
            Up(item, item.HeapSlot - 1);
        }
        else
        {
            Down(item, item.HeapSlot - 1);
        }
    }

    /// <summary>Fires everything due at <paramref name="turn"/>. Each item is disarmed before it fires and re-arms itself.</summary>
    public void Fire(in Turn turn)
    {
        while (Count > 0 && _items[0].HeapDeadline <= turn.Now)
        {
            var item = _items[0];
            Remove(item);
            item.OnDeadline(turn);
        }
    }

    private void Remove(ITimed item)
    {
        var slot = item.HeapSlot - 1;
        if (slot < 0)
        {
            return;
        }

        item.HeapSlot = 0;
        Count--;
        var last = _items[Count];
        _items[Count] = null!;
        if (slot == Count)
        {
            return;
        }

        if (slot > 0 && last.HeapDeadline < _items[(slot - 1) / 2].HeapDeadline)
        {
            Up(last, slot);
        }
        else
        {
            Down(last, slot);
        }
    }

    private void Up(ITimed item, int slot)
    {
        while (slot > 0)
        {
            var parent = (slot - 1) / 2;
            if (_items[parent].HeapDeadline <= item.HeapDeadline)
            {
                break;
            }

            Place(_items[parent], slot);
            slot = parent;
        }

        Place(item, slot);
    }

    private void Down(ITimed item, int slot)
    {
        while (true)
        {
            var child = (2 * slot) + 1;
            if (child >= Count)
            {
                break;
            }

            if (child + 1 < Count && _items[child + 1].HeapDeadline < _items[child].HeapDeadline)
            {
                child++;
            }

            if (item.HeapDeadline <= _items[child].HeapDeadline)
            {
                break;
            }

            Place(_items[child], slot);
            slot = child;
        }

        Place(item, slot);
    }

    private void Place(ITimed item, int slot)
    {
        _items[slot] = item;
        item.HeapSlot = slot + 1;
    }
}
