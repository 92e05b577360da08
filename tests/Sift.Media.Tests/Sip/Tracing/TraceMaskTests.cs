using System.Text;
using Sift.Media.Sip.Tracing;

namespace Sift.Media.Tests.Sip.Tracing;

public sealed class TraceMaskTests
{
    [Theory]
    [InlineData("Authorization", ", ")]
    [InlineData("Proxy-Authorization", ",")]
    [InlineData("authorization", ",\r\n\t")]
    public void What_proves_a_password_is_blotted_out_and_the_rest_stays(string header, string comma)
    {
        var message = $"INVITE sip:a@b SIP/2.0\r\n{header}: Digest username=\"b\\\"response=ob\", realm=\"r\", nonce=\"n\"{comma}cnonce=\"secretc\", Response = 0123456789abcdef{comma}uri=\"sip:b\"\r\n\r\n";
        Assert.Equal(message.Replace("secretc", "*******", StringComparison.Ordinal).Replace("0123456789abcdef", "****************", StringComparison.Ordinal), Shown(message));
    }

    [Theory]
    [InlineData("Authorization: Basic ")]
    [InlineData("Authorization:Basic\r\n ")]
    [InlineData("Proxy-Authorization : Bearer ")]
    public void Credentials_of_other_schemes_are_blotted_out_whole(string start)
    {
        var shown = Shown($"REGISTER sip:a SIP/2.0\r\n{start}cGFzc3dvcmQ=\r\nMax-Forwards: 70\r\n\r\n");
        Assert.DoesNotContain("cGFzc3dvcmQ", shown, StringComparison.Ordinal);
        Assert.EndsWith("\r\nMax-Forwards: 70\r\n\r\n", shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MESSAGE sip:a SIP/2.0\r\nSubject: response=\"42\"\r\nAllow: INVITE\r\n\r\n")]
    [InlineData("INVITE sip:a SIP/2.0\r\nContent-Type: application/sdp\r\n\r\nv=0\r\na=rtpmap:0 PCMU/8000\r\n")]
    [InlineData("Authorization")]
    [InlineData("Authorization: Digest response=\"\r\n")]
    [InlineData("")]
    public void What_is_no_secret_stays(string message) => Assert.Equal(message, Shown(message));

    [Fact]
    public void Media_keys_are_blotted_out()
    {
        var shown = Shown("SIP/2.0 200 OK\r\n\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVC|2^20;inline:QUJD\r\na=rtpmap:0 PCMU/8000\r\n");
        Assert.Equal("SIP/2.0 200 OK\r\n\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:**********|2^20;inline:****\r\na=rtpmap:0 PCMU/8000\r\n", shown);
    }

    [Theory]
    [InlineData("Content-Type: application/dtmf-relay", "Signal=7\r\nDuration=100\r\n", "********\r\n************\r\n")]
    [InlineData("c: application/dtmf", "7", "*")]
    [InlineData("c: multipart/mixed;boundary=b", "--b\r\nContent-Type: application/DTMF\r\n\r\n7\r\n--b--", "***\r\n******************************\r\n\r\n*\r\n*****")]
    public void Digits_sent_by_INFO_are_blotted_out(string type, string body, string shown)
        => Assert.Equal($"INFO sip:a SIP/2.0\r\n{type}\r\n\r\n{shown}", Shown($"INFO sip:a SIP/2.0\r\n{type}\r\n\r\n{body}"));

    private static string Shown(string message)
    {
        var bytes = Encoding.UTF8.GetBytes(message);
        TraceMask.Apply(bytes);
        return Encoding.UTF8.GetString(bytes);
    }
}
