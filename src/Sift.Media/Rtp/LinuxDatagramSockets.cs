using System.Buffers.Binary;
using System.Net;
using Sift.Protocols.Rtp;
using static Sift.Media.Rtp.LinuxSystemCalls;

namespace Sift.Media.Rtp;

/// <summary>Plain system calls: a third of the cost of <see cref="System.Net.Sockets.Socket"/> to open, and one call to drain a socket.</summary>
internal sealed unsafe class LinuxDatagramSockets(IPAddress bindAddress, int differentiatedServices) : IDatagramSockets
{
    // A quarter of a second of many streams; the kernel caps it by net.core.rmem_max.
    private const int ReceiveBuffer = 128 * 1024;

    // A shared port carries all browsers at once.
    private const int SharedReceiveBuffer = 4 * 1024 * 1024;

    private readonly int _family = FamilyOf(bindAddress);

    public DatagramBatch CreateBatch() => new();

    public ISocketReadiness CreateReadiness() => new LinuxSocketReadiness();

    public IDatagramSocket? TryBind(int port)
    {
        var descriptor = Open(bindAddress, port, differentiatedServices, ReceiveBuffer);
        return descriptor < 0 ? null : new LinuxDatagramSocket(descriptor, _family);
    }

    public ISharedSocket? TryBindShared(int port)
    {
        var descriptor = Open(bindAddress, port, differentiatedServices, SharedReceiveBuffer);
        return descriptor < 0 ? null : new LinuxSharedSocket(descriptor, _family);
    }

    /// <returns>A bound socket's descriptor; negative when the port is taken.</returns>
    private static int Open(IPAddress bindAddress, int port, int differentiatedServices, int receiveBuffer)
    {
        var family = FamilyOf(bindAddress);
        var descriptor = LinuxSystemCalls.Socket(family, DatagramNonBlockingCloseOnExec, 0);
        if (descriptor < 0)
        {
            return descriptor;
        }

        var name = stackalloc byte[LinuxMessageHeaders.NameSize];
        var bind = TransportAddress.From(new IPEndPoint(bindAddress, 1)) with { Port = (ushort)port };
        var length = LinuxDatagramSocket.WriteName(family, bind, name);
        if (LinuxSystemCalls.Bind(descriptor, name, length) != 0)
        {
            LinuxSystemCalls.Close(descriptor);
            return -1;
        }

        SetOption(descriptor, SocketLevel, ReceiveBufferOption, receiveBuffer);
        SetOption(descriptor, SocketLevel, TimestampNanosecondsOption, 1);
        var v6 = family == AddressFamilyIPv6;
        SetOption(descriptor, v6 ? IPv6Level : IPv4Level, v6 ? IPv6TrafficClass : IPv4TypeOfService, differentiatedServices << 2);
        return descriptor;
    }

    private static int FamilyOf(IPAddress address) =>
        address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? AddressFamilyIPv6 : AddressFamilyIPv4;

    private static void SetOption(int descriptor, int level, int option, int value) =>
        LinuxSystemCalls.SetOption(descriptor, level, option, &value, sizeof(int));
}

internal sealed unsafe class LinuxDatagramSocket(int descriptor, int family) : IDatagramSocket
{
    private int _descriptor = descriptor;
    private TransportAddress _cachedDestination;
    private NameBuffer _cachedName;
    private uint _cachedLength;

    /// <summary>Negative when closed.</summary>
    public int Descriptor => _descriptor;

    public int Receive(DatagramBatch batch)
    {
        if (_descriptor < 0)
        {
            return 0;
        }

        var headers = batch.Native ??= new LinuxMessageHeaders(batch);
        var count = ReceiveMany(_descriptor, headers.Messages, DatagramBatch.Size, DontWait, null);
        if (count <= 0)
        {
            return 0;
        }

        for (var i = 0; i < count; i++)
        {
            ref var message = ref headers.Messages[i];
            batch.Lengths[i] = (int)message.Length;
            batch.Sources[i] = ReadName(headers.Name(i));
            batch.Stamps[i] = ReadStamp(headers.Control(i), message.Header.ControlLength);
        }

        headers.Rearm(count);
        return count;
    }

    public bool Send(ReadOnlySpan<byte> datagram, in TransportAddress destination)
    {
        if (_descriptor < 0)
        {
            return false;
        }

        fixed (NameBuffer* name = &_cachedName)
        fixed (byte* data = datagram)
        {
            if (destination != _cachedDestination || _cachedLength == 0)
            {
                if (family == AddressFamilyIPv4 && !destination.IsIPv4)
                {
                    return false;
                }

                _cachedLength = WriteName(family, destination, (byte*)name);
                _cachedDestination = destination;
            }

            return SendTo(_descriptor, data, (nuint)datagram.Length, DontWait, (byte*)name, _cachedLength) == datagram.Length;
        }
    }

    public void Dispose()
    {
        var open = Interlocked.Exchange(ref _descriptor, -1);
        if (open >= 0)
        {
            Close(open);
        }
    }

    /// <summary>Writes a <c>sockaddr_in</c> or <c>sockaddr_in6</c>.</summary>
    internal static uint WriteName(int family, in TransportAddress address, byte* name)
    {
        var bytes = new Span<byte>(name, LinuxMessageHeaders.NameSize);
        bytes.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)family);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], address.Port);
        if (family == AddressFamilyIPv4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], address.IPv4);
            return 16;
        }

        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], address.High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[16..], address.Low);
        return 28;
    }

    private static TransportAddress ReadName(byte* name)
    {
        var bytes = new ReadOnlySpan<byte>(name, LinuxMessageHeaders.NameSize);
        var port = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        return BinaryPrimitives.ReadUInt16LittleEndian(bytes) == AddressFamilyIPv4
            ? TransportAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]), port)
            : new TransportAddress(BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]), BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]), port);
    }

    // struct cmsghdr { size_t len; int level; int type; } followed by struct timespec.
    private static long ReadStamp(byte* control, nuint length)
    {
        if (length < 32 || *(int*)(control + 8) != SocketLevel || *(int*)(control + 12) != TimestampNanosecondsOption)
        {
            return 0;
        }

        return (*(long*)(control + 16) * 1_000_000_000) + *(long*)(control + 24);
    }

    [System.Runtime.CompilerServices.InlineArray(LinuxMessageHeaders.NameSize)]
    private struct NameBuffer
    {
        private byte _first;
    }
}
