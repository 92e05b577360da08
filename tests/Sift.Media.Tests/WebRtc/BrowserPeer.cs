using System.Net;
using System.Text;
using Sift.Media.Rtp;
using Sift.Media.Tests.Rtp;
using Sift.Media.WebRtc.Dtls;
using Sift.Media.WebRtc.Opus;
using Sift.Protocols.Ice;
using Sift.Protocols.Rtp;
using Sift.Protocols.Sdp;
using Sift.Protocols.Srtp;
using Sift.Protocols.Stun;

namespace Sift.Media.Tests.WebRtc;

/// <summary>A browser's peer connection: offers, checks, shakes hands as the client, talks a tone and keeps what it hears.</summary>
internal sealed class BrowserPeer : IDisposable
{
    private static readonly Dictionary<string, (byte PayloadType, int ClockRate, int Rate, byte EventType)> Known = new()
    {
        ["PCMU"] = (0, 8000, 8000, 126),
        ["PCMA"] = (8, 8000, 8000, 126),
        ["opus"] = (111, 48000, 48000, 110),
    };

    private readonly MemoryNetwork _network;
    private readonly string[] _codecs;
    private readonly DtlsIdentity _identity = DtlsIdentity.Create(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly byte[] _packet = new byte[2048];
    private readonly OpusCodec _opus = new(48000);
    private readonly List<short> _heard = [];
    private readonly List<byte[]> _flight = [];
    private MemorySocket _socket;
    private DtlsSession? _dtls;
    private SrtpSession? _srtp;
    private IceCredentials _own;
    private IceCredentials? _server;
    private string _codec = "PCMU";
    private ushort _sequence = 60000;
    private uint _timestamp = 4_000_000_000;
    private int _sample;
    private byte _transaction;

    public BrowserPeer(MemoryNetwork network, int port, string[] codecs)
    {
        _network = network;
        _codecs = codecs;
        _socket = network.Bind(port)!;
        _own = new IceCredentials($"user{port}", $"password-of-browser-{port}");
    }

    public double ToneHertz { get; set; }

    public bool Talking { get; set; } = true;

    /// <summary>What goes into the m= line's fingerprint; wrong on purpose in some tests.</summary>
    public string? AnnouncedFingerprint { get; set; }

    public SessionDescription? Answer { get; private set; }

    public DtlsState? Handshake => _dtls?.State;

    public SrtpProfile? Profile => _srtp?.Profile;

    public string Codec => _codec;

    public uint Ssrc { get; set; } = 0x1234;

    /// <summary>RTP payloads as they came, after decryption.</summary>
    public List<(RtpHeader Header, byte[] Payload)> Packets { get; } = [];

    public List<byte[]> ControlPackets { get; } = [];

    public int Refused { get; private set; }

    /// <summary>Whether it consents to what the server sends.</summary>
    public bool AnswersChecks { get; set; } = true;

    public int ChecksAnswered { get; private set; }

    /// <summary>The last SRTP datagram sent.</summary>
    public byte[] LastSent { get; private set; } = [];

    public IReadOnlyList<short> Heard => _heard;

    public int HeardRate => Known[_codec].Rate;

    public string Direction { get; set; } = "sendrecv";

    public string Offer()
    {
        var formats = string.Join(' ', _codecs.Select(c => Known[c].PayloadType));
        var events = _codecs.Select(c => Known[c]).DistinctBy(k => k.EventType).ToArray();
        var text = new StringBuilder()
            .Append("v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\na=msid-semantic: WMS\r\n")
            .Append($"m=audio 9 UDP/TLS/RTP/SAVPF {formats} {string.Join(' ', events.Select(e => e.EventType))}\r\n")
            .Append("c=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n")
            .Append($"a=ice-ufrag:{_own.Ufrag}\r\na=ice-pwd:{_own.Password}\r\na=ice-options:trickle\r\n")
            .Append($"a=fingerprint:sha-256 {AnnouncedFingerprint ?? _identity.Fingerprint}\r\na=setup:actpass\r\na=mid:0\r\na={Direction}\r\na=rtcp-mux\r\n");
        foreach (var codec in _codecs)
        {
            var known = Known[codec];
            text.Append($"a=rtpmap:{known.PayloadType} {codec}/{known.ClockRate}{(codec == "opus" ? "/2" : "")}\r\n");
        }

        foreach (var known in events)
        {
            text.Append($"a=rtpmap:{known.EventType} telephone-event/{known.ClockRate}\r\n");
        }

        return text.Append($"a=ssrc:{Ssrc} cname:x\r\n").ToString();
    }

    /// <summary>Takes the answer; the handshake begins with the first check that is answered.</summary>
    public void OnAnswer(string sdp)
    {
        Assert.True(SessionDescription.TryParse(Encoding.UTF8.GetBytes(sdp), out var answer));
        Answer = answer;
        var audio = answer.Media[0];
        _server = new IceCredentials(audio.IceUfrag!, audio.IcePwd!);
        _codec = audio.RtpMapOf(int.Parse(audio.Formats[0]))!.Encoding;
        var fingerprint = audio.Fingerprints[0];
        _dtls ??= new DtlsSession(_identity, [new DtlsFingerprint(fingerprint.Hash, fingerprint.Value)], isServer: false, SendHandshake);
    }

    /// <summary>New credentials for the next offer.</summary>
    public void RestartIce(string ufrag) => _own = new IceCredentials(ufrag, $"password-after-restart-{ufrag}");

    /// <summary>Another network: a new port.</summary>
    public void MoveTo(int port)
    {
        _socket.Dispose();
        _socket = _network.Bind(port)!;
    }

    public void Check(bool useCandidate = false)
    {
        var server = _server!;
        Span<byte> buffer = stackalloc byte[512];
        Span<byte> transaction = stackalloc byte[12];
        transaction[0] = ++_transaction;
        var writer = new StunWriter(buffer, StunMessageType.BindingRequest, transaction);
        writer.Add(StunAttribute.Username, Encoding.UTF8.GetBytes($"{server.Ufrag}:{_own.Ufrag}"));
        writer.Add(StunAttribute.IceControlling, 7UL);
        writer.Add(StunAttribute.Priority, 1u);
        if (useCandidate)
        {
            writer.Add(StunAttribute.UseCandidate, []);
        }

        Send(buffer[..writer.Seal(Encoding.UTF8.GetBytes(server.Password))]);
    }

    public void StartHandshake() => _dtls!.Start();

    /// <summary>Sends the flight again that found no answer; OpenSSL would, by a clock that tests do not own.</summary>
    public void RepeatHandshake()
    {
        foreach (var datagram in _flight)
        {
            Send(datagram);
        }
    }

    public void Talk()
    {
        var known = Known[_codec];
        var samples = known.Rate / 50;
        if (Talking && _srtp is not null)
        {
            Span<short> pcm = new short[samples];
            for (var i = 0; i < samples; i++)
            {
                pcm[i] = ToneHertz == 0 ? (short)0 : (short)(8000 * Math.Sin(2 * Math.PI * ToneHertz * (_sample + i) / known.Rate));
            }

            Span<byte> payload = new byte[1275];
            switch (_codec)
            {
                case "opus":
                    payload = payload[.._opus.Encode(pcm, payload)];
                    break;
                case "PCMA":
                    G711.EncodeALaw(pcm, payload);
                    payload = payload[..samples];
                    break;
                default:
                    G711.EncodeMuLaw(pcm, payload);
                    payload = payload[..samples];
                    break;
            }

            SendRtp(known.PayloadType, payload, _timestamp + (uint)_sample);
        }

        _sample += samples;
    }

    public void SendRtp(byte payloadType, ReadOnlySpan<byte> payload, uint timestamp, bool marker = false)
    {
        RtpHeader.Write(_packet, payloadType, marker, _sequence++, timestamp, Ssrc);
        payload.CopyTo(_packet.AsSpan(RtpHeader.FixedSize));
        var length = _srtp!.Protect(_packet, RtpHeader.FixedSize + payload.Length);
        LastSent = _packet.AsSpan(0, length).ToArray();
        Send(LastSent);
    }

    /// <summary>Presses a key for 60 ms, all packets at once.</summary>
    public void Press(char key)
    {
        var known = Known[_codec];
        var payload = new byte[4];
        var unit = known.ClockRate / 50;
        var start = _timestamp + (uint)_sample;
        foreach (var (duration, end) in new[] { (unit, false), (2 * unit, false), (3 * unit, true), (3 * unit, true), (3 * unit, true) })
        {
            new TelephoneEvent(TelephoneEvent.CodeOf(key)!.Value, end, 10, (ushort)duration).Write(payload);
            SendRtp(known.EventType, payload, start, duration == unit);
        }
    }

    public void Send(ReadOnlySpan<byte> datagram) => _socket.Send(datagram, MemoryNetwork.Address(BrowserBench.Port));

    public void Goodbye() => _dtls!.Close();

    public void Listen()
    {
        while (_socket.Arrived.TryDequeue(out var arrived))
        {
            var datagram = arrived.Data;
            switch (datagram[0])
            {
                case <= 3:
                    AnswerCheck(datagram, arrived.From);
                    if (_dtls is { State: DtlsState.Handshaking })
                    {
                        _dtls.Start();
                    }

                    break;
                case <= 63:
                    _dtls!.Receive(datagram);
                    _srtp ??= _dtls.Srtp;
                    break;
                default:
                    Hear(datagram);
                    break;
            }
        }
    }

    public void ForgetHeard()
    {
        _heard.Clear();
        Packets.Clear();
    }

    /// <summary>
    /// The share of 400 ms, from <paramref name="skip"/> samples on, that lies at a frequency. Longer stretches would see the jitter buffer
    /// shorten its delay, which is a jump of phase.
    /// </summary>
    public double Share(double hertz, int skip = 0)
    {
        double total = 1;
        double real = 0;
        double imaginary = 0;
        var count = Math.Min(_heard.Count - skip, HeardRate * 2 / 5);
        for (var i = 0; i < count; i++)
        {
            double sample = _heard[skip + i];
            total += sample * sample;
            real += sample * Math.Cos(2 * Math.PI * hertz * i / HeardRate);
            imaginary += sample * Math.Sin(2 * Math.PI * hertz * i / HeardRate);
        }

        return count <= 0 ? 0 : 2 * ((real * real) + (imaginary * imaginary)) / count / total;
    }

    /// <summary>Root mean square of what was heard, 1 for full scale.</summary>
    public double Level(int skip) => Math.Sqrt(_heard.Skip(skip).Average(static s => (double)s * s)) / short.MaxValue;

    public void Dispose()
    {
        _dtls?.Dispose();
        _identity.Dispose();
        _opus.Dispose();
        _srtp?.Dispose();
    }

    /// <summary>A check of the server, when it plays the full role.</summary>
    private void AnswerCheck(byte[] datagram, TransportAddress from)
    {
        Assert.True(StunMessage.TryParse(datagram, out var check));
        if (check.Type != StunMessageType.BindingRequest || !AnswersChecks)
        {
            return;
        }

        var key = Encoding.UTF8.GetBytes(_own.Password);
        Assert.True(check.IsAuthentic(key));
        Assert.True(check.Has(StunAttribute.IceControlled));
        ChecksAnswered++;
        var buffer = new byte[548];
        var writer = new StunWriter(buffer, StunMessageType.BindingSuccess, check.TransactionId);
        writer.AddXorMappedAddress(from.ToEndPoint());
        Send(buffer.AsSpan(0, writer.Seal(key)));
    }

    private void SendHandshake(ReadOnlyMemory<byte> datagram)
    {
        _flight.Add(datagram.ToArray());
        Send(datagram.Span);
    }

    private void Hear(byte[] datagram)
    {
        if (_srtp is null)
        {
            Refused++;
            return;
        }

        if (RtpHeader.IsRtcp(datagram))
        {
            if (_srtp.UnprotectRtcp(datagram, out var control) == SrtpResult.Ok)
            {
                ControlPackets.Add(datagram[..control]);
            }

            return;
        }

        if (_srtp.Unprotect(datagram, out var length) != SrtpResult.Ok)
        {
            Refused++;
            return;
        }

        Assert.True(RtpHeader.TryParse(datagram.AsSpan(0, length), out var header));
        var payload = datagram.AsSpan(header.PayloadOffset, header.PayloadLength);
        Packets.Add((header, payload.ToArray()));
        Span<short> pcm = new short[48 * 120];
        var samples = header.PayloadType switch
        {
            0 => Decode(payload, pcm, G711.DecodeMuLaw),
            8 => Decode(payload, pcm, G711.DecodeALaw),
            111 => _opus.Decode(payload, pcm),
            _ => 0,
        };
        _heard.AddRange(pcm[..samples]);
    }

    private static int Decode(ReadOnlySpan<byte> payload, Span<short> pcm, DecodeG711 decode)
    {
        decode(payload, pcm);
        return payload.Length;
    }

    private delegate void DecodeG711(ReadOnlySpan<byte> payload, Span<short> pcm);
}
