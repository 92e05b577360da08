using System.Text;
using Sift.Protocols.Sip.Messages;

namespace Sift.Protocols.Tests.Sip.Messages;

public sealed class SipParserTests
{
    private const int MostBytesPerInvite = 1536;

    private const string Invite =
        "INVITE sip:bob@biloxi.example.com SIP/2.0\r\n" +
        "Via: SIP/2.0/UDP pc33.atlanta.example.com;branch=z9hG4bK776asdhds;rport\r\n" +
        "Max-Forwards: 70\r\n" +
        "To: Bob <sip:bob@biloxi.example.com>\r\n" +
        "From: \"Alice \\\"A\\\"\" <sip:alice@atlanta.example.com>;tag=1928301774\r\n" +
        "Call-ID: a84b4c76e66710@pc33.atlanta.example.com\r\n" +
        "CSeq: 314159 INVITE\r\n" +
        "Contact: <sip:alice@pc33.atlanta.example.com>\r\n" +
        "Content-Type: application/sdp\r\n" +
        "Content-Length: 4\r\n" +
        "\r\n" +
        "v=0\n";

    [Fact]
    public void Reads_a_typical_invite()
    {
        var request = Request(Invite);

        Assert.Equal("INVITE", request.Method);
        Assert.Equal("bob", request.RequestUri.User);
        Assert.Equal("biloxi.example.com", request.RequestUri.Host);
        Assert.Equal("z9hG4bK776asdhds", request.TopVia!.Branch);
        Assert.True(request.TopVia.AsksForRport);
        Assert.Null(request.TopVia.Rport);
        Assert.Equal("Alice \"A\"", request.From!.DisplayName);
        Assert.Equal("1928301774", request.From.Tag);
        Assert.Null(request.To!.Tag);
        Assert.Equal(new CSeq(314159, "INVITE"), request.CSeq);
        Assert.Equal(70, request.MaxForwards);
        Assert.Equal("alice", request.Contact!.Uri.User);
        Assert.Equal("v=0\n", Encoding.UTF8.GetString(request.Body.Span));
    }

    [Fact]
    public void Writes_back_what_it_read()
    {
        var request = Request(Invite);

        Assert.Equal(Normalised(Invite), Encoding.UTF8.GetString(SipWriter.ToArray(request)));
    }

    [Fact]
    public void Allocates_little_for_a_typical_invite()
    {
        var bytes = Encoding.UTF8.GetBytes(Invite);
        Request(Invite);
        const int rounds = 100;

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < rounds; i++)
        {
            SipParser.TryParse(bytes, out _, out _);
        }

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / rounds, 1, MostBytesPerInvite);
    }

    [Theory]
    [InlineData("\r\n", SipParseError.KeepAlive)]
    [InlineData("\r\n\r\n", SipParseError.KeepAlive)]
    [InlineData("", SipParseError.NotSip)]
    [InlineData("\0\0\0\0", SipParseError.NotSip)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n\r\n", SipParseError.NotSip)]
    [InlineData("INVITE sip:a@b\r\n\r\n", SipParseError.NotSip)]
    [InlineData("INVITE sip:a@b SIP/2.0\r\n\r\n", SipParseError.Unanswerable)]
    [InlineData("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h\r\n\r\n", SipParseError.Unanswerable)]
    [InlineData("SIP/2.0 099 Low\r\n\r\n", SipParseError.Unanswerable)]
    [InlineData("SIP/2.0 700 High\r\n\r\n", SipParseError.Unanswerable)]
    [InlineData("SIP/3.0 200 OK\r\n\r\n", SipParseError.Unanswerable)]
    public void Tells_noise_from_what_could_be_answered(string text, SipParseError expected)
    {
        Assert.False(SipParser.TryParse(Encoding.UTF8.GetBytes(text), out var message, out var error));
        Assert.Equal(expected, error);
        Assert.Null(message);
    }

    [Theory]
    [InlineData("Max-Forwards: 70\r\n", "Max-Forwards: 256\r\n")]
    [InlineData("Max-Forwards: 70\r\n", "Max-Forwards 70\r\n")]
    [InlineData("Max-Forwards: 70\r\n", "Max-Forwards: 70\r\nMax-Forwards: 70\r\n")]
    [InlineData("Max-Forwards: 70\r\n", "Max-Forwards: 70\r\nExpires: soon\r\n")]
    [InlineData("Max-Forwards: 70\r\n", "Max-Forwards: 70\r\nSubject: a\nRoute: <sip:evil>\r\n")]
    [InlineData("Max-Forwards: 70\r\n", "Max-Forwards: 70\r\nSubject: a\rb\r\n")]
    [InlineData("Max-Forwards: 70\r\n", "Max-Forwards: 70\r\nSubject: a\0b\r\n")]
    [InlineData("Max-Forwards: 70\r\n", "Max-Forwards: 70\r\nRoute: <sip:a;lr>,\r\n")]
    [InlineData("CSeq: 314159 INVITE", "CSeq: 314159 ACK")]
    [InlineData("CSeq: 314159 INVITE", "CSeq: 2147483648 INVITE")]
    [InlineData("CSeq: 314159 INVITE", "CSeq: INVITE")]
    [InlineData("Call-ID: a84", "Call-ID: a 84")]
    [InlineData("To: Bob <sip:bob@biloxi.example.com>\r\n", "")]
    [InlineData("Content-Length: 4\r\n", "Content-Length: 5\r\n")]
    [InlineData("\r\n\r\nv=0\n", "\r\n")]
    public void A_broken_request_comes_with_enough_to_answer_it(string from, string to)
    {
        var text = Invite.Replace(from, to, StringComparison.Ordinal);
        Assert.NotEqual(Invite, text);

        Assert.False(SipParser.TryParse(Encoding.UTF8.GetBytes(text), out var message, out var error));
        Assert.Equal(SipParseError.BadRequest, error);
        var response = SipResponse.For(Assert.IsType<SipRequest>(message), SipParser.StatusFor(error), "t");
        Assert.Equal("z9hG4bK776asdhds", response.TopVia!.Branch);
        Assert.False(message.Headers.Contains("Route") && text.Contains('\n' + "Route: <sip:evil>", StringComparison.Ordinal));
    }

    [Fact]
    public void Limits_are_limits()
    {
        Assert.Equal(SipParseError.TooLarge, ErrorOf(Invite + new string('x', SipLimits.MaxMessageBytes)));
        Assert.Equal(SipParseError.TooLarge, ErrorOf(WithHeader("X: " + new string('x', SipLimits.MaxFieldBytes))));
        Assert.Equal(SipParseError.TooLarge, ErrorOf(WithHeader(string.Join("\r\n", Enumerable.Repeat("X: 1", SipLimits.MaxHeaderFields)))));
        Assert.Equal(SipParseError.TooLarge, ErrorOf(WithHeader(string.Join("\r\n", Enumerable.Repeat("X: " + new string('x', 4000), 9)))));
        Assert.Equal(SipParseError.BadRequest, ErrorOf(WithHeader("Route: " + string.Join(',', Enumerable.Repeat("<sip:a>", SipLimits.MaxListValues + 1)))));
        Assert.Equal(SipParseError.None, ErrorOf(WithHeader("Route: " + string.Join(',', Enumerable.Repeat("<sip:a>", SipLimits.MaxListValues)))));
    }

    [Fact]
    public void Without_content_length_the_datagram_ends_the_body()
    {
        var request = Request(Invite.Replace("Content-Length: 4\r\n", "", StringComparison.Ordinal) + "s=-");

        Assert.Equal("v=0\ns=-", Encoding.UTF8.GetString(request.Body.Span));
    }

    private static string WithHeader(string line) => Invite.Replace("Max-Forwards: 70\r\n", "Max-Forwards: 70\r\n" + line + "\r\n", StringComparison.Ordinal);

    private static SipParseError ErrorOf(string text)
    {
        SipParser.TryParse(Encoding.UTF8.GetBytes(text), out _, out var error);
        return error;
    }

    private static string Normalised(string text)
    {
        // Content-Length is written last.
        var moved = text.Replace("Content-Length: 4\r\n", "", StringComparison.Ordinal);
        return moved.Replace("\r\n\r\n", "\r\nContent-Length: 4\r\n\r\n", StringComparison.Ordinal);
    }

    private static SipRequest Request(string text)
    {
        Assert.True(SipParser.TryParse(Encoding.UTF8.GetBytes(text), out var message, out var error), error.ToString());
        Assert.Equal(SipParseError.None, error);
        return Assert.IsType<SipRequest>(message);
    }
}
