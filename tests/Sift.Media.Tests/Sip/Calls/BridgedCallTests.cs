using Sift.Media.Legs;
using Sift.Media.Sip.Trunks;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Tests.Sip.Calls;

/// <summary>A caller joined with a callee, with audio packets crossing.</summary>
public sealed class BridgedCallTests : IDisposable
{
    private const string To = "sip:+15550002222@192.0.2.1";

    private static readonly LegId Callee = new("00000000000000cc");

    private readonly SipWorld _world = new(options => options.Trunks.Add(new TrunkOptions { Name = "carrier", Host = "198.51.100.7", KeepAliveInterval = TimeSpan.Zero }));
    private readonly SipFlow _carrier = SipText.Udp("198.51.100.7:5060");
    private readonly Rtp.MemorySocket _callerPhone;
    private readonly Rtp.MemorySocket _calleePhone;
    private ushort _sequence;

    public BridgedCallTests()
    {
        _callerPhone = _world.Network.Bind(41000)!;
        _calleePhone = _world.Network.Bind(42000)!;
    }

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Audio_crosses_a_bridge_both_ways_and_stops_when_parted()
    {
        var (caller, callerPort) = Caller();
        var calleePort = Answered();
        _world.Post(new BridgeLegs(caller, Callee));
        _world.Advance(TimeSpan.FromMilliseconds(60));

        for (var i = 0; i < 10; i++)
        {
            Speak(_callerPhone, callerPort, 0x11);
            Speak(_calleePhone, calleePort, 0x22);
            _world.Advance(TimeSpan.FromMilliseconds(20));
        }

        Assert.Contains(_calleePhone.Arrived, packet => IsAudio(packet.Data, 0x11));
        Assert.Contains(_callerPhone.Arrived, packet => IsAudio(packet.Data, 0x22));

        _world.Post(new UnbridgeLeg(caller));
        _world.Advance(TimeSpan.FromMilliseconds(100));
        _calleePhone.Arrived.Clear();
        for (var i = 0; i < 5; i++)
        {
            Speak(_callerPhone, callerPort, 0x11);
            _world.Advance(TimeSpan.FromMilliseconds(20));
        }

        Assert.DoesNotContain(_calleePhone.Arrived, packet => IsAudio(packet.Data, 0x11));
    }

    [Fact]
    public void The_end_of_one_leg_leaves_the_other_up()
    {
        var (caller, _) = Caller();
        Answered();
        _world.Post(new BridgeLegs(caller, Callee));
        _world.Advance(TimeSpan.FromMilliseconds(60));

        _world.Post(new HangUpLeg(Callee, "done"));
        _world.Advance(TimeSpan.FromMilliseconds(60));

        Assert.Equal(Callee, _world.Next<LegEnded>().Leg);
        _world.NothingMore();
        Assert.NotNull(_world.Host.Find(caller));
    }

    [Fact]
    public void Digits_are_sent_as_telephone_events()
    {
        var (caller, _) = Caller();

        _world.Post(new SendDigits(caller, "5"));
        _world.Advance(TimeSpan.FromMilliseconds(500));

        Assert.Contains(_callerPhone.Arrived, packet => packet.Data.Length == 16 && (packet.Data[1] & 0x7F) == 101 && packet.Data[12] == 5);
    }

    [Fact]
    public void Bridging_with_a_leg_that_is_gone_harms_nobody()
    {
        var (caller, _) = Caller();

        _world.Post(new BridgeLegs(caller, new LegId("0000000000000000")));
        _world.Advance(TimeSpan.FromMilliseconds(40));

        _world.NothingMore();
        Assert.NotNull(_world.Host.Find(caller));
    }

    private (LegId Leg, int Port) Caller()
    {
        _world.Receive(
            SipText.Request("INVITE", To, "sip:+15551110000@carrier", To, "Contact: <sip:caller@198.51.100.7>", body: Description(41000)),
            _carrier);
        var leg = _world.Next<LegIncoming>().Leg;
        _world.NextResponse(100);
        _world.Post(new AnswerLeg(leg));
        var ok = _world.NextResponse(200);
        _world.InDialog("ACK", ok, _carrier, 1);
        _world.Next<LegAnswered>();
        return (leg, PortOf(ok));
    }

    private int Answered()
    {
        _world.Post(new DialLeg(Callee, "+15554443333", "+15551110000", TimeSpan.FromSeconds(60), []));
        var (flow, invite) = _world.NextRequest("INVITE");
        _world.Respond(invite, 200, flow, Description(42000));
        _world.NextRequest("ACK");
        _world.Next<LegAnswered>();
        return PortOf(invite);
    }

    private void Speak(Rtp.MemorySocket phone, int port, byte sample)
    {
        var packet = new byte[12 + 160];
        packet[0] = 0x80;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), ++_sequence);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), (uint)_sequence * 160);
        packet[11] = (byte)(phone.Port / 1000);
        packet.AsSpan(12).Fill(sample);
        phone.Send(packet, Rtp.MemoryNetwork.Address(port));
    }

    private static bool IsAudio(byte[] packet, byte sample) => packet.Length == 172 && packet[12] == sample && packet[171] == sample;

    private static int PortOf(SipMessage message)
    {
        var text = System.Text.Encoding.UTF8.GetString(message.Body.Span);
        var at = text.IndexOf("m=audio ", StringComparison.Ordinal) + 8;
        return int.Parse(text.AsSpan(at, 5), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static string Description(int port) => $"v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio {port} RTP/AVP 0 101\na=rtpmap:101 telephone-event/8000\n";
}
