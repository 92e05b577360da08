using Sift.Protocols.Rtp;

namespace Sift.Media.WebRtc.Transport;

/// <summary>
/// Counts DTLS handshakes by address and minute: they are the dearest thing that a datagram can cause. The table is bounded; when it is
/// full of others, a newcomer is refused until the minute is over.
/// </summary>
internal sealed class HandshakeLimiter(int perMinute)
{
    private const int MostAddresses = 4096;

    private readonly Dictionary<(ulong High, ulong Low), int> _begun = [];
    private TimeSpan _minuteEnds;

    public bool TryBegin(TransportAddress from, TimeSpan now)
    {
        if (now >= _minuteEnds)
        {
            _begun.Clear();
            _minuteEnds = now + TimeSpan.FromMinutes(1);
        }

        var key = (from.High, from.Low);
        var begun = _begun.GetValueOrDefault(key);
        if (begun >= perMinute || (begun == 0 && _begun.Count >= MostAddresses))
        {
            return false;
        }

        _begun[key] = begun + 1;
        return true;
    }
}
