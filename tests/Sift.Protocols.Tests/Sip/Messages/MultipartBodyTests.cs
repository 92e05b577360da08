using System.Text;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Tests.Sip.Messages.Torture;

namespace Sift.Protocols.Tests.Sip.Messages;

public sealed class MultipartBodyTests
{
    [Fact]
    public void Reads_the_parts_of_the_torture_message()
    {
        var parts = MultipartBody.Parts(TortureMessage.Request("mpart01"));

        Assert.Equal(["text/plain", "application/octet-stream"], parts.Select(p => p.Type.Name));
        Assert.Equal("Hello", Encoding.UTF8.GetString(parts[0].Content.Span));
        Assert.Equal(342, parts[1].Content.Length);
    }

    [Fact]
    public void Finds_the_first_body_of_a_type()
    {
        var request = With("multipart/mixed; boundary=\"b\"", "preamble\r\n--b\r\nContent-Type: application/sdp\r\n\r\none\r\n--b\r\nContent-Type: application/sdp\r\n\r\ntwo\r\n--b--\r\n");

        Assert.Equal("one", Encoding.UTF8.GetString(MultipartBody.Find(request, "application/sdp")!.Value.Span));
        Assert.Null(MultipartBody.Find(request, "text/plain"));
        Assert.Equal("plain", Encoding.UTF8.GetString(MultipartBody.Find(With("Application/SDP", "plain"), "application/sdp")!.Value.Span));
    }

    [Theory]
    [InlineData("multipart/mixed", "--b\r\nContent-Type: a/b\r\n\r\nx\r\n--b--")]
    [InlineData("multipart/mixed;boundary=b", "")]
    [InlineData("multipart/mixed;boundary=b", "--b")]
    [InlineData("multipart/mixed;boundary=b", "--b--b")]
    [InlineData("multipart/mixed;boundary=b", "--b\r\n--b--")]
    [InlineData("multipart/mixed;boundary=b", "--b\r\n\r\nx\r\n--b--")]
    [InlineData("multipart/mixed;boundary=b", "--b\r\nContent-Type: a/b\r\n\r\nx")]
    [InlineData("text/plain;boundary=b", "--b\r\nContent-Type: a/b\r\n\r\nx\r\n--b--")]
    public void A_broken_body_has_no_parts(string type, string body)
    {
        Assert.Empty(MultipartBody.Parts(With(type, body)));
    }

    private static SipRequest With(string type, string body)
    {
        var request = new SipRequest("INVITE", new SipUri { Scheme = "sip", Host = "h" }) { Body = Encoding.UTF8.GetBytes(body) };
        request.Headers.Add("Content-Type", type);
        return request;
    }
}
