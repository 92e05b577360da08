using System.Buffers.Binary;
using Sift.Protocols.Rtp;
using static Sift.Media.Rtp.LinuxSystemCalls;

namespace Sift.Media.Rtp;

/// <summary>One port for many sessions: drained by <c>recvmmsg</c> after a <c>poll</c> that other threads end through an event descriptor.</summary>
internal sealed unsafe class LinuxSharedSocket : ISharedSocket
{
    private readonly LinuxDatagramSocket _reader;
    private readonly int _family;
    private readonly int _event;
    private int _descriptor;

    public LinuxSharedSocket(int descriptor, int family)
    {
        _descriptor = descriptor;
        _family = family;
        _reader = new LinuxDatagramSocket(descriptor, family);
        _event = OpenEvent(0, EventNonBlockingCloseOnExec);
        var name = stackalloc byte[LinuxMessageHeaders.NameSize];
        uint length = LinuxMessageHeaders.NameSize;
        if (GetName(descriptor, name, &length) == 0)
        {
            Port = BinaryPrimitives.ReadUInt16BigEndian(new ReadOnlySpan<byte>(name + 2, 2));
        }
    }

    public int Port { get; }

    public void Wait(TimeSpan longest)
    {
        var descriptors = stackalloc PollDescriptor[2];
        descriptors[0] = new PollDescriptor { Descriptor = _descriptor, Events = PollIn };
        descriptors[1] = new PollDescriptor { Descriptor = _event, Events = PollIn };
        if (Poll(descriptors, 2, (int)Math.Ceiling(longest.TotalMilliseconds)) > 0 && descriptors[1].Returned != 0)
        {
            ulong count;
            LinuxSystemCalls.Read(_event, &count, sizeof(ulong));
        }
    }

    public void Wake()
    {
        if (Volatile.Read(ref _descriptor) < 0)
        {
            // Closed: the number may be another file's by now.
            return;
        }

        ulong one = 1;
        Write(_event, &one, sizeof(ulong));
    }

    public int Receive(DatagramBatch batch) => _reader.Receive(batch);

    public bool Send(ReadOnlySpan<byte> datagram, in TransportAddress destination)
    {
        if (_descriptor < 0 || (_family == AddressFamilyIPv4 && !destination.IsIPv4))
        {
            return false;
        }

        // Many threads send: the address is written anew each time, which costs less than a lock.
        var name = stackalloc byte[LinuxMessageHeaders.NameSize];
        var length = LinuxDatagramSocket.WriteName(_family, destination, name);
        fixed (byte* data = datagram)
        {
            return SendTo(_descriptor, data, (nuint)datagram.Length, DontWait, name, length) == datagram.Length;
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _descriptor, -1) >= 0)
        {
            _reader.Dispose();
            Close(_event);
        }
    }
}
