using System.Buffers;

namespace Sift.Protocols.Sip.Transactions;

/// <summary>A written message kept for retransmission, in a rented buffer with one owner.</summary>
internal struct MessageBytes
{
    private byte[]? _array;
    private int _length;

    public readonly bool IsEmpty => _array is null;

    public readonly ReadOnlySpan<byte> Span => _array.AsSpan(0, _length);

    public void Set(ReadOnlySpan<byte> bytes)
    {
        if (_array is null || _array.Length < bytes.Length)
        {
            Release();
            _array = ArrayPool<byte>.Shared.Rent(bytes.Length);
        }

        bytes.CopyTo(_array);
        _length = bytes.Length;
    }

    public void Release()
    {
        if (_array is not null)
        {
            ArrayPool<byte>.Shared.Return(_array);
            _array = null;
            _length = 0;
        }
    }
}
