using Sift.Protocols.Rtp;

namespace Sift.Media.Rtp;

/// <summary>Where media sockets come from: the Linux system calls, .NET's sockets elsewhere, a network in memory in tests.</summary>
internal interface IDatagramSockets
{
    /// <returns>Null when the port is taken.</returns>
    IDatagramSocket? TryBind(int port);

    /// <summary>A batch for <see cref="IDatagramSocket.Receive"/>; one per media thread.</summary>
    DatagramBatch CreateBatch();
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

/// <summary>Which implementation fits the system we run on.</summary>
internal static class DatagramSockets
{
    public static IDatagramSockets ForThisSystem(MediaEngineOptions options) =>
        OperatingSystem.IsLinux() && nint.Size == 8 && BitConverter.IsLittleEndian
            ? new LinuxDatagramSockets(options.BindAddress, options.DifferentiatedServices)
            : new PortableDatagramSockets(options.BindAddress, options.DifferentiatedServices);
}
