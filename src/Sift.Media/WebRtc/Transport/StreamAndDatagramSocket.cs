using Sift.Media.Rtp;
using Sift.Protocols.Rtp;

namespace Sift.Media.WebRtc.Transport;

/// <summary>The shared port with its TCP streams: whoever sends need not know which kind an address is.</summary>
internal sealed class StreamAndDatagramSocket(ISharedSocket datagrams, StreamPeers streams) : ISharedSocket
{
    public int Port => datagrams.Port;

    public void Wait(TimeSpan longest) => datagrams.Wait(longest);

    public void Wake() => datagrams.Wake();

    public int Receive(DatagramBatch batch) => streams.Receive(batch) is > 0 and var count ? count : datagrams.Receive(batch);

    public bool Send(ReadOnlySpan<byte> datagram, in TransportAddress destination) =>
        destination.Stream == 0 ? datagrams.Send(datagram, destination) : streams.Send(datagram, destination);

    public void Dispose()
    {
        streams.Dispose();
        datagrams.Dispose();
    }
}
