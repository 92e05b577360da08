using System.Text;
using Sift.Protocols.Sdp;

namespace Sift.Protocols.Tests.Sdp;

public sealed class SessionDescriptionTests
{
    private const string Browser =
        "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\na=x-unknown:kept\r\n" +
        "a=fingerprint:sha-256 d1:2C\r\n" +
        "m=audio 9 UDP/TLS/RTP/SAVPF 111 0 110\r\nc=IN IP4 0.0.0.0\r\nb=AS:64\r\na=rtcp:9 IN IP4 0.0.0.0\r\n" +
        "a=candidate:1 1 udp 2113937151 192.0.2.3 54400 typ host\r\na=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n" +
        "a=setup:actpass\r\na=mid:0\r\na=recvonly\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10\r\n" +
        "a=rtpmap:110 telephone-event/48000\r\na=ssrc:7 cname:a\r\na=ssrc:7 msid:b c\r\na=ssrc:8 cname:a\r\na=msid:b c\r\na=ptime:20\r\na=maxptime:60\r\n" +
        "m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\n";

    [Fact]
    public void Reads_sections_at_both_levels()
    {
        var description = Parse(Browser);
        var audio = description.Media[0];

        Assert.Equal(new SdpOrigin("-", "4611731400430051336", 2, "127.0.0.1"), description.Origin);
        Assert.Equal(["0", "1"], description.BundledMids);
        Assert.Equal("kept", description.Attributes.Value("x-unknown"));
        Assert.Equal("0.0.0.0", description.ConnectionOf(audio)!.Address);
        Assert.Equal(MediaDirection.RecvOnly, description.DirectionOf(audio));
        Assert.Equal(MediaDirection.SendRecv, description.DirectionOf(description.Media[1]));
        Assert.Equal("EsAw", description.IceUfragOf(audio));
        Assert.Equal(new SdpFingerprint("sha-256", "D1:2C"), Assert.Single(description.FingerprintsOf(audio)));
        Assert.Equal(DtlsSetup.ActPass, description.SetupOf(audio));
        Assert.Equal([7u, 8u], audio.Ssrcs);
        Assert.Equal("b c", audio.Msid);
        Assert.Equal("1 1 udp 2113937151 192.0.2.3 54400 typ host", Assert.Single(audio.Candidates));
        Assert.Equal(new RtpMap(111, "opus", 48000, 2), audio.RtpMapOf(111));
        Assert.Equal(new RtpMap(0, "PCMU", 8000), audio.RtpMapOf(0));
        Assert.Null(audio.RtpMapOf(96));
        Assert.Equal("minptime=10", audio.FormatParametersOf(111));
        Assert.Equal((20, 60), (audio.Ptime, audio.MaxPtime));
        Assert.True(audio.RtcpMux);
        Assert.Equal(0, description.Media[1].Port);
    }

    [Fact]
    public void Writes_back_every_line()
    {
        Assert.Equal(Browser, Encoding.UTF8.GetString(Parse(Browser).ToArray()));
    }

    [Fact]
    public void Takes_bare_line_feeds_and_missing_s_and_t()
    {
        var description = Parse("v=0\no=a 1 1 IN IP4 h\nm=audio 1 RTP/AVP 0\n");

        Assert.Equal("v=0\r\no=a 1 1 IN IP4 h\r\ns=-\r\nt=0 0\r\nm=audio 1 RTP/AVP 0\r\n", description.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("v=1\r\no=- 1 1 IN IP4 h\r\n")]
    [InlineData("v=0\r\ns=-\r\nt=0 0\r\n")]
    [InlineData("v=0\r\no=- 1 1 IN IP9 h\r\n")]
    [InlineData("v=0\r\no=- x 1 IN IP4 h\r\n")]
    [InlineData("v=0\r\no=- 1 1 IN IP4 h\r\no=- 1 1 IN IP4 h\r\n")]
    [InlineData("v=0\r\no=- 1 1 IN IP4 h\r\nm=audio 65536 RTP/AVP 0\r\n")]
    [InlineData("v=0\r\no=- 1 1 IN IP4 h\r\nm=audio -1 RTP/AVP 0\r\n")]
    [InlineData("v=0\r\no=- 1 1 IN IP4 h\r\nm=audio 1 RTP/AVP\r\n")]
    [InlineData("v=0\r\no=- 1 1 IN IP4 h\r\nm =audio 1 RTP/AVP 0\r\n")]
    [InlineData("v=0\r\no=- 1 1 IN IP4 h\r\nc=IN IP4\r\n")]
    [InlineData("v=0\r\no=- 1 1 IN IP4 h\r\nq=x\r\n")]
    public void Refuses_what_is_no_description(string text)
    {
        Assert.False(SessionDescription.TryParse(Encoding.UTF8.GetBytes(text), out _));
    }

    [Fact]
    public void Refuses_more_than_its_limits()
    {
        const string head = "v=0\r\no=- 1 1 IN IP4 h\r\n";
        string Media(int count) => head + string.Concat(Enumerable.Repeat("m=audio 1 RTP/AVP 0\r\n", count));
        string Lines(int count) => head + string.Concat(Enumerable.Repeat("a=x\r\n", count - 2));

        Assert.Equal(SdpLimits.MaxMediaDescriptions, Parse(Media(SdpLimits.MaxMediaDescriptions)).Media.Count);
        Assert.False(SessionDescription.TryParse(Encoding.UTF8.GetBytes(Media(SdpLimits.MaxMediaDescriptions + 1)), out _));
        Assert.Equal(SdpLimits.MaxLines - 2, Parse(Lines(SdpLimits.MaxLines)).Attributes.Count);
        Assert.False(SessionDescription.TryParse(Encoding.UTF8.GetBytes(Lines(SdpLimits.MaxLines + 1)), out _));
    }

    [Fact]
    public void A_value_cannot_start_another_line()
    {
        var description = Parse(Browser) with { Name = "x\r\nm=audio 1 RTP/AVP 0" };

        Assert.Throws<ArgumentException>(() => description.ToArray());
    }

    private static SessionDescription Parse(string text)
    {
        Assert.True(SessionDescription.TryParse(Encoding.UTF8.GetBytes(text), out var description));
        return description;
    }
}
