using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Text;
using Sift.Media.Rtp;
using Sift.Protocols;
using Sift.Protocols.Sdp;

namespace Sift.Media.Sip.Calls;

/// <summary>What a restored leg needs to go on negotiating: the description it sent last.</summary>
internal sealed record LegAudioState(string? LocalDescription, IReadOnlyList<string> PreferredCodecs);

/// <summary>The offers and answers of one leg over its life (RFC 3264): remembers what was sent and what holds now.</summary>
internal sealed class LegAudio
{
    internal static readonly IReadOnlyList<AudioCodec> Supported = [AudioCodec.Pcmu, AudioCodec.Pcma];

    private readonly IReadOnlyList<AudioCodec> _codecs;
    private readonly IReadOnlyList<string> _preferred;
    private readonly string _sessionId;
    private SessionDescription? _local;
    private LocalAudio? _brought;
    private AudioAgreement? _agreement;
    private ReadOnlyMemory<byte> _preview;
    private (ReadOnlyMemory<byte> Bytes, SessionDescription Description)? _offered;

    public LegAudio(IEntropy entropy, IReadOnlyList<string> preferredCodecs)
    {
        _preferred = preferredCodecs;
        _codecs = Supported.Preferring(preferredCodecs);
        Span<byte> random = stackalloc byte[8];
        entropy.Fill(random);
        _sessionId = (BitConverter.ToUInt64(random) >> 2).ToString(CultureInfo.InvariantCulture);
    }

    public LegAudio(IEntropy entropy, LegAudioState state)
        : this(entropy, state.PreferredCodecs)
    {
        if (state.LocalDescription is { } text && SessionDescription.TryParse(Encoding.UTF8.GetBytes(text), out var local))
        {
            _local = local;
        }
    }

    /// <summary>An offer of ours is open.</summary>
    public bool AwaitsAnswer { get; private set; }

    /// <summary>What holds now; null before the first agreement.</summary>
    public MediaParameters? Agreed { get; private set; }

    /// <summary>The far end does not want to hear us.</summary>
    public bool IsHeld => _agreement?.IsHeldByPeer ?? false;

    public LegAudioState State => new(_local?.ToString(), _preferred);

    /// <summary>False when no stream of the offer can be taken: 488.</summary>
    public bool CanAnswer(ReadOnlyMemory<byte> offer) =>
        TryRead(offer, out var description)
        && AudioNegotiation.FindAgreement(description, Local("0.0.0.0", 9)) is { } agreement
        && IPAddress.TryParse(agreement.RemoteAddress, out _);

    /// <summary>Our offer; the next answer accepted belongs to it.</summary>
    public byte[] CreateOffer(string address, int port)
    {
        _brought = Local(address, port);
        _local = AudioNegotiation.Offer(_brought, _local, _agreement);
        AwaitsAnswer = true;
        return _local.ToArray();
    }

    /// <summary>Answers an offer, and takes on what it says.</summary>
    /// <returns>Null when there is nothing in common; what held before still holds.</returns>
    public byte[]? Answer(ReadOnlyMemory<byte> offer, string address, int port)
    {
        if (!TryRead(offer, out var description))
        {
            return null;
        }

        _offered = null;
        var brought = Local(address, port);
        var outcome = AudioNegotiation.Answer(description, brought, _local);
        if (outcome.Agreement is not { } agreement || Parameters(agreement) is not { } parameters)
        {
            return null;
        }

        AwaitsAnswer = false;
        _brought = brought;
        _agreement = agreement;
        _local = outcome.Answer!;
        Agreed = parameters;
        return _local.ToArray();
    }

    /// <summary>Takes the answer to our offer, or to our last description when the core repeated it to refresh the session (RFC 4028 7.4).</summary>
    /// <returns>False when it holds nothing usable; what held before still holds.</returns>
    public bool Accept(ReadOnlyMemory<byte> answer)
    {
        var agreement = Read(answer);
        AwaitsAnswer = false;
        if (agreement is null || Parameters(agreement) is not { } parameters)
        {
            return false;
        }

        _agreement = agreement;
        Agreed = parameters;
        return true;
    }

    /// <summary>Reads the answer in a 183 without settling on it: the 200 may say something else, or come from another phone.</summary>
    public MediaParameters? Preview(ReadOnlyMemory<byte> answer)
    {
        if (Read(answer) is not { } agreement || Parameters(agreement) is not { } parameters)
        {
            return null;
        }

        _preview = answer;
        return parameters;
    }

    /// <summary>A 200 without a body confirms the answer given earlier (RFC 3261 13.2.1).</summary>
    public bool AcceptPreview() => !_preview.IsEmpty && Accept(_preview);

    /// <summary>An offer is looked at when it comes and answered when somebody takes the call; it is parsed once.</summary>
    private bool TryRead(ReadOnlyMemory<byte> offer, [NotNullWhen(true)] out SessionDescription? description)
    {
        if (_offered is { } read && read.Bytes.Equals(offer))
        {
            description = read.Description;
            return true;
        }

        if (!SessionDescription.TryParse(offer.Span, out description))
        {
            return false;
        }

        _offered = (offer, description);
        return true;
    }

    private AudioAgreement? Read(ReadOnlyMemory<byte> answer) =>
        _brought is { } brought && _local is { } offer && SessionDescription.TryParse(answer.Span, out var description)
            ? AudioNegotiation.Accept(offer, description, brought).Agreement
            : null;

    private LocalAudio Local(string address, int port) => new()
    {
        SessionId = _sessionId,
        Address = address,
        Port = port,
        Codecs = _codecs,
        PreferOwnOrder = _preferred.Count > 0,
    };

    /// <returns>Null when the address is a name: media goes to addresses only.</returns>
    private static MediaParameters? Parameters(AudioAgreement agreement)
    {
        if (!IPAddress.TryParse(agreement.RemoteAddress, out var address)
            || AudioFormat.Find(agreement.Codec.Encoding, agreement.Codec.ClockRate, (byte)agreement.SendPayloadType) is not { } format)
        {
            return null;
        }

        var events = agreement.TelephoneEvent;
        return new MediaParameters
        {
            Remote = new IPEndPoint(address, agreement.RemotePort),
            RemoteControl = agreement.RtcpMux || agreement.RemoteRtcpPort == agreement.RemotePort + 1
                ? null
                : new IPEndPoint(address, agreement.RemoteRtcpPort),
            Format = format,
            ReceivePayloadType = Differing(agreement.ReceivePayloadType, agreement.SendPayloadType),
            TelephoneEventPayloadType = (byte?)events?.SendPayloadType,
            ReceiveTelephoneEventPayloadType = events is null ? null : Differing(events.ReceivePayloadType, events.SendPayloadType),
            Direction = agreement.Direction.ToFlow(),
            SendPtime = agreement.SendPtime is 10 or 20 or 30 or 40 or 60 ? agreement.SendPtime : 20,
            RtcpMux = agreement.RtcpMux,
        };
    }

    private static byte? Differing(int receive, int send) => receive == send ? null : (byte)receive;
}
