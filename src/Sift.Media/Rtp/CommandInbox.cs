namespace Sift.Media.Rtp;

/// <summary>A node of a <see cref="CommandInbox{T}"/>: commands link themselves, so posting allocates nothing more.</summary>
internal abstract class InboxItem<T>
    where T : InboxItem<T>
{
    internal T? Next { get; set; }
}

/// <summary>Many writers, one reader, no locks: a linked stack that the reader takes whole and turns round.</summary>
internal sealed class CommandInbox<T>
    where T : InboxItem<T>
{
    private T? _top;

    public bool IsEmpty => Volatile.Read(ref _top) is null;

    public void Add(T item)
    {
        while (true)
        {
            var top = Volatile.Read(ref _top);
            item.Next = top;
            if (Interlocked.CompareExchange(ref _top, item, top) == top)
            {
                return;
            }
        }
    }

    /// <summary>All items in the order they were added, linked by Next; null when there are none.</summary>
    public T? TakeAll()
    {
        if (IsEmpty)
        {
            return null;
        }

        var item = Interlocked.Exchange(ref _top, null);
        T? first = null;
        while (item is not null)
        {
            var next = item.Next;
            item.Next = first;
            first = item;
            item = next;
        }

        return first;
    }
}
