using System.Buffers.Binary;

namespace Sift.Media.WebRtc.Transport;

/// <summary>RFC 4571 2: each datagram on a stream behind its length in two bytes. Cuts what has arrived into datagrams.</summary>
internal sealed class StreamFrames(int longest)
{
    private const int Header = 2;

    private readonly byte[] _buffer = new byte[(longest + Header) * 8];
    private int _start;
    private int _end;

    /// <summary>Where the next bytes are to be read to. Never empty while <see cref="TryNext"/> has been asked until it found nothing.</summary>
    public Memory<byte> Room
    {
        get
        {
            if (_start > 0)
            {
                _buffer.AsSpan(_start.._end).CopyTo(_buffer);
                _end -= _start;
                _start = 0;
            }

            return _buffer.AsMemory(_end);
        }
    }

    public void Added(int bytes) => _end += bytes;

    /// <returns>False when no whole frame is there; <paramref name="tooLong"/> when none can ever be: the stream is no use any more.</returns>
    public bool TryNext(out ReadOnlySpan<byte> datagram, out bool tooLong)
    {
        datagram = default;
        tooLong = false;
        var there = _end - _start;
        if (there < Header)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadUInt16BigEndian(_buffer.AsSpan(_start));
        if (length > longest)
        {
            tooLong = true;
            return false;
        }

        if (there < Header + length)
        {
            return false;
        }

        datagram = _buffer.AsSpan(_start + Header, length);
        _start += Header + length;
        return true;
    }
}
