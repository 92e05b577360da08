using System.Buffers.Binary;
using System.Text;
using Sift.Media.Rtp;
using Sift.Media.WebRtc.Dtls;
using Sift.Protocols.Rtp;
using Sift.Protocols.Sdp;
using Sift.Protocols.Srtp;
using Sift.Protocols.Stun;

namespace Sift.Bench.Media;

/// <summary>A browser as load: a real socket, a real handshake, then one packet each way per step.</summary>
internal sealed class BenchBrowser : IDisposable
{
    private readonly IDatagramSocket _socket;
    private readonly DtlsIdentity _identity;
    private readonly int _index;
    private readonly byte _payloadType;
    private readonly byte[] _packet = GC.AllocateArray<byte>(1400, pinned: true);
    private TransportAddress _server;
    private DtlsSession? _dtls;
    private SrtpSession? _srtp;
    private string _user = "";
    private string _fingerprint = "";
    private bool _hasAnswer;
    private byte[] _password = [];
    private ushort _sequence;
    private uint _timestamp;
    private uint _heardSsrc;

    public BenchBrowser(IDatagramSocket socket, DtlsIdentity identity, int index, bool opus)
    {
        _socket = socket;
        _identity = identity;
        _index = index;
        IsOpus = opus;
        _payloadType = opus ? (byte)111 : (byte)0;
    }

    public bool IsOpus { get; }

    public long Received { get; private set; }

    /// <summary>Hears the RTP that comes in, after decryption; null to save the time.</summary>
    public Action<RtpHeader, ReadOnlyMemory<byte>>? Heard { get; set; }

    public string Offer() =>
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
        + $"m=audio 9 UDP/TLS/RTP/SAVPF {_payloadType} {(IsOpus ? 110 : 126)}\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=rtcp-mux\r\na=setup:actpass\r\n"
        + $"a=ice-ufrag:load{_index}\r\na=ice-pwd:a-password-that-is-long-enough\r\na=fingerprint:sha-256 {_identity.Fingerprint}\r\n"
        + (IsOpus ? "a=rtpmap:111 opus/48000/2\r\na=rtpmap:110 telephone-event/48000\r\n" : "a=rtpmap:0 PCMU/8000\r\na=rtpmap:126 telephone-event/8000\r\n");

    /// <summary>On the port's thread; the load thread takes it up.</summary>
    public void OnAnswer(string sdp)
    {
        SessionDescription.TryParse(Encoding.UTF8.GetBytes(sdp), out var answer);
        var audio = answer!.Media[0];
        _server = MediaAddress(audio.Port);
        _user = $"{audio.IceUfrag}:load{_index}";
        _password = Encoding.UTF8.GetBytes(audio.IcePwd!);
        _fingerprint = audio.Fingerprints[0].Value;
        Volatile.Write(ref _hasAnswer, true);
    }

    /// <summary>Goes on with the handshake, once there is an answer.</summary>
    /// <returns>True once there are keys.</returns>
    public bool Connect(DatagramBatch batch)
    {
        if (!Volatile.Read(ref _hasAnswer))
        {
            Thread.Yield();
            return false;
        }

        if (_dtls is null)
        {
            _dtls = new DtlsSession(_identity, [new DtlsFingerprint("sha-256", _fingerprint)], isServer: false, datagram => _socket.Send(datagram.Span, _server));
            Check();
            _dtls.Start();
        }

        var count = _socket.Receive(batch);
        for (var i = 0; i < count; i++)
        {
            if (batch[i][0] is >= 20 and <= 63)
            {
                _dtls.Receive(batch[i]);
            }
        }

        _dtls.OnTick();
        return (_srtp ??= _dtls.Srtp) is not null;
    }

    public void Check()
    {
        Span<byte> buffer = stackalloc byte[256];
        Span<byte> transaction = stackalloc byte[12];
        transaction[0] = (byte)_sequence;
        var writer = new StunWriter(buffer, StunMessageType.BindingRequest, transaction);
        writer.Add(StunAttribute.Username, Encoding.UTF8.GetBytes(_user));
        writer.Add(StunAttribute.IceControlling, 1UL);
        writer.Add(StunAttribute.UseCandidate, []);
        _socket.Send(buffer[..writer.Seal(_password)], _server);
    }

    /// <summary>One packet out, whatever came in counted.</summary>
    public void Step(ReadOnlySpan<byte> payload, DatagramBatch batch)
    {
        RtpHeader.Write(_packet, _payloadType, _sequence == 0, _sequence++, _timestamp, (uint)_index + 1);
        _timestamp += IsOpus ? 960u : 160u;
        payload.CopyTo(_packet.AsSpan(RtpHeader.FixedSize));
        var length = _srtp!.Protect(_packet, RtpHeader.FixedSize + payload.Length);
        _socket.Send(_packet.AsSpan(0, length), _server);
        Hear(batch);
        if (_sequence % 125 == _index % 125)
        {
            Check();
            Report();
        }
    }

    /// <summary>Takes what came in.</summary>
    public void Hear(DatagramBatch batch)
    {
        var count = _socket.Receive(batch);
        for (var i = 0; i < count; i++)
        {
            // RTCP (payload types 64 to 95) and STUN are no audio.
            if (batch[i][0] is < 128 or > 191 || batch[i][1] is >= 192 and <= 223)
            {
                continue;
            }

            Received++;
            _heardSsrc = BinaryPrimitives.ReadUInt32BigEndian(batch[i][8..]);
            if (Heard is { } heard && _srtp!.Unprotect(batch.Room(i)[..batch.Lengths[i]], out var length) == SrtpResult.Ok
                && RtpHeader.TryParse(batch.Room(i)[..length], out var header))
            {
                heard(header, batch.Room(i).Slice(header.PayloadOffset, header.PayloadLength).ToArray());
            }
        }
    }

    /// <summary>As a browser tells that it lost nothing.</summary>
    private void Report()
    {
        var writer = new RtcpWriter(_packet);
        writer.ReceiverReport((uint)_index + 1, new ReportBlock { Ssrc = _heardSsrc });
        writer.SourceDescription((uint)_index + 1, "load"u8);
        _socket.Send(_packet.AsSpan(0, _srtp!.ProtectRtcp(_packet, writer.Length)), _server);
    }

    public void Dispose()
    {
        _dtls?.Dispose();
        _srtp?.Dispose();
        _socket.Dispose();
    }

    private static TransportAddress MediaAddress(int port) => TransportAddress.FromIPv4(0x7F000001, (ushort)port);
}
