using Sift.Protocols.Sip.Messages;

namespace Sift.Protocols.Tests.Sip.Messages;

public sealed class HeaderFieldTests
{
    private readonly SipRequest _request = new("INVITE", new SipUri { Scheme = "sip", Host = "example.com" });

    [Fact]
    public void Lists_are_read_across_fields_and_commas()
    {
        _request.Headers.Add("m", "\"a, b\" <sip:a@h;x=1>;q=0.5, <sip:b@h>");
        _request.Headers.Add("Contact", "sip:c@h;expires=5");
        _request.Headers.Add("Supported", "100rel, timer");
        _request.Headers.Add("k", "REPLACES");

        Assert.Equal(["a", "b", "c"], _request.Contacts!.Addresses.Select(a => a.Uri.User));
        Assert.Equal("5", _request.Contacts.Addresses[2].Parameters.Get("expires"));
        Assert.Equal(["100rel", "timer", "REPLACES"], _request.Supported);
        Assert.True(_request.Supports("replaces"));
        Assert.False(_request.Supports("rel"));
    }

    [Theory]
    [InlineData("Jörg Müller <sip:j@h>", "Jörg Müller")]
    [InlineData("\"J, \\\"M\\\"\" <sip:j@h>", "J, \"M\"")]
    [InlineData("<sip:j@h>", null)]
    [InlineData("sip:j@h;x=<y", "refused")]
    [InlineData("J, M <sip:j@h>", "refused")]
    [InlineData("\"J\" sip:j@h", "refused")]
    [InlineData("\"J\" <sip:j@h", "refused")]
    [InlineData("<sip:j@h> x", "refused")]
    [InlineData("<sip:j@h>,<sip:k@h>", "refused")]
    public void Display_names(string text, string? expected)
    {
        Assert.Equal(expected, NameAddress.TryParse(text, out var address) ? address.DisplayName : "refused");
    }

    [Fact]
    public void A_wildcard_contact_stands_alone()
    {
        _request.Headers.Add("Contact", "*");
        Assert.True(_request.Contacts!.IsWildcard);

        _request.Headers.Add("Contact", "<sip:a@h>");
        Assert.Null(_request.Contacts);
    }

    [Fact]
    public void Timers_reliability_and_reasons()
    {
        _request.Headers.Add("x", "1800 ;refresher=UAS");
        _request.Headers.Add("Min-SE", "90");
        _request.Headers.Add("RSeq", "42");
        _request.Headers.Add("RAck", "42 7 INVITE");
        _request.Headers.Add("Reason", "Q.850;cause=16;text=\"Normal, call\", SIP ;cause=200");
        _request.Headers.Add("Retry-After", "18000 (in (a) \\) meeting);duration=3600");
        _request.Headers.Add("Replaces", "98732@h;from-tag=r33;to-tag=ff8;early-only");
        _request.Headers.Add("Event", "refer;id=9");
        _request.Headers.Add("Refer-To", "<sip:dave@h?Replaces=12345%40h%3Bto-tag%3D1>");
        _request.Headers.Add("P-Asserted-Identity", "\"A\" <sip:+1@h>, <tel:+1>");

        Assert.Equal(new SessionExpires(1800, SessionRefresher.Uas), _request.SessionExpires);
        Assert.Equal("1800;refresher=uas", _request.SessionExpires.ToString());
        Assert.Equal(90u, _request.MinSessionExpires);
        Assert.Equal(42u, _request.RSeq);
        Assert.Equal(new RAck(42, new CSeq(7, "INVITE")), _request.RAck);
        Assert.Equal([new Reason("Q.850", 16, "Normal, call"), new Reason("SIP", 200, null)], _request.Reasons);
        Assert.Equal(new RetryAfter(18000, 3600), _request.RetryAfter);
        Assert.Equal(new Replaces("98732@h", "ff8", "r33", true), _request.Replaces);
        Assert.Equal(new EventPackage("refer", "9"), _request.Event);
        Assert.Equal("Replaces=12345%40h%3Bto-tag%3D1", _request.ReferTo!.Uri.HeaderPart);
        Assert.Equal(["sip", "tel"], _request.AssertedIdentities.Select(a => a.Uri.Scheme));
    }

    [Fact]
    public void A_typed_reading_follows_a_change_of_the_field()
    {
        _request.Headers.Add("From", "<sip:a@h>;tag=1");
        Assert.Equal("1", _request.From!.Tag);

        _request.Headers.Set("From", "<sip:a@h>;tag=2");
        Assert.Equal("2", _request.From!.Tag);
        Assert.Same(_request.From, _request.From);
    }

    [Fact]
    public void A_response_copies_what_rfc_3261_8_2_6_says()
    {
        _request.Headers.Add("Via", "SIP/2.0/UDP a;branch=z9hG4bK1, SIP/2.0/UDP b");
        _request.Headers.Add("Via", "SIP/2.0/UDP c");
        _request.Headers.Add("Record-Route", "<sip:p;lr>");
        _request.Headers.Add("From", "<sip:a@h>;tag=1");
        _request.Headers.Add("To", "sip:b@h");
        _request.Headers.Add("Call-ID", "x");
        _request.Headers.Add("CSeq", "1 INVITE");
        _request.Headers.Add("Timestamp", "54");
        _request.Headers.Add("Subject", "not copied");

        var trying = SipResponse.For(_request, 100, "t");
        var ok = SipResponse.For(_request, 200, "t");
        var busy = SipResponse.For(_request, 486, "t");

        Assert.Null(trying.To!.Tag);
        Assert.Equal("54", trying.Headers.Get("Timestamp"));
        Assert.Equal("t", ok.To!.Tag);
        Assert.Equal("b", ok.To.Uri.User);
        Assert.Equal(["a", "b", "c"], ok.Vias.Select(v => v.Host));
        Assert.Single(ok.RecordRoutes);
        Assert.Empty(busy.RecordRoutes);
        Assert.Equal("Busy Here", busy.ReasonPhrase);
        Assert.False(ok.Headers.Contains("Subject"));
        Assert.False(ok.Headers.Contains("Timestamp"));
    }
}
