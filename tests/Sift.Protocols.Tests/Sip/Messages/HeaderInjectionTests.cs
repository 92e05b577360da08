using System.Text;
using Sift.Protocols.Sip.Messages;

namespace Sift.Protocols.Tests.Sip.Messages;

/// <summary>No value that comes from outside may start another header line.</summary>
public sealed class HeaderInjectionTests
{
    private const string Evil = "x\r\nRoute: <sip:evil.example.com>\r\n";

    [Theory]
    [InlineData("Subject", Evil)]
    [InlineData("Subject", "a\nb")]
    [InlineData("Subject", "a\0b")]
    [InlineData("Sub:ject", "a")]
    [InlineData("Sub\r\nject", "a")]
    [InlineData("", "a")]
    public void Headers_refuse_it(string name, string value)
    {
        var headers = new SipHeaders();

        Assert.Throws<ArgumentException>(() => headers.Add(name, value));
        Assert.Throws<ArgumentException>(() => headers.Set(name, value));
        Assert.Throws<ArgumentException>(() => headers.Insert(0, name, value));
        Assert.Equal(0, headers.Count);
    }

    [Fact]
    public void Start_lines_refuse_it()
    {
        SipUri.TryParse("sip:a@b", out var uri);

        Assert.Throws<ArgumentException>(() => new SipRequest(Evil, uri!));
        Assert.Throws<ArgumentException>(() => new SipResponse(200, Evil));
        Assert.Throws<ArgumentException>(() => SipWriter.ToArray(new SipRequest("INVITE", new SipUri { Scheme = "sip", Host = Evil })));
    }

    [Fact]
    public void Users_parameters_and_display_names_are_escaped()
    {
        var address = new NameAddress { DisplayName = Evil + "\"", Uri = new SipUri { Scheme = "sip", User = Evil + "@>", Host = "example.com" } };
        address.Uri.Parameters.Add("x", Evil);
        address.Parameters.Add("tag", Evil);
        var request = new SipRequest("INVITE", address.Uri);
        request.Headers.Add("From", address.ToString());

        var text = Encoding.UTF8.GetString(SipWriter.ToArray(request));

        Assert.Equal(5, text.Split("\r\n").Length);
        Assert.True(NameAddress.TryParse(address.ToString(), out var again));
        Assert.Equal(Evil + "@>", again.Uri.User);
        Assert.Equal(Evil, again.Uri.Parameters.Get("x"));
        Assert.Equal(1, again.Parameters.Count);
    }
}
