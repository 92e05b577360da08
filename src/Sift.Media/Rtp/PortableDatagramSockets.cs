using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Sift.Protocols.Rtp;

namespace Sift.Media.Rtp;

/// <summary>.NET's own sockets, for systems without the Linux calls.</summary>
internal sealed class PortableDatagramSockets(IPAddress bindAddress, int differentiatedServices) : IDatagramSockets
{
    public DatagramBatch CreateBatch() => new();

    public ISocketReadiness CreateReadiness() => EverySocketReady.Instance;

    public IDatagramSocket? TryBind(int port) => Open(port) is { } socket ? new PortableDatagramSocket(socket, bindAddress.AddressFamily) : null;

    public ISharedSocket? TryBindShared(int port) => Open(port) is { } socket ? new PortableSharedSocket(socket, bindAddress.AddressFamily) : null;

    private Socket? Open(int port)
    {
        var socket = new Socket(bindAddress.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
        try
        {
            socket.Bind(new IPEndPoint(bindAddress, port));
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }

        try
        {
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.TypeOfService, differentiatedServices << 2);
        }
        catch (SocketException)
        {
            // Marking is a wish; Windows leaves it to policy.
        }

        return socket;
    }
}

internal sealed class PortableDatagramSocket(Socket socket, AddressFamily family) : IDatagramSocket
{
    private readonly SocketAddress _from = new(family);
    private readonly SocketAddress _to = new(family);
    private TransportAddress _cachedDestination;
    private bool _open = true;

    public int Receive(DatagramBatch batch)
    {
        var count = 0;
        while (count < DatagramBatch.Size && _open && socket.Available > 0)
        {
            try
            {
                batch.Lengths[count] = socket.ReceiveFrom(batch.Room(count), SocketFlags.None, _from);
            }
            catch (SocketException)
            {
                // Truncated datagrams and port-unreachable reports come up here on some systems; the datagram is gone.
                continue;
            }

            batch.Sources[count] = Read(_from);
            batch.Stamps[count] = 0;
            count++;
        }

        return count;
    }

    public bool Send(ReadOnlySpan<byte> datagram, in TransportAddress destination)
    {
        if (!_open || (family == AddressFamily.InterNetwork && !destination.IsIPv4))
        {
            return false;
        }

        if (destination != _cachedDestination)
        {
            Write(_to, destination);
            _cachedDestination = destination;
        }

        try
        {
            return socket.SendTo(datagram, SocketFlags.None, _to) == datagram.Length;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        _open = false;
        socket.Dispose();
    }

    private TransportAddress Read(SocketAddress address)
    {
        var bytes = address.Buffer.Span;
        var port = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        return family == AddressFamily.InterNetwork
            ? TransportAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]), port)
            : new TransportAddress(BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]), BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]), port);
    }

    private void Write(SocketAddress address, in TransportAddress destination)
    {
        var bytes = address.Buffer.Span;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], destination.Port);
        if (family == AddressFamily.InterNetwork)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], destination.IPv4);
            return;
        }

        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], destination.High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[16..], destination.Low);
    }
}
