using Sift.Protocols.Sip.Messages;

namespace Sift.Protocols.Tests.Sip.Messages;

public sealed class AddressTagTests
{
    [Theory]
    [InlineData("<sip:a@b>;tag=1", "1", "<sip:a@b>")]
    [InlineData("<sip:a@b;tag=uri>;x=y;TAG = 2 ;z", "2", "<sip:a@b;tag=uri>;x=y;z")]
    [InlineData("\"quo\\\"ted;tag=no\" <sip:a@b>;tag=3", "3", "\"quo\\\"ted;tag=no\" <sip:a@b>")]
    [InlineData("sip:a@b;tag=4", "4", "sip:a@b")]
    [InlineData("<sip:a@b>;p=\";tag=no\";tag=5", "5", "<sip:a@b>;p=\";tag=no\"")]
    [InlineData("<sip:a@b>", null, "<sip:a@b>")]
    [InlineData("", null, "")]
    [InlineData("\"open", null, "\"open")]
    public void Reads_and_cuts_the_tag(string address, string? tag, string without)
    {
        Assert.Equal(tag, AddressTag.Of(address));
        Assert.Equal(without, AddressTag.Without(address));
    }

    [Theory]
    [InlineData("<sip:a@b;lr>;x", "sip:a@b;lr")]
    [InlineData("\"<no>\" <sip:a@b>", "sip:a@b")]
    [InlineData("sip:a@b;x=y", "sip:a@b")]
    [InlineData("<sip:a@b", "sip:a@b")]
    public void Finds_the_uri(string address, string uri) => Assert.Equal(uri, new string(AddressTag.UriText(address)));

    [Fact]
    public void No_prefix_or_odd_byte_throws()
    {
        const string address = "\"a;\\\"b\" <sip:a@b;tag=q>;p=\"x\\\\\" ; tag = 77;z";
        for (var length = 0; length <= address.Length; length++)
        {
            foreach (var odd in new[] { "", "\"", ";", "<", ">", "\\", "tag=" })
            {
                var text = address[..length] + odd;
                _ = AddressTag.Of(text);
                _ = AddressTag.Without(text);
                _ = AddressTag.UriText(text).Length;
            }
        }
    }
}
