using System.Runtime.InteropServices;

namespace Sift.Media.Rtp;

/// <summary>The <c>mmsghdr</c> array that <c>recvmmsg</c> fills, with address and control room for each datagram, in unmanaged memory.</summary>
internal sealed unsafe class LinuxMessageHeaders : IDisposable
{
    public const int NameSize = 28;
    public const int ControlSize = 64;

    private readonly LinuxSystemCalls.IoVector* _vectors;
    private readonly byte* _names;
    private readonly byte* _controls;

    public LinuxMessageHeaders(DatagramBatch batch)
    {
        Messages = (LinuxSystemCalls.MultiMessage*)NativeMemory.AllocZeroed(DatagramBatch.Size, (nuint)sizeof(LinuxSystemCalls.MultiMessage));
        _vectors = (LinuxSystemCalls.IoVector*)NativeMemory.AllocZeroed(DatagramBatch.Size, (nuint)sizeof(LinuxSystemCalls.IoVector));
        _names = (byte*)NativeMemory.AllocZeroed(DatagramBatch.Size * NameSize);
        _controls = (byte*)NativeMemory.AllocZeroed(DatagramBatch.Size * ControlSize);
        for (var i = 0; i < DatagramBatch.Size; i++)
        {
            _vectors[i].Base = batch.Pointer(i);
            _vectors[i].Length = DatagramBatch.DatagramSize;
            ref var header = ref Messages[i].Header;
            header.Name = _names + (i * NameSize);
            header.Vectors = _vectors + i;
            header.VectorCount = 1;
            header.Control = _controls + (i * ControlSize);
        }

        Rearm(DatagramBatch.Size);
    }

    public LinuxSystemCalls.MultiMessage* Messages { get; }

    public byte* Name(int index) => _names + (index * NameSize);

    public byte* Control(int index) => _controls + (index * ControlSize);

    /// <summary>The kernel writes the used lengths into the headers; set them back for the next call.</summary>
    public void Rearm(int used)
    {
        for (var i = 0; i < used; i++)
        {
            Messages[i].Header.NameLength = NameSize;
            Messages[i].Header.ControlLength = ControlSize;
        }
    }

    public void Dispose()
    {
        NativeMemory.Free(Messages);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_names);
        NativeMemory.Free(_controls);
    }
}
