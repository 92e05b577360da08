using System.Buffers.Binary;

namespace Sift.Media.WebRtc.Transport;

/// <summary>
/// Datagrams on their way from the thread that reads the shared port to the media thread of one leg: one writer, one reader, no locks, one
/// block of memory. A full ring refuses: late audio is worth nothing.
/// </summary>
internal sealed class DatagramRing
{
    private const int Size = 16 * 1024;
    private const int Mask = Size - 1;
    private const int HeaderSize = 16;

    // Stands where a datagram would not fit before the end of the block: go on at its beginning.
    private const int Skip = -1;

    private readonly byte[] _block = new byte[Size];
    private int _head;
    private int _tail;

    public bool IsEmpty => Volatile.Read(ref _head) == _tail;

    /// <returns>False when there is no room.</returns>
    public bool TryAdd(ReadOnlySpan<byte> datagram, long stamp)
    {
        var need = Align(HeaderSize + datagram.Length);
        var at = _head & Mask;
        var toEnd = Size - at;
        var used = _head - Volatile.Read(ref _tail);
        var skip = need > toEnd ? toEnd : 0;
        if (used + skip + need > Size)
        {
            return false;
        }

        if (skip > 0)
        {
            BinaryPrimitives.WriteInt32LittleEndian(_block.AsSpan(at), Skip);
            at = 0;
        }

        BinaryPrimitives.WriteInt32LittleEndian(_block.AsSpan(at), datagram.Length);
        BinaryPrimitives.WriteInt64LittleEndian(_block.AsSpan(at + 8), stamp);
        datagram.CopyTo(_block.AsSpan(at + HeaderSize));
        Volatile.Write(ref _head, _head + skip + need);
        return true;
    }

    /// <summary>Takes the oldest datagram. One that is longer than <paramref name="room"/> is cut.</summary>
    public bool TryTake(Span<byte> room, out int length, out long stamp)
    {
        length = 0;
        stamp = 0;
        if (Volatile.Read(ref _head) == _tail)
        {
            return false;
        }

        var at = _tail & Mask;
        var stored = BinaryPrimitives.ReadInt32LittleEndian(_block.AsSpan(at));
        var skip = 0;
        if (stored == Skip)
        {
            skip = Size - at;
            at = 0;
            stored = BinaryPrimitives.ReadInt32LittleEndian(_block);
        }

        stamp = BinaryPrimitives.ReadInt64LittleEndian(_block.AsSpan(at + 8));
        length = Math.Min(stored, room.Length);
        _block.AsSpan(at + HeaderSize, length).CopyTo(room);
        Volatile.Write(ref _tail, _tail + skip + Align(HeaderSize + stored));
        return true;
    }

    public void Clear() => Volatile.Write(ref _tail, Volatile.Read(ref _head));

    // Sixteen divides the block, so that a header always fits before its end.
    private static int Align(int length) => (length + 15) & ~15;
}
