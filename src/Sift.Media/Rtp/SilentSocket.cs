using Sift.Protocols.Rtp;

namespace Sift.Media.Rtp;

/// <summary>The RTCP socket of a session whose RTCP shares the RTP transport: nothing comes, nothing goes.</summary>
internal sealed class SilentSocket : IDatagramSocket
{
    public static SilentSocket Instance { get; } = new();

    public int Receive(DatagramBatch batch) => 0;

    public bool Send(ReadOnlySpan<byte> datagram, in TransportAddress destination) => false;

    public void Dispose()
    {
    }
}
