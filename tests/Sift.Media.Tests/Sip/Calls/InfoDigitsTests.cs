using System.Text;
using Sift.Media.Sip.Calls;
using Sift.Protocols.Sip.Messages;

namespace Sift.Media.Tests.Sip.Calls;

public sealed class InfoDigitsTests
{
    [Theory]
    [InlineData("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", '5')]
    [InlineData("application/dtmf-relay", "Signal= *\r\nDuration=160", '*')]
    [InlineData("application/dtmf-relay", "Duration=100\r\nsignal=d\r\n", 'D')]
    [InlineData("application/dtmf-relay", "Signal=11\n", '#')]
    [InlineData("application/dtmf-relay;charset=utf-8", "Signal=0\n", '0')]
    [InlineData("application/dtmf", "7", '7')]
    [InlineData("application/dtmf", " 10 ", '*')]
    public void A_key_is_read(string type, string body, char digit)
    {
        Assert.True(InfoDigits.TryRead(Info(type, body), out var read));
        Assert.Equal(digit, read);
    }

    [Theory]
    [InlineData("application/dtmf-relay", "Signal=\r\n")]
    [InlineData("application/dtmf-relay", "Signal=55\r\n")]
    [InlineData("application/dtmf-relay", "Signal=!\r\n")]
    [InlineData("application/dtmf-relay", "Duration=160\r\n")]
    [InlineData("application/dtmf", "")]
    [InlineData("text/plain", "5")]
    public void Anything_else_is_no_key(string type, string body) => Assert.False(InfoDigits.TryRead(Info(type, body), out _));

    private static SipRequest Info(string type, string body)
    {
        var info = new SipRequest("INFO", new SipUri { Scheme = "sip", Host = "h" });
        info.Headers.Add("Content-Type", type);
        info.Body = Encoding.UTF8.GetBytes(body);
        return info;
    }
}
