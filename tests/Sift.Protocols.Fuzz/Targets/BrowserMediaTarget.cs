using Sift.Media.Legs;
using Sift.Media.Rtp;
using Sift.Media.WebRtc.Transport;
using Sift.Protocols.Fuzz.Browser;
using Sift.Protocols.Rtp;
using Sift.Protocols.Srtp;

namespace Sift.Protocols.Fuzz.Targets;

/// <summary>
/// A packet on the media path of a browser call: as it is, which must be refused, and sealed with the right keys, since a peer who may talk
/// may also talk nonsense. Decoding, key presses and reports included.
/// </summary>
internal sealed class BrowserMediaTarget : IFuzzTarget
{
    private static readonly byte[] TheirKey = [.. Enumerable.Range(1, SrtpProfileSizes.Key).Select(static i => (byte)i)];
    private static readonly byte[] OurKey = [.. Enumerable.Range(64, SrtpProfileSizes.Key).Select(static i => (byte)i)];
    private static readonly byte[] Salt = [.. Enumerable.Range(128, SrtpProfile.AeadAes128Gcm.SaltLength()).Select(static i => (byte)i)];

    /// <summary>The runs of one target may be on several threads.</summary>
    private readonly ThreadLocal<BrowserSide> _sides = new(static () => new BrowserSide());

    public string Name => "browser-media";

    public bool IsWholePath => true;

    public IReadOnlyList<byte[]> Dictionary { get; } =
        [[0x80, 0x00], [0x80, 0x80], [0x80, 0x65], [0x90, 0x65], [0xA0, 0x00], [0xBE, 0xDE, 0x00, 0x01], [0x80, 0xC8, 0, 6], [0x81, 0xC9, 0, 7], [0x81, 0xCA], [0x81, 0xCB], [5, 0x8A, 0, 160], [0xFF, 0xFF, 0xFF, 0xFF]];

    public void Run(ReadOnlySpan<byte> input)
    {
        var side = _sides.Value!;
        var counters = new BrowserPortCounters();
        var socket = new BrowserSocket(side, counters);
        var session = side.Engine.Open(new Silence(), socket, 4000);
        session.Configure(new MediaParameters
        {
            Remote = BrowserSocket.Peer,
            Format = AudioFormat.Pcmu,
            TelephoneEventPayloadType = 101,
            RtcpMux = true,
            Latch = LatchPolicy.SignalledOnly,
            MeterLevels = true,
        });
        socket.Use(new SrtpSession(SrtpProfile.AeadAes128Gcm, TheirKey, Salt, OurKey, Salt));

        socket.OnDatagram(input, 0);
        side.Step();
        if (session.Quality.PacketsReceived > 0)
        {
            throw new InvalidOperationException("A forged packet was taken.");
        }

        Seal(input, socket);
        for (var step = 0; step < 4; step++)
        {
            side.Step();
        }

        session.Close();
        side.Step();
    }

    private static void Seal(ReadOnlySpan<byte> input, BrowserSocket socket)
    {
        using var theirs = new SrtpSession(SrtpProfile.AeadAes128Gcm, OurKey, Salt, TheirKey, Salt);
        var plain = input[..Math.Min(input.Length, DatagramBatch.DatagramSize - SrtpProfileSizes.LargestOverhead)];
        var packet = new byte[plain.Length + SrtpProfileSizes.LargestOverhead];
        plain.CopyTo(packet);
        var length = RtpHeader.IsRtcp(plain) ? theirs.ProtectRtcp(packet, plain.Length) : theirs.Protect(packet, plain.Length);
        if (length > 0)
        {
            socket.OnDatagram(packet.AsSpan(0, length), 0);
        }
    }

    private sealed class Silence : IMediaSessionEvents
    {
        public void OnDigit(MediaSession session, char digit, DigitSource source)
        {
        }

        public void OnPlaybackFinished(MediaSession session, PlaybackId playback, PlaybackEnd end, string? error)
        {
        }

        public void OnMediaLost(MediaSession session, TimeSpan silence)
        {
        }

        public void OnMediaResumed(MediaSession session)
        {
        }

        public void OnMediaTimeout(MediaSession session, TimeSpan silence)
        {
        }

        public void OnFirstPacket(MediaSession session)
        {
        }

        public void OnClosed(MediaSession session, LegQuality quality)
        {
        }
    }
}
