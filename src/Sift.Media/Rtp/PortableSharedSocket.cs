using System.Net;
using System.Net.Sockets;
using Sift.Protocols.Rtp;

namespace Sift.Media.Rtp;

/// <summary>One port for many sessions on .NET's own sockets.</summary>
internal sealed class PortableSharedSocket(Socket socket, AddressFamily family) : ISharedSocket
{
    // There is no event to wait for beside the socket; this is how late a command may be noticed.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(5);

    private readonly PortableDatagramSocket _reader = new(socket, family);
    private readonly PortableDatagramSocket _writer = new(socket, family);
    private readonly Lock _sending = new();

    public int Port { get; } = ((IPEndPoint)socket.LocalEndPoint!).Port;

    public void Wait(TimeSpan longest)
    {
        try
        {
            socket.Poll(longest < LongestWait ? longest : LongestWait, SelectMode.SelectRead);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Closed while waiting: the reader finds nothing and its loop ends.
        }
    }

    public void Wake()
    {
    }

    public int Receive(DatagramBatch batch) => _reader.Receive(batch);

    public bool Send(ReadOnlySpan<byte> datagram, in TransportAddress destination)
    {
        lock (_sending)
        {
            return _writer.Send(datagram, destination);
        }
    }

    public void Dispose()
    {
        _writer.Dispose();
        _reader.Dispose();
    }
}
