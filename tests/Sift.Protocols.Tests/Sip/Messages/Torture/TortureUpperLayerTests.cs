using Sift.Protocols.Sdp;
using Sift.Protocols.Sip.Authentication;
using Sift.Protocols.Sip.Messages;

namespace Sift.Protocols.Tests.Sip.Messages.Torture;

/// <summary>
/// RFC 4475 3.2 to 3.4: messages that parse, and what they must show to the layer that refuses or accepts them.
/// </summary>
public sealed class TortureUpperLayerTests
{
    [Fact]
    public void Badbranch_a_bare_cookie_identifies_no_transaction()
    {
        Assert.False(TortureMessage.Request("badbranch").TopVia!.HasUniqueBranch);
        Assert.True(TortureMessage.Request("zeromf").TopVia!.HasUniqueBranch);
    }

    [Fact]
    public void Insuf_can_be_answered_with_400_by_its_via()
    {
        var (message, error) = TortureMessage.Parse("insuf");
        var response = SipResponse.For(Assert.IsType<SipRequest>(message), SipParser.StatusFor(error));

        Assert.Equal(400, response.StatusCode);
        Assert.Equal("z9hG4bKkdj.insuf", response.TopVia!.Branch);
        Assert.Null(response.From);
    }

    [Theory]
    [InlineData("unkscm", "nobodyknowsthisscheme")]
    [InlineData("novelsc", "soap.beep")]
    public void Unknown_schemes_of_the_request_uri_are_seen_for_416(string name, string scheme)
    {
        var request = TortureMessage.Request(name);

        Assert.Equal(scheme, request.RequestUri.Scheme);
        Assert.False(request.RequestUri.IsSip);
        Assert.True(request.RequestUri.IsValid);
    }

    [Fact]
    public void Unksm2_unknown_schemes_in_to_and_from_are_kept()
    {
        var request = TortureMessage.Request("unksm2");

        Assert.Equal("isbn", request.To!.Uri.Scheme);
        Assert.Equal("http", request.From!.Uri.Scheme);
        Assert.Equal("3234233", request.From.Tag);
        Assert.Equal("name:John_Smith", request.Contact!.Uri.ToString());
    }

    [Fact]
    public void Bext01_shows_the_extensions_for_420()
    {
        var request = TortureMessage.Request("bext01");

        Assert.Equal(["nothingSupportsThis", "nothingSupportsThisEither"], request.Require);
        Assert.Equal(["noProxiesSupportThis", "norDoAnyProxiesSupportThis"], request.ProxyRequire);
    }

    [Fact]
    public void Invut_shows_the_body_type_for_415()
    {
        var request = TortureMessage.Request("invut");

        Assert.Equal("application/unknownformat", request.ContentType!.Name);
        Assert.Equal(40, request.Body.Length);
    }

    [Fact]
    public void Regaut01_an_unknown_scheme_gives_no_credentials()
    {
        var authorization = TortureMessage.Request("regaut01").Headers.Get("Authorization");

        Assert.False(DigestCredentials.TryParse(authorization, out _));
    }

    [Fact]
    public void Bcast_a_response_with_a_second_via_is_not_ours()
    {
        Assert.Equal(2, TortureMessage.Response("bcast").Vias.Count);
    }

    [Fact]
    public void Zeromf_shows_zero_for_483()
    {
        Assert.Equal(0, TortureMessage.Request("zeromf").MaxForwards);
    }

    [Fact]
    public void Cparam_a_parameter_belongs_to_the_header_without_brackets_and_to_the_uri_within()
    {
        var header = TortureMessage.Request("cparam01").Contact!;
        var uri = TortureMessage.Request("cparam02").Contact!;

        Assert.True(header.Parameters.Contains("unknownparam"));
        Assert.Equal(0, header.Uri.Parameters.Count);
        Assert.True(uri.Uri.Parameters.Contains("unknownparam"));
        Assert.Equal(0, uri.Parameters.Count);
        Assert.Equal("+19725552222", uri.Uri.User);
    }

    [Fact]
    public void Regescrt_an_escaped_route_is_kept_with_the_contact()
    {
        Assert.Equal("Route=%3Csip:sip.example.com%3E", TortureMessage.Request("regescrt").Contact!.Uri.HeaderPart);
    }

    [Fact]
    public void Sdp01_shows_what_is_accepted_for_406()
    {
        var request = TortureMessage.Request("sdp01");

        Assert.Equal("text/nobodyKnowsThis", request.Headers.Get("Accept"));
        Assert.True(SessionDescription.TryParse(request.Body.Span, out _));
    }

    [Fact]
    public void Inv2543_needs_neither_branch_tag_nor_content_length()
    {
        var request = TortureMessage.Request("inv2543");

        Assert.Null(request.TopVia!.Branch);
        Assert.Null(request.From!.Tag);
        Assert.Null(request.MaxForwards);
        Assert.Equal("ss1.example.com", Assert.Single(request.RecordRoutes).Uri.Parameters.Get("maddr"));
        Assert.True(SessionDescription.TryParse(request.Body.Span, out var description));
        Assert.True(AudioNegotiation.Answer(description, new LocalAudio { SessionId = "1", Address = "192.0.2.9", Port = 4000 }).Succeeded);
    }
}
