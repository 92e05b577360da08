using Sift.Media.Sip.Tracing;

namespace Sift.Media.Tests.Sip.Tracing;

public sealed class TraceMaskTests
{
    [Theory]
    [InlineData("Authorization")]
    [InlineData("Proxy-Authorization")]
    [InlineData("authorization")]
    public void What_proves_a_password_is_taken_out_and_the_rest_stays(string header)
    {
        var message = $"INVITE sip:a@b SIP/2.0\r\n{header}: Digest username=\"bob\", realm=\"r\", nonce=\"n\", cnonce=\"secretc\", response=\"0123456789abcdef\", uri=\"sip:b\"\r\n\r\n";

        var shown = TraceMask.Apply(message);

        Assert.DoesNotContain("0123456789abcdef", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("secretc", shown, StringComparison.Ordinal);
        Assert.Contains("username=\"bob\", realm=\"r\", nonce=\"n\"", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void A_word_response_outside_of_credentials_stays()
    {
        const string Message = "MESSAGE sip:a SIP/2.0\r\nSubject: response=\"42\"\r\n\r\n";
        Assert.Equal(Message, TraceMask.Apply(Message));
    }

    [Fact]
    public void Media_keys_are_taken_out()
    {
        var shown = TraceMask.Apply("SIP/2.0 200 OK\r\n\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^20\r\na=rtpmap:0 PCMU/8000\r\n");
        Assert.DoesNotContain("d0Rmdmcm", shown, StringComparison.Ordinal);
        Assert.Contains("a=rtpmap:0 PCMU/8000", shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Content-Type: application/dtmf-relay", "Signal=7\r\nDuration=100\r\n")]
    [InlineData("c: application/dtmf", "7")]
    public void Digits_sent_by_INFO_are_taken_out(string type, string body)
    {
        var shown = TraceMask.Apply($"INFO sip:a SIP/2.0\r\n{type}\r\n\r\n{body}");
        Assert.EndsWith("\r\n\r\n(digits are not shown)", shown, StringComparison.Ordinal);
    }
}
