using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Sift.Media.Rtp;
using Sift.Media.WebRtc.Transport;
using Sift.Protocols.Ice;
using Sift.Protocols.Sdp;

namespace Sift.Media.WebRtc.Calls;

/// <summary>What one offer of a browser and our answer to it settled.</summary>
/// <param name="Mid">Names the audio section, as <paramref name="MediaIndex"/> counts it.</param>
internal sealed record BrowserAgreement(MediaParameters Parameters, RemoteSecurity Security, bool IsHeldByPeer, string? Mid, int MediaIndex);

/// <summary>The answers of one browser leg over its life. The browser always offers (RFC 8829), we always answer.</summary>
internal sealed class BrowserAudio
{
    private readonly IBrowserHost _host;
    private readonly IReadOnlyList<AudioCodec> _codecs;
    private readonly bool _preferOwnOrder;
    private readonly string _sessionId;
    private readonly string _stream;
    private SessionDescription? _local;

    public BrowserAudio(IBrowserHost host, IReadOnlyList<string> preferredCodecs)
    {
        _host = host;
        _codecs = Codecs(host, preferredCodecs);
        _preferOwnOrder = preferredCodecs.Count > 0 || host.Options.PreferG711;
        Span<byte> random = stackalloc byte[16];
        host.Entropy.Fill(random);
        _sessionId = (BinaryPrimitives.ReadUInt64LittleEndian(random) >> 2).ToString(CultureInfo.InvariantCulture);
        _stream = Convert.ToHexStringLower(random[8..]);
    }

    /// <summary>Reads the ICE and DTLS lines of an offer, before it is known what to answer.</summary>
    /// <returns>Null when the offer cannot be used; <paramref name="failure"/> then says why.</returns>
    public static SessionDescription? Parse(string sdp, out string? failure)
    {
        failure = null;
        if (sdp.Length <= LongestOffer && SessionDescription.TryParse(Encoding.UTF8.GetBytes(sdp), out var description))
        {
            return description;
        }

        failure = "the offer is no session description";
        return null;
    }

    /// <summary>Answers an offer with these credentials of ours.</summary>
    public BrowserAgreement? Answer(SessionDescription offer, IceCredentials local, string fingerprint, uint ssrc, out string? answer, out string? failure)
    {
        var outcome = AudioNegotiation.Answer(offer, Local(local, fingerprint, ssrc), _local);
        answer = null;
        failure = null;
        if (outcome.Agreement is not { Security: { } security } agreement || Format(agreement) is not { } format)
        {
            failure = Describe(outcome.Failure);
            return null;
        }

        // RFC 8834 4.5: with one port for all there is no other place for RTCP.
        if (!agreement.RtcpMux)
        {
            failure = "the offer lacks rtcp-mux";
            return null;
        }

        _local = outcome.Answer!;
        answer = _local.ToString();
        var events = agreement.TelephoneEvent;
        var parameters = new MediaParameters
        {
            Remote = BrowserSocket.Peer,
            Format = format,
            TelephoneEventPayloadType = (byte?)events?.SendPayloadType,
            Direction = agreement.Direction.ToFlow(),
            SendPtime = agreement.SendPtime is 10 or 20 or 40 or 60 ? agreement.SendPtime : 20,
            RtcpMux = true,
            Latch = LatchPolicy.SignalledOnly,
        };
        return new BrowserAgreement(parameters, security, agreement.IsHeldByPeer, agreement.Mid, agreement.MediaIndex);
    }

    private const int LongestOffer = 64 * 1024;

    private AudioFormat? Format(AudioAgreement agreement) => agreement.Codec.Encoding == AudioCodec.Opus.Encoding
        ? AudioFormat.Opus((byte)agreement.SendPayloadType, _host.Options.OpusSampleRate)
        : AudioFormat.Find(agreement.Codec.Encoding, agreement.Codec.ClockRate, (byte)agreement.SendPayloadType);

    private LocalAudio Local(IceCredentials credentials, string fingerprint, uint ssrc) => new()
    {
        SessionId = _sessionId,
        Address = _host.Address,
        Port = _host.Port.Port,
        Codecs = _codecs,
        PreferOwnOrder = _preferOwnOrder,
        RtcpMux = true,
        Ssrc = ssrc,
        Cname = _stream,
        StreamId = _stream,
        Security = new LocalSecurity
        {
            IceUfrag = credentials.Ufrag,
            IcePwd = credentials.Password,
            Fingerprint = new SdpFingerprint("sha-256", fingerprint),
            IceLite = _host.Options.Ice == IceMode.Lite,
            Candidates = _host.Candidates.Lines,
            IsComplete = _host.HasAllCandidates,
        },
    };

    private static IReadOnlyList<AudioCodec> Codecs(IBrowserHost host, IReadOnlyList<string> preferred)
    {
        List<AudioCodec> codecs = [AudioCodec.Pcmu, AudioCodec.Pcma];
        if (host.OpusAvailable)
        {
            codecs.Insert(host.Options.PreferG711 ? codecs.Count : 0, AudioCodec.Opus);
        }

        return codecs.Preferring(preferred);
    }

    private static string Describe(NegotiationFailure failure) => failure switch
    {
        NegotiationFailure.NoAudio => "the offer has no audio",
        NegotiationFailure.UnsupportedProfile => "the offer is not for DTLS-SRTP",
        NegotiationFailure.NoCommonCodec => "no common audio codec",
        NegotiationFailure.IncompleteSecurity => "the offer lacks a fingerprint or ICE credentials",
        _ => "the offer cannot be used",
    };
}
