using System.Text;
using Sift.Protocols.Sip.Messages;

namespace Sift.Protocols.Tests.Sip.Messages.Torture;

/// <summary>RFC 4475 3.1.1: what the valid messages must be read as.</summary>
public sealed class TortureValidTests
{
    [Fact]
    public void Wsinv_folding_and_white_space_everywhere()
    {
        var request = TortureMessage.Request("wsinv");

        Assert.Equal("vivekg", request.RequestUri.User);
        Assert.True(request.RequestUri.Parameters.Contains("unknownparam"));
        Assert.Equal("1918181833n", request.To!.Tag);
        Assert.Equal("J Rosenberg \\\"", request.From!.DisplayName);
        Assert.Equal("98asjd8", request.From.Tag);
        Assert.Equal(68, request.MaxForwards);
        Assert.Equal(new CSeq(9, "INVITE"), request.CSeq);
        Assert.Equal("", request.Headers.Get("Subject"));
        Assert.Equal("newfangled value continued newfangled value", request.Headers.Get("NewFangledHeader"));
        Assert.Equal(";;,,;;,;", request.Headers.Get("UnknownHeaderWithUnusualValue"));
        Assert.Equal(["192.0.2.2", "spindle.example.com", "192.168.255.111"], request.Vias.Select(v => v.Host));
        Assert.Equal(["390skdjuw", "z9hG4bK9ikj8", "z9hG4bK30239"], request.Vias.Select(v => v.Branch));
        Assert.Equal(["UDP", "TCP", "UDP"], request.Vias.Select(v => v.Transport));
        Assert.True(Assert.Single(request.Routes).Uri.IsLooseRouter);
        Assert.Equal("Quoted string \"\"", request.Contact!.DisplayName);
        Assert.Equal("newvalue", request.Contact.Parameters.Get("newparam"));
        Assert.True(request.Contact.Parameters.Contains("secondparam"));
        Assert.Equal("0.33", request.Contact.Parameters.Get("q"));
        Assert.Equal(150, request.Body.Length);
    }

    [Fact]
    public void Intmeth_unusual_characters_keep_their_meaning()
    {
        var request = TortureMessage.Request("intmeth");

        Assert.Equal("!interesting-Method0123456789_*+`.%indeed'~", request.Method);
        Assert.Equal("1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*", request.RequestUri.User);
        Assert.Equal("&it+has=1,weird!*pas$wo~d_too.(doesn't-it)", request.RequestUri.Password);
        Assert.Equal("example.com", request.RequestUri.Host);
        Assert.Equal("z9hG4bK-.!%66*_+`'~", request.TopVia!.Branch);
        Assert.Equal("BEL:\a NUL:\0 DEL:\x7f", request.To!.DisplayName);
        Assert.Equal("token1~` token2'+_ token3*%!.-", request.From!.DisplayName);
        Assert.Equal("работающий", request.From.Parameters.Get("fromParam''~+*_!.-%"));
        Assert.Equal("_token~1'+`*%!-.", request.From.Tag);
        Assert.Equal("intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{", request.CallId);
        Assert.Equal(255, request.MaxForwards);
        Assert.Equal("\uFEFF大停電", request.Headers.Get("extensionHeader-!.%*+_`'~"));
    }

    [Fact]
    public void Esc01_escapes_are_undone_once()
    {
        var request = TortureMessage.Request("esc01");

        Assert.Equal("sips:user@example.com", request.RequestUri.User);
        Assert.Equal("example.net", request.RequestUri.Host);
        Assert.Equal("user", request.To!.Uri.User);
        Assert.Equal("I have spaces", request.From!.Uri.User);
        Assert.Equal("caller", request.Contact!.Uri.User);
        Assert.True(request.Contact.Uri.IsLooseRouter);
        Assert.Equal("value%41", request.Contact.Uri.Parameters.Get("name"));
        Assert.Equal("application/sdp", request.ContentType!.Name);
    }

    [Fact]
    public void Escnull_an_escaped_null_is_part_of_the_user()
    {
        var request = TortureMessage.Request("escnull");

        Assert.Equal("null-\0-null", request.To!.Uri.User);
        Assert.Equal(["\0", "\0\0"], request.Contacts!.Addresses.Select(a => a.Uri.User));
        Assert.False(request.Contacts.Addresses[0].Uri.IsEquivalentTo(request.Contacts.Addresses[1].Uri));
        Assert.Equal("sip:%00@host5.example.com", request.Contact!.Uri.ToString());
    }

    [Fact]
    public void Esc02_percent_is_no_escape_outside_uris()
    {
        var request = TortureMessage.Request("esc02");

        Assert.Equal("RE%47IST%45R", request.Method);
        Assert.Equal("%Z%45", request.To!.DisplayName);
        Assert.Equal("z9hG4bK209%fzsnel234", request.TopVia!.Branch);
        Assert.Equal(["alias1", "alias3"], request.Contacts!.Addresses.Select(a => a.Uri.User));
        Assert.Equal("<sip:alias2@host2.example.com>", request.Headers.Get("C%6Fntact"));
    }

    [Fact]
    public void Lwsdisp_no_space_is_needed_before_the_bracket()
    {
        var request = TortureMessage.Request("lwsdisp");

        Assert.Equal("caller", request.From!.DisplayName);
        Assert.Equal("323", request.From.Tag);
    }

    [Fact]
    public void Longreq_long_values_and_34_vias()
    {
        var request = TortureMessage.Request("longreq");

        Assert.Equal(34, request.Vias.Count);
        Assert.Equal("sip33.example.com", request.TopVia!.Host);
        Assert.Equal("192.0.2.5", request.Vias[^1].Received);
        Assert.Equal(6000, request.To!.Uri.Port);
        Assert.Equal(3, request.To.Uri.Parameters.Count);
        Assert.Equal(3, request.From!.Parameters.Count);
        Assert.Equal(115, request.Contact!.Uri.User!.Length);
    }

    [Fact]
    public void Dblreq_bytes_behind_the_body_are_dropped()
    {
        var request = TortureMessage.Request("dblreq");

        Assert.Equal("REGISTER", request.Method);
        Assert.Equal(0, request.Body.Length);
        Assert.Equal("dblreq.0ha0isndaksdj99sdfafnl3lk233412", request.CallId);
    }

    [Fact]
    public void Semiuri_a_semicolon_belongs_to_the_user()
    {
        var request = TortureMessage.Request("semiuri");

        Assert.Equal("user;par=u@example.net", request.RequestUri.User);
        Assert.Equal("example.com", request.RequestUri.Host);
        Assert.Equal(0, request.RequestUri.Parameters.Count);
        Assert.Equal("sip:user;par=u%40example.net@example.com", request.RequestUri.ToString());
    }

    [Fact]
    public void Transports_unknown_ones_are_kept()
    {
        Assert.Equal(["UDP", "SCTP", "TLS", "UNKNOWN", "TCP"], TortureMessage.Request("transports").Vias.Select(v => v.Transport));
    }

    [Fact]
    public void Mpart01_a_binary_body_is_framed_by_its_length()
    {
        var request = TortureMessage.Request("mpart01");

        Assert.Equal("multipart/mixed", request.ContentType!.Name);
        Assert.Equal("7a9cbec02ceef655", request.ContentType.Parameters.Get("boundary"));
        Assert.Equal(553, request.Body.Length);
        Assert.True(request.Body.Span.EndsWith("--7a9cbec02ceef655--\r\n"u8));
        Assert.True(request.Body.Span.Contains((byte)0));
    }

    [Fact]
    public void Unreason_the_phrase_is_free_text()
    {
        var response = TortureMessage.Response("unreason");

        Assert.Equal(200, response.StatusCode);
        Assert.Equal("= 2**3 * 5**2 но сто девяносто девять - простое", response.ReasonPhrase);
        Assert.Equal(Encoding.UTF8.GetBytes(response.ReasonPhrase), SipWriter.ToArray(response)[12..(12 + Encoding.UTF8.GetByteCount(response.ReasonPhrase))]);
    }

    [Fact]
    public void Noreason_the_phrase_may_be_empty()
    {
        var response = TortureMessage.Response("noreason");

        Assert.Equal(100, response.StatusCode);
        Assert.Equal("", response.ReasonPhrase);
        Assert.StartsWith("SIP/2.0 100 \r\n", Encoding.UTF8.GetString(SipWriter.ToArray(response)), StringComparison.Ordinal);
    }
}
