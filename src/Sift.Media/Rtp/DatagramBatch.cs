using Sift.Protocols.Rtp;

namespace Sift.Media.Rtp;

/// <summary>Room for the datagrams that one receive call brings. Reused for every socket of a media thread.</summary>
internal sealed unsafe class DatagramBatch : IDisposable
{
    public const int Size = 16;

    /// <summary>Anything longer is no audio packet of ours and is cut, which makes its parser refuse it or ignore the tail.</summary>
    public const int DatagramSize = 1536;

    private readonly byte[] _buffer = GC.AllocateArray<byte>(Size * DatagramSize, pinned: true);

    public int[] Lengths { get; } = new int[Size];

    public TransportAddress[] Sources { get; } = new TransportAddress[Size];

    /// <summary>The kernel's receive time in nanoseconds since 1970; 0 when unknown.</summary>
    public long[] Stamps { get; } = new long[Size];

    public ReadOnlySpan<byte> this[int index] => _buffer.AsSpan(index * DatagramSize, Lengths[index]);

    public Span<byte> Room(int index) => _buffer.AsSpan(index * DatagramSize, DatagramSize);

    internal byte* Pointer(int index) => (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _buffer[index * DatagramSize]);

    /// <summary>Message headers of the Linux implementation, made on its first receive.</summary>
    internal LinuxMessageHeaders? Native { get; set; }

    public void Dispose() => Native?.Dispose();
}
