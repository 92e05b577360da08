using Sift.Protocols.Sip.Messages;

namespace Sift.Protocols.Tests.Sip.Messages;

public sealed class SipUriTests
{
    [Theory]
    [InlineData("+15554443333", "+15554443333")]
    [InlineData("me@there", "me%40there")]
    [InlineData("a b\r\nX: y>", "a%20b%0D%0AX%3A%20y%3E")]
    public void A_user_part_is_escaped_so_that_it_stays_one(string user, string escaped)
    {
        Assert.Equal(escaped, SipUri.EscapeUser(user));
        Assert.True(SipUri.TryParse($"sip:{escaped}@host", out var uri));
        Assert.Equal(user, uri.User);
    }

    [Fact]
    public void Port_0_is_no_port()
    {
        Assert.False(SipUri.TryParse("sip:a@host:0", out _));
        Assert.False(Via.TryParse("SIP/2.0/UDP host:0;branch=z9hG4bK1", out _));
    }

    /// <summary>RFC 3261 19.1.4, the pairs of its example lists.</summary>
    [Theory]
    [InlineData("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp", true)]
    [InlineData("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5", true)]
    [InlineData("sip:carol@chicago.com", "sip:carol@chicago.com;security=on", true)]
    [InlineData("sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com", "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com", true)]
    [InlineData("sip:alice@atlanta.com?subject=project%20x&priority=urgent", "sip:alice@atlanta.com?priority=urgent&subject=project%20x", true)]
    [InlineData("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP", false)]
    [InlineData("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060", false)]
    [InlineData("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp", false)]
    [InlineData("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp", false)]
    [InlineData("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting", false)]
    [InlineData("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4", false)]
    [InlineData("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off", false)]
    [InlineData("tel:+1-201-555-0123", "tel:+12015550123", true)]
    [InlineData("sip:a@b", "sips:a@b", false)]
    public void Compares_as_rfc_3261_says(string first, string second, bool equal)
    {
        Assert.True(SipUri.TryParse(first, out var a));
        Assert.True(SipUri.TryParse(second, out var b));

        Assert.Equal(equal, a.IsEquivalentTo(b));
        Assert.Equal(equal, b.IsEquivalentTo(a));
    }

    [Theory]
    [InlineData("sip:alice:secretword@atlanta.com;transport=tcp")]
    [InlineData("sips:[2001:db8::1]:5061;lr")]
    [InlineData("sip:+1-212-555-1212:1234@gateway.com;user=phone")]
    [InlineData("sip:%FF%00@host")]
    [InlineData("tel:7042;phone-context=example.com")]
    [InlineData("urn:service:sos")]
    public void Writes_what_it_read(string text)
    {
        Assert.True(SipUri.TryParse(text, out var uri));
        Assert.Equal(text, uri.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("sip:")]
    [InlineData("sip:@host")]
    [InlineData("sip:a@")]
    [InlineData("sip:a@b@c")]
    [InlineData("sip:a@host:")]
    [InlineData("sip:a@host:65536")]
    [InlineData("sip:a@host:5060x")]
    [InlineData("sip:a@[::1")]
    [InlineData("sip:a@[host]")]
    [InlineData("sip:a@host;")]
    [InlineData("sip:a@host;;lr")]
    [InlineData("sip:a@host;x=")]
    [InlineData("sip:a%4@host")]
    [InlineData("sip:a%zz@host")]
    [InlineData("sip:a b@host")]
    [InlineData("sip: a@host")]
    [InlineData("tel:")]
    [InlineData("tel:bob")]
    [InlineData("1sip:a@host")]
    [InlineData("<sip:a@host>")]
    public void Refuses_what_the_grammar_has_not(string text)
    {
        Assert.False(SipUri.TryParse(text, out _));
    }
}
