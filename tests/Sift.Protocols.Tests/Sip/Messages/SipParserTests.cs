using System.Text;
using Sift.Protocols.Sip.Messages;

namespace Sift.Protocols.Tests.Sip.Messages;

public sealed class SipParserTests
{
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
