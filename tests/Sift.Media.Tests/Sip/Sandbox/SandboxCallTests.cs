using Sift.Media.Legs;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Tests.Sip.Sandbox;

/// <summary>Calls to and from phones that registered in the sandbox, and calls to magic numbers.</summary>
public sealed class SandboxCallTests : IDisposable
{
    private const string Number = "+15554443333";
    private const string Answer = "v=0\no=- 1 1 IN IP4 198.51.100.7\ns=-\nc=IN IP4 198.51.100.7\nt=0 0\nm=audio 4000 RTP/AVP 0\n";

    private static readonly LegId Leg = new("00000000000000aa");

    private readonly SipWorld _world = new();
    private readonly SipFlow _desk = SipText.Udp("198.51.100.7:40000");
    private readonly SipFlow _mobile = SipText.Udp("198.51.100.8:40000");
    private uint _sequence;

    public void Dispose() => _world.Dispose();

    [Fact]
    public void A_registered_phone_rings_where_it_registered_from()
    {
        Register("sip:phone@10.0.0.9:5060", _desk);

        Dial(Number);

        var (flow, invite) = _world.NextRequest("INVITE");
        Assert.Equal(_desk, flow);
        Assert.Equal("sip:phone@10.0.0.9:5060", invite.RequestUri.ToString());
        Assert.Equal("+15551110000", invite.From!.Uri.User);
    }

    [Fact]
    public void All_phones_of_a_number_ring_and_the_first_to_answer_has_the_call()
    {
        Register("sip:desk@10.0.0.1", _desk);
        Register("sip:mobile@10.0.0.2", _mobile);
        Dial(Number);
        var (deskFlow, desk) = _world.NextRequest("INVITE");
        var (mobileFlow, mobile) = _world.NextRequest("INVITE");
        _world.Respond(desk, 180, deskFlow, tag: "d");
        _world.Respond(mobile, 180, mobileFlow, tag: "m");
        _world.Next<LegRinging>();

        _world.Respond(mobile, 200, mobileFlow, Answer, tag: "m");

        Assert.Equal(deskFlow, _world.NextRequest("ACK").Flow == mobileFlow ? _world.NextRequest("CANCEL").Flow : default);
        _world.Next<LegAnswered>();
        _world.Respond(desk, 487, deskFlow, tag: "d");
        _world.NothingMore();
    }

    [Fact]
    public void Both_phones_answering_at_once_leaves_one_call()
    {
        Register("sip:desk@10.0.0.1", _desk);
        Register("sip:mobile@10.0.0.2", _mobile);
        Dial(Number);
        var (deskFlow, desk) = _world.NextRequest("INVITE");
        var (mobileFlow, mobile) = _world.NextRequest("INVITE");
        _world.Respond(desk, 200, deskFlow, Answer, tag: "d");
        _world.Next<LegAnswered>();
        _world.Sent.Clear();

        _world.Respond(mobile, 200, mobileFlow, Answer, tag: "m");

        Assert.Equal(mobileFlow, _world.NextRequest("ACK").Flow);
        Assert.Equal(mobileFlow, _world.NextRequest("BYE").Flow);
        _world.NothingMore();
    }

    [Fact]
    public void One_busy_phone_does_not_end_the_call_that_another_may_take()
    {
        Register("sip:desk@10.0.0.1", _desk);
        Register("sip:mobile@10.0.0.2", _mobile);
        Dial(Number);
        var (deskFlow, desk) = _world.NextRequest("INVITE");
        var (mobileFlow, mobile) = _world.NextRequest("INVITE");

        _world.Respond(desk, 486, deskFlow, tag: "d");
        _world.NothingMore();
        _world.Respond(mobile, 480, mobileFlow, tag: "m");

        Assert.Equal(LegEndCause.Busy, _world.Next<LegEnded>().Cause);
    }

    [Fact]
    public void A_number_without_a_phone_does_not_answer()
    {
        Dial(Number);

        var ended = _world.Next<LegEnded>();
        Assert.Equal((LegEndCause.NoAnswer, 480), (ended.Cause, ended.SipStatus));
    }

    [Fact]
    public void A_registered_phone_can_call()
    {
        const string to = "sip:+15550002222@192.0.2.1";
        _world.Receive(SipText.Request("INVITE", to, $"sip:{Number}@sift", to, "Contact: <sip:p@198.51.100.7>", body: SipWorld.Offer), _desk);
        var challenge = _world.NextResponse(401);
        var authorise = SipText.Authorise(challenge.Headers.GetAll("WWW-Authenticate"), Number, "secret", "INVITE", to);
        _world.Receive(SipText.Request("ACK", to, $"sip:{Number}@sift", to), _desk);

        _world.Receive(
            SipText.Request("INVITE", to, $"sip:{Number}@sift", to, "Contact: <sip:p@198.51.100.7>\n" + authorise, 2, body: SipWorld.Offer, branch: "b2"),
            _desk);

        var incoming = _world.Next<LegIncoming>();
        Assert.Equal((Number, "+15550002222", "sandbox"), (incoming.From, incoming.To, incoming.Origin));
    }

    [Fact]
    public void A_caller_who_is_no_number_is_refused_and_counted()
    {
        const string to = "sip:+15550002222@192.0.2.1";
        _world.Receive(SipText.Request("INVITE", to, "sip:alice@sift", to, "Contact: <sip:p@198.51.100.7>", body: SipWorld.Offer), _desk);

        _world.NextResponse(403);
        _world.NothingMore();
        Assert.Contains(_world.Host.Refusals.Counts, count => count.Key.Contains("unknown source", StringComparison.Ordinal) && count.Value == 1);
    }

    [Fact]
    public void A_scanner_hears_nothing()
    {
        _world.Receive(SipText.Request("OPTIONS", "sip:100@192.0.2.1", "sip:100@1.1.1.1", "sip:100@1.1.1.1", "User-Agent: friendly-scanner"), _desk);

        Assert.Empty(_world.Sent);
        Assert.Equal(1, _world.Host.Refusals.Counts["scanner"]);
    }

    [Fact]
    public void Options_is_answered_with_what_we_take()
    {
        _world.Receive(SipText.Request("OPTIONS", "sip:192.0.2.1", "sip:a@b", "sip:192.0.2.1"), _desk);

        var answer = _world.NextResponse(200);
        Assert.Equal("application/sdp", answer.Headers.Get("Accept"));
        Assert.True(answer.Allows("INVITE"));
        Assert.True(answer.Supports("timer"));
    }

    [Theory]
    [InlineData("+15550100002", LegEndCause.Busy, 486)]
    [InlineData("+15550100004", LegEndCause.Declined, 603)]
    [InlineData("+15550100005", LegEndCause.NotFound, 404)]
    [InlineData("+15550100007", LegEndCause.Unreachable, 503)]
    public void Some_magic_numbers_refuse(string number, LegEndCause cause, int status)
    {
        Dial(number);
        _world.Advance(TimeSpan.FromMilliseconds(100));

        var ended = _world.Next<LegEnded>();
        Assert.Equal((cause, status), (ended.Cause, ended.SipStatus));
        Assert.Empty(_world.Sent);
    }

    [Fact]
    public void A_magic_number_never_answers()
    {
        Dial("+15550100003", TimeSpan.FromSeconds(5));
        _world.Advance(TimeSpan.FromSeconds(5));
        _world.Next<LegRinging>();
        _world.NothingMore();

        _world.Advance(TimeSpan.FromSeconds(0.1));

        Assert.Equal(LegEndCause.NoAnswer, _world.Next<LegEnded>().Cause);
    }

    [Fact]
    public void A_magic_number_hangs_up_after_the_seconds_it_names()
    {
        Dial("+15550101003");
        _world.Advance(TimeSpan.FromSeconds(1.1));
        _world.Next<LegRinging>();
        _world.Next<LegAnswered>();

        _world.Advance(TimeSpan.FromSeconds(2.9));
        _world.NothingMore();
        _world.Advance(TimeSpan.FromSeconds(0.2));

        Assert.Equal(LegEndCause.RemoteHangUp, _world.Next<LegEnded>().Cause);
        Assert.Equal(0, _world.PortsInUse);
    }

    [Fact]
    public void The_echo_number_sends_back_the_tone_it_hears()
    {
        Dial("+15550100001");
        _world.Advance(TimeSpan.FromSeconds(0.2));
        _world.Next<LegRinging>();
        _world.Next<LegAnswered>();
        var media = Assert.IsAssignableFrom<Sift.Media.Sip.Calls.IHostedLeg>(_world.Host.Find(Leg)).Media!;
        var heard = new Ear();
        media.Session.Tap(heard);

        _world.Post(new PlayOnLeg(Leg, new PlaybackId("p"), [new ToneSource(ToneKind.Milliwatt)], Loop: true));
        _world.Advance(TimeSpan.FromSeconds(1));

        Assert.InRange(Audio.Signal.Amplitude(heard.Samples.AsSpan()[^4000..], 1004, 8000), 1000, 40_000);
        _world.Post(new HangUpLeg(Leg, "done"));
        _world.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(LegEndCause.LocalHangUp, _world.Next<LegEnded>().Cause);
    }

    private void Dial(string number, TimeSpan? ring = null) =>
        _world.Post(new DialLeg(Leg, number, "+15551110000", ring ?? TimeSpan.FromSeconds(60), []));

    private void Register(string contact, SipFlow flow)
    {
        _world.Receive(Request(contact), flow);
        var authorise = SipText.Authorise(
            _world.NextResponse(401).Headers.GetAll("WWW-Authenticate"), Number, "secret", "REGISTER", "sip:sift", cnonce: contact);
        _world.Receive(Request(contact, authorise), flow);
        _world.NextResponse(200);
    }

    private SipRequest Request(string contact, string extra = "") => SipText.Request(
        "REGISTER",
        "sip:sift",
        $"sip:{Number}@sift",
        $"sip:{Number}@sift",
        $"Contact: <{contact}>\n{extra}".TrimEnd('\n'),
        ++_sequence,
        callId: contact,
        branch: "r" + _sequence);

    private sealed class Ear : Media.Rtp.IAudioTap
    {
        private readonly List<short> _samples = [];

        public short[] Samples => [.. _samples];

        public void OnFrame(ReadOnlySpan<short> received, ReadOnlySpan<short> sent, int sampleRate) => _samples.AddRange(received);
    }
}
