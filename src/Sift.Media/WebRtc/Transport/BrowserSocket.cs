using System.Net;
using Sift.Media.Rtp;
using Sift.Protocols.Rtp;
using Sift.Protocols.Srtp;

namespace Sift.Media.WebRtc.Transport;

/// <summary>
/// The transport of one browser leg as its media session sees it: plain RTP and RTCP on this side, SRTP through the shared port on the
/// other. The keys belong to the media thread; where to send and new keys come from the thread of the port.
/// </summary>
internal sealed class BrowserSocket(ISharedSocket port, BrowserPortCounters counters) : IDatagramSocket
{
    private readonly DatagramRing _arrived = new();
    private readonly byte[] _outgoing = GC.AllocateArray<byte>(DatagramBatch.DatagramSize + SrtpProfileSizes.LargestOverhead, pinned: true);
    private SrtpSession? _keys;
    private SrtpSession? _newKeys;
    private Path? _path;
    private bool _closed;

    /// <summary>
    /// What the session takes for the far end's address. The real one is ICE's affair and may change at any time; a packet that carries
    /// a right tag is the peer's wherever it came from. Of the discard prefix (RFC 6666), so that it can be nobody's.
    /// </summary>
    public static IPEndPoint Peer { get; } = new(IPAddress.Parse("100::1"), 9);

    private static readonly TransportAddress PeerAddress = TransportAddress.From(Peer);

    /// <summary>On the port's thread: an SRTP or SRTCP datagram for this leg.</summary>
    public void OnDatagram(ReadOnlySpan<byte> datagram, long stamp)
    {
        if (!_arrived.TryAdd(datagram, stamp))
        {
            counters.CountMediaDropped();
        }
    }

    /// <summary>Media goes there from now on; null for nowhere.</summary>
    public void SendTo(TransportAddress? address) => Volatile.Write(ref _path, address is { } to ? new Path(to) : null);

    /// <summary>Hands keys over; the media thread disposes them and those they replace.</summary>
    public void Use(SrtpSession keys)
    {
        // Keys that were replaced before the media thread saw them are still only ours.
        Interlocked.Exchange(ref _newKeys, keys)?.Dispose();
        if (Volatile.Read(ref _closed))
        {
            Interlocked.Exchange(ref _newKeys, null)?.Dispose();
        }
    }

    public int Receive(DatagramBatch batch)
    {
        if (TakeKeys() is not { } keys)
        {
            _arrived.Clear();
            return 0;
        }

        var count = 0;
        while (count < DatagramBatch.Size && _arrived.TryTake(batch.Room(count), out var length, out var stamp))
        {
            var packet = batch.Room(count)[..length];
            var result = RtpHeader.IsRtcp(packet) ? keys.UnprotectRtcp(packet, out var plain) : keys.Unprotect(packet, out plain);
            if (result != SrtpResult.Ok)
            {
                Count(result);
                continue;
            }

            batch.Lengths[count] = plain;
            batch.Sources[count] = PeerAddress;
            batch.Stamps[count] = stamp;
            count++;
        }

        return count;
    }

    public bool Send(ReadOnlySpan<byte> datagram, in TransportAddress destination)
    {
        if (TakeKeys() is not { } keys || Volatile.Read(ref _path) is not { } path || datagram.Length > DatagramBatch.DatagramSize)
        {
            return false;
        }

        datagram.CopyTo(_outgoing);
        var length = RtpHeader.IsRtcp(datagram) ? keys.ProtectRtcp(_outgoing, datagram.Length) : keys.Protect(_outgoing, datagram.Length);
        return length > 0 && port.Send(_outgoing.AsSpan(0, length), path.Address);
    }

    public void Dispose()
    {
        Volatile.Write(ref _closed, true);
        _keys?.Dispose();
        _keys = null;
        Interlocked.Exchange(ref _newKeys, null)?.Dispose();
    }

    private SrtpSession? TakeKeys()
    {
        if (Volatile.Read(ref _newKeys) is not null && Interlocked.Exchange(ref _newKeys, null) is { } keys)
        {
            _keys?.Dispose();
            _keys = keys;
        }

        return _keys;
    }

    private void Count(SrtpResult result)
    {
        switch (result)
        {
            case SrtpResult.NotAuthentic:
                counters.CountNotAuthentic();
                break;
            case SrtpResult.Replayed:
                counters.CountReplayed();
                break;
            default:
                counters.CountMediaDropped();
                break;
        }
    }

    private sealed record Path(TransportAddress Address);
}
