using System.Text;
using Sift.Media.Sip.Calls;
using Sift.Protocols.Sip.Messages;

namespace Sift.Media.Tests.Sip.Calls;

public sealed class SipBodiesTests
{
    [Fact]
    public void A_plain_body_is_the_description() => Assert.Equal("v=0\r\n", Sdp("application/sdp", "v=0\r\n"));

    [Fact]
    public void A_body_without_type_is_taken_for_one() => Assert.Equal("v=0\r\n", Sdp(null, "v=0\r\n"));

    [Fact]
    public void Of_two_descriptions_in_a_multipart_body_the_first_counts()
    {
        const string body = "preamble\r\n--x\r\nContent-Type: application/sdp\r\n\r\nv=0\r\ns=first\r\n"
            + "\r\n--x\r\nContent-Type: application/sdp\r\n\r\nv=0\r\ns=second\r\n\r\n--x--\r\n";

        Assert.Equal("v=0\r\ns=first\r\n", Sdp("multipart/alternative;boundary=x", body));
    }

    [Fact]
    public void A_multipart_body_may_hold_other_things_first()
    {
        const string body = "--\"b\r\n\r\nno\r\n--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
            + "--b\r\ncontent-type: Application/SDP; charset=utf-8\r\nContent-Disposition: session\r\n\r\nv=0\r\n\r\n--b--";

        Assert.Equal("v=0\r\n", Sdp("multipart/mixed;boundary=\"b\"", body));
    }

    [Theory]
    [InlineData("text/plain", "hello")]
    [InlineData("multipart/mixed", "--x\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--x--")]
    [InlineData("multipart/mixed;boundary=x", "--x--")]
    [InlineData("multipart/mixed;boundary=x", "--x")]
    [InlineData("multipart/mixed;boundary=x", "no boundary at all")]
    [InlineData("application/sdp", "")]
    public void Anything_else_holds_none(string type, string body) => Assert.Equal("", Sdp(type, body));

    private static string Sdp(string? type, string body)
    {
        var request = new SipRequest("INVITE", new SipUri { Scheme = "sip", Host = "h" });
        if (type is not null)
        {
            request.Headers.Add("Content-Type", type);
        }

        request.Body = Encoding.UTF8.GetBytes(body);
        return Encoding.UTF8.GetString(SipBodies.Sdp(request).Span);
    }
}
