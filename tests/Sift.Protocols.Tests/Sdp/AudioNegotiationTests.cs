using System.Text;
using Sift.Protocols.Sdp;

namespace Sift.Protocols.Tests.Sdp;

public sealed class AudioNegotiationTests
{
    private static readonly LocalAudio Local = new() { SessionId = "77", Address = "192.0.2.50", Port = 20000 };

    private static readonly LocalAudio Secure = Local with
    {
        Codecs = [AudioCodec.Opus, AudioCodec.Pcmu],
        Security = new LocalSecurity
        {
            IceUfrag = "abcd",
            IcePwd = "abcdefghijklmnopqrstuv",
            Fingerprint = new SdpFingerprint("sha-256", "AA:BB"),
            Candidates = ["1 1 udp 1 192.0.2.50 20000 typ host"],
        },
    };

    [Fact]
    public void Takes_the_first_codec_of_the_offer_that_fits_and_its_numbers()
    {
        var outcome = AudioNegotiation.Answer(
            Offer("m=audio 4000 RTP/AVP 97 8 0 101\r\na=rtpmap:97 iLBC/8000\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:30\r\n"), Local);

        Assert.True(outcome.Succeeded);
        var agreed = outcome.Agreement!;
        Assert.Equal(AudioCodec.Pcma, agreed.Codec);
        Assert.Equal((8, 8), (agreed.SendPayloadType, agreed.ReceivePayloadType));
        Assert.Equal(new TelephoneEventFormat(101, 101, 8000), agreed.TelephoneEvent);
        Assert.Equal(("192.0.2.1", 4000, 4001), (agreed.RemoteAddress, agreed.RemotePort, agreed.RemoteRtcpPort));
        Assert.Equal(30, agreed.SendPtime);
        Assert.Equal(MediaDirection.SendRecv, agreed.Direction);
        Assert.Equal(
            "v=0\r\no=- 77 1 IN IP4 192.0.2.50\r\ns=-\r\nc=IN IP4 192.0.2.50\r\nt=0 0\r\nm=audio 20000 RTP/AVP 8 101\r\n" +
            "a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=maxptime:60\r\na=sendrecv\r\n",
            outcome.Answer!.ToString());
    }

    [Fact]
    public void Own_order_decides_when_asked_for()
    {
        var offer = Offer("m=audio 4000 RTP/AVP 8 0\r\n");

        Assert.Equal(AudioCodec.Pcmu, AudioNegotiation.Answer(offer, Local with { PreferOwnOrder = true }).Agreement!.Codec);
    }

    [Fact]
    public void Other_sections_are_refused_in_place()
    {
        var answer = AudioNegotiation.Answer(
            Offer("m=video 5000 RTP/AVP 31 34\r\nm=audio 0 RTP/AVP 0\r\nm=audio 4000 RTP/AVP 0\r\nm=audio 4002 RTP/AVP 0\r\n"), Local).Answer!;

        Assert.Equal([0, 0, 20000, 0], answer.Media.Select(m => m.Port));
        Assert.Equal(["video", "audio", "audio", "audio"], answer.Media.Select(m => m.Type));
        Assert.Equal(["31", "34"], answer.Media[0].Formats);
    }

    [Theory]
    [InlineData("m=video 5000 RTP/AVP 31\r\n", NegotiationFailure.NoAudio)]
    [InlineData("m=audio 0 RTP/AVP 0\r\n", NegotiationFailure.NoAudio)]
    [InlineData("m=audio 4000 RTP/AVP 18 4\r\n", NegotiationFailure.NoCommonCodec)]
    [InlineData("m=audio 4000 RTP/AVP 96\r\n", NegotiationFailure.NoCommonCodec)]
    [InlineData("m=audio 4000 RTP/AVP 0\r\na=rtpmap:0 L16/8000\r\n", NegotiationFailure.NoCommonCodec)]
    [InlineData("m=audio 4000 RTP/SAVP 0\r\n", NegotiationFailure.UnsupportedProfile)]
    [InlineData("m=audio 4000 UDP/TLS/RTP/SAVPF 0\r\n", NegotiationFailure.UnsupportedProfile)]
    public void Says_why_nothing_fits(string media, NegotiationFailure expected)
    {
        var outcome = AudioNegotiation.Answer(Offer(media), Local);

        Assert.Equal(expected, outcome.Failure);
        Assert.Null(outcome.Answer);
        Assert.Null(outcome.Agreement);
    }

    [Theory]
    [InlineData("a=sendrecv", "sendrecv", false)]
    [InlineData("a=sendonly", "recvonly", true)]
    [InlineData("a=recvonly", "sendonly", false)]
    [InlineData("a=inactive", "inactive", true)]
    [InlineData("c=IN IP4 0.0.0.0", "recvonly", true)]
    [InlineData("c=IN IP4 0.0.0.0\r\na=inactive", "inactive", true)]
    public void Hold_is_mirrored(string lines, string answered, bool held)
    {
        var outcome = AudioNegotiation.Answer(Offer($"m=audio 4000 RTP/AVP 0\r\n{lines}\r\n"), Local);

        Assert.True(outcome.Answer!.Media[0].Attributes.Has(answered));
        Assert.Equal(held, outcome.Agreement!.IsHeldByPeer);
        Assert.Equal(!held, outcome.Agreement.Direction.Sends());
    }

    [Fact]
    public void A_session_level_direction_counts_where_the_section_is_silent()
    {
        var outcome = AudioNegotiation.Answer(Offer("a=sendonly\r\nm=audio 4000 RTP/AVP 0\r\n"), Local);

        Assert.Equal(MediaDirection.RecvOnly, outcome.Agreement!.Direction);
    }

    [Fact]
    public void Telephone_event_follows_the_clock_of_the_codec()
    {
        const string media = "m=audio 4000 RTP/AVP 111 0 126 110\r\na=rtpmap:111 opus/48000/2\r\na=rtpmap:126 telephone-event/8000\r\na=rtpmap:110 telephone-event/48000\r\n";
        var opus = AudioNegotiation.Answer(Offer(media), Local with { Codecs = [AudioCodec.Opus] }).Agreement!;
        var pcmu = AudioNegotiation.Answer(Offer(media), Local).Agreement!;
        var none = AudioNegotiation.Answer(Offer(media.Replace("/48000\r\n", "/16000\r\n", StringComparison.Ordinal)), Local with { Codecs = [AudioCodec.Opus] }).Agreement!;

        Assert.Equal(new TelephoneEventFormat(110, 110, 48000), opus.TelephoneEvent);
        Assert.Equal(new TelephoneEventFormat(126, 126, 8000), pcmu.TelephoneEvent);
        Assert.Null(none.TelephoneEvent);
    }

    [Theory]
    [InlineData("", 20)]
    [InlineData("a=ptime:40\r\n", 40)]
    [InlineData("a=ptime:35\r\n", 30)]
    [InlineData("a=ptime:200\r\n", 60)]
    [InlineData("a=ptime:5\r\n", 10)]
    [InlineData("a=ptime:40\r\na=maxptime:20\r\n", 20)]
    [InlineData("a=maxptime:10\r\n", 10)]
    public void Packets_are_as_long_as_the_peer_wants_and_can(string lines, int expected)
    {
        Assert.Equal(expected, AudioNegotiation.Answer(Offer("m=audio 4000 RTP/AVP 0\r\n" + lines), Local).Agreement!.SendPtime);
    }

    [Fact]
    public void Our_version_rises_only_when_our_description_changes()
    {
        var first = AudioNegotiation.Answer(Offer("m=audio 4000 RTP/AVP 0\r\n"), Local).Answer!;
        var refreshed = AudioNegotiation.Answer(Offer("m=audio 4000 RTP/AVP 0\r\n"), Local, first).Answer!;
        var held = AudioNegotiation.Answer(Offer("m=audio 4000 RTP/AVP 0\r\na=sendonly\r\n"), Local, refreshed).Answer!;

        Assert.Same(first, refreshed);
        Assert.Equal(first.Origin with { Version = 2 }, held.Origin);
    }

    [Fact]
    public void An_offer_that_says_the_same_is_a_refresh()
    {
        var first = Offer("m=audio 4000 RTP/AVP 0\r\n");

        Assert.True(Offer("m=audio 4000 RTP/AVP 0\r\n").IsRefreshOf(first));
        Assert.True((first with { Origin = first.Origin with { Version = 9 } }).IsRefreshOf(first));
        Assert.False(Offer("m=audio 4002 RTP/AVP 0\r\n").IsRefreshOf(first));
    }

    [Fact]
    public void Offer_and_accept_agree_even_when_the_answer_numbers_otherwise()
    {
        var local = Local with { Codecs = [AudioCodec.Opus, AudioCodec.Pcmu] };
        var offer = AudioNegotiation.Offer(local);
        Assert.Equal(["111", "0", "101", "102"], offer.Media[0].Formats);

        var outcome = AudioNegotiation.Accept(
            offer,
            Offer("m=audio 6000 RTP/AVP 96 97\r\na=rtpmap:96 OPUS/48000/2\r\na=rtpmap:97 telephone-event/48000\r\n"),
            local);

        Assert.Equal((96, 111), (outcome.Agreement!.SendPayloadType, outcome.Agreement.ReceivePayloadType));
        Assert.Equal(new TelephoneEventFormat(97, 102, 48000), outcome.Agreement.TelephoneEvent);
        Assert.Equal(6000, outcome.Agreement.RemotePort);

        var hold = AudioNegotiation.Offer(local with { Direction = MediaDirection.SendOnly }, offer, outcome.Agreement);
        Assert.Equal(2ul, hold.Origin.Version);
        Assert.True(hold.Media[0].Attributes.Has("sendonly"));
        var answer = AudioNegotiation.Accept(hold, Offer("m=audio 6000 RTP/AVP 111\r\na=rtpmap:111 opus/48000/2\r\na=recvonly\r\n"), local);
        Assert.Equal(MediaDirection.SendOnly, answer.Agreement!.Direction);
        Assert.False(answer.Agreement.IsHeldByPeer);
    }

    [Theory]
    [InlineData("m=audio 0 RTP/AVP 0\r\n", NegotiationFailure.Refused)]
    [InlineData("", NegotiationFailure.AnswerDoesNotFit)]
    [InlineData("m=video 1 RTP/AVP 0\r\n", NegotiationFailure.AnswerDoesNotFit)]
    [InlineData("m=audio 1 RTP/AVP 0\r\nm=video 1 RTP/AVP 31\r\n", NegotiationFailure.AnswerDoesNotFit)]
    [InlineData("m=audio 1 RTP/AVP 18\r\n", NegotiationFailure.NoCommonCodec)]
    public void An_answer_that_does_not_fit_is_refused(string media, NegotiationFailure expected)
    {
        Assert.Equal(expected, AudioNegotiation.Accept(AudioNegotiation.Offer(Local), Offer(media), Local).Failure);
    }

    [Theory]
    [InlineData("actpass", DtlsSetup.Passive, "passive")]
    [InlineData("active", DtlsSetup.Passive, "passive")]
    [InlineData("passive", DtlsSetup.Active, "active")]
    public void A_browser_offer_is_answered_with_ice_and_dtls(string setup, DtlsSetup role, string answered)
    {
        var outcome = AudioNegotiation.Answer(BrowserOffer(setup), Secure);

        Assert.True(outcome.Succeeded, outcome.Failure.ToString());
        Assert.Equal(role, outcome.Agreement!.Security!.LocalSetup);
        Assert.Equal("EsAw", outcome.Agreement.Security.IceUfrag);
        Assert.False(outcome.Agreement.IsHeldByPeer);
        Assert.Equal(9, outcome.Agreement.RemoteRtcpPort);
        var text = outcome.Answer!.ToString();
        Assert.Contains("a=ice-lite\r\na=group:BUNDLE 0\r\nm=audio 20000 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=rtcp-mux\r\n", text, StringComparison.Ordinal);
        Assert.Contains($"a=setup:{answered}\r\n", text, StringComparison.Ordinal);
        Assert.Contains("a=fingerprint:sha-256 AA:BB\r\n", text, StringComparison.Ordinal);
        Assert.EndsWith("a=candidate:1 1 udp 1 192.0.2.50 20000 typ host\r\na=end-of-candidates\r\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_browser_offer_without_fingerprint_is_refused()
    {
        var offer = BrowserOffer("actpass");
        var media = offer.Media[0] with { Attributes = [.. offer.Media[0].Attributes.Where(a => a.Name != "fingerprint")] };

        Assert.Equal(NegotiationFailure.IncompleteSecurity, AudioNegotiation.Answer(offer with { Media = [media] }, Secure).Failure);
    }

    private static SessionDescription BrowserOffer(string setup) => Offer(
        "a=group:BUNDLE 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=rtcp-mux\r\na=ice-ufrag:EsAw\r\n" +
        $"a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\na=fingerprint:sha-256 D1:2C\r\na=setup:{setup}\r\na=rtpmap:111 opus/48000/2\r\n");

    private static SessionDescription Offer(string media)
    {
        var text = "v=0\r\no=bob 5 5 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n" + media;
        Assert.True(SessionDescription.TryParse(Encoding.UTF8.GetBytes(text), out var description));
        return description;
    }
}
