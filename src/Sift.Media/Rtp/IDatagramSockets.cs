using System.Net;
using Sift.Protocols.Rtp;

namespace Sift.Media.Rtp;

/// <summary>Where media sockets come from: the Linux system calls, .NET's sockets elsewhere, a network in memory in tests.</summary>
internal interface IDatagramSockets
{
    /// <returns>Null when the port is taken.</returns>
    IDatagramSocket? TryBind(int port);

    /// <summary>Binds a port that many sessions share; 0 for any free one.</summary>
    /// <returns>Null when the port is taken.</returns>
    ISharedSocket? TryBindShared(int port);

    /// <summary>A batch for <see cref="IDatagramSocket.Receive"/>; one per media thread.</summary>
    DatagramBatch CreateBatch();

    /// <summary>What tells which sockets are worth a <see cref="IDatagramSocket.Receive"/>; one per media thread.</summary>
    ISocketReadiness CreateReadiness();
}

/// <summary>Knows the sockets of one media thread, and is asked once in a step which of them have something. Used by that thread only.</summary>
internal interface ISocketReadiness : IDisposable
{
    /// <returns>The socket's place, for <see cref="IsReady"/> and <see cref="Leave"/>.</returns>
    int Enter(IDatagramSocket socket);

    /// <summary>Before the socket is closed or given to somebody else: the place is another's after this.</summary>
    void Leave(int place, IDatagramSocket socket);

    /// <summary>Finds out about all that have entered.</summary>
    void Ask();

    /// <summary>False when nothing had arrived by <see cref="Ask"/>; true also when nobody knows.</summary>
    bool IsReady(int place);
}

/// <summary>Where asking for all at once is not to be had: every socket is worth a look.</summary>
internal sealed class EverySocketReady : ISocketReadiness
{
    public static EverySocketReady Instance { get; } = new();

    public int Enter(IDatagramSocket socket) => 0;

    public void Leave(int place, IDatagramSocket socket)
    {
    }

    public void Ask()
    {
    }

    public bool IsReady(int place) => true;

    public void Dispose()
    {
    }
}

/// <summary>A bound, non-blocking UDP socket. Used by one thread at a time; nothing in it allocates per packet.</summary>
internal interface IDatagramSocket : IDisposable
{
    /// <summary>Fills <paramref name="batch"/> with what has arrived.</summary>
    /// <returns>The number of datagrams; equal to <see cref="DatagramBatch.Size"/> when more may wait.</returns>
    int Receive(DatagramBatch batch);

    /// <returns>False when the datagram could not be handed to the network (a full buffer, no route); media does not retry.</returns>
    bool Send(ReadOnlySpan<byte> datagram, in TransportAddress destination);
}

/// <summary>A bound UDP port that one thread reads and any thread sends from.</summary>
internal interface ISharedSocket : IDisposable
{
    int Port { get; }

    /// <summary>Sleeps until something arrives, <see cref="Wake"/> is called, or the time is over. On the reading thread only.</summary>
    void Wait(TimeSpan longest);

    /// <summary>Ends a <see cref="Wait"/>, now or the next one.</summary>
    void Wake();

    /// <summary>As <see cref="IDatagramSocket.Receive"/>. On the reading thread only.</summary>
    int Receive(DatagramBatch batch);

    /// <summary>From any thread.</summary>
    /// <returns>False when the datagram could not be handed to the network.</returns>
    bool Send(ReadOnlySpan<byte> datagram, in TransportAddress destination);
}

/// <summary>Which implementation fits the system we run on.</summary>
internal static class DatagramSockets
{
    public static IDatagramSockets ForThisSystem(MediaEngineOptions options) => ForThisSystem(options.BindAddress, options.DifferentiatedServices);

    public static IDatagramSockets ForThisSystem(IPAddress bindAddress, int differentiatedServices) =>
        OperatingSystem.IsLinux() && nint.Size == 8 && BitConverter.IsLittleEndian
            ? new LinuxDatagramSockets(bindAddress, differentiatedServices)
            : new PortableDatagramSockets(bindAddress, differentiatedServices);
}
