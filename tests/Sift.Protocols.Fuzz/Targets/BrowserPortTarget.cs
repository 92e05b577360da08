using System.Text;
using Sift.Media.Legs;
using Sift.Media.WebRtc;
using Sift.Protocols.Fuzz.Browser;
using Sift.Protocols.Ice;
using Sift.Protocols.Rtp;
using Sift.Protocols.Sdp;
using Sift.Protocols.Stun;

namespace Sift.Protocols.Fuzz.Targets;

/// <summary>
/// Any datagram at the browser port (RFC 7983): from a stranger, and from the proven address of a browser that is about to shake hands. The
/// browser's call may end by it, and nothing may stay behind.
/// </summary>
internal sealed class BrowserPortTarget : IFuzzTarget
{
    private const string User = "them";
    private const string Password = "another-password-of-22-chars";
    private static readonly TransportAddress Stranger = TransportAddress.FromIPv4(0xC6336407, 5000);
    private static readonly TransportAddress Proven = TransportAddress.FromIPv4(0xC6336408, 5000);
    private static readonly string Offer = string.Join(
        "\r\n",
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0 101\r\nc=IN IP4 0.0.0.0",
        $"a=ice-ufrag:{User}\r\na=ice-pwd:{Password}",
        $"a=fingerprint:sha-256 {string.Join(':', Enumerable.Repeat("AA", 32))}\r\na=setup:actpass\r\na=mid:0\r\na=sendrecv\r\na=rtcp-mux",
        "a=rtpmap:101 telephone-event/8000\r\n");

    /// <summary>The runs of one target may be on several threads.</summary>
    private readonly ThreadLocal<BrowserSide> _sides = new(static () => new BrowserSide());
    private int _legs;

    public string Name => "browser-port";

    public bool IsWholePath => true;

    public IReadOnlyList<byte[]> Dictionary { get; } =
        [[0], [1], [3], [4], [16], [19], [20], [22, 0xFE, 0xFD], [22, 0xFE, 0xFF], [23], [63], [64], [79], [80], [127], [128, 0], [128, 200], [191], [192], [255], [0x21, 0x12, 0xA4, 0x42]];

    public void Run(ReadOnlySpan<byte> input)
    {
        var side = _sides.Value!;
        var host = side.Host;
        var id = new LegId($"{Interlocked.Increment(ref _legs)}");
        host.TryReserve(id);
        host.Connect(new BrowserCall(id, "webrtc:a", "app", "account", null, null));
        host.Handle(new AnswerLeg(id));
        host.Find(id)!.Offer(Offer);
        Prove(side);

        host.OnDatagram(input, Stranger, 0);
        host.OnDatagram(input, Proven, 0);
        side.Step();

        host.Handle(new HangUpLeg(id, "done"));
        side.Step();
        if (host.LegCount != 0 || host.Routes.Find(Proven) is not null || host.Routes.Find(Stranger) is not null)
        {
            throw new InvalidOperationException("Something of the leg stayed behind.");
        }
    }

    /// <summary>A connectivity check from where the browser is.</summary>
    private static void Prove(BrowserSide side)
    {
        if (!SessionDescription.TryParse(Encoding.UTF8.GetBytes(side.LastAnswer), out var answer))
        {
            throw new InvalidOperationException("There was no answer.");
        }

        var ours = new IceCredentials(answer.Media[0].IceUfrag!, answer.Media[0].IcePwd!);
        Span<byte> buffer = stackalloc byte[256];
        Span<byte> transaction = stackalloc byte[StunMessage.TransactionIdLength];
        transaction.Fill(7);
        var writer = new StunWriter(buffer, StunMessageType.BindingRequest, transaction);
        writer.Add(StunAttribute.Username, Encoding.UTF8.GetBytes($"{ours.Ufrag}:{User}"));
        writer.Add(StunAttribute.IceControlling, 7UL);
        writer.Add(StunAttribute.UseCandidate, []);
        side.Host.OnDatagram(buffer[..writer.Seal(Encoding.UTF8.GetBytes(ours.Password))], Proven, 0);
        if (side.Host.Routes.Find(Proven) is null)
        {
            throw new InvalidOperationException("The check was not taken.");
        }
    }
}
