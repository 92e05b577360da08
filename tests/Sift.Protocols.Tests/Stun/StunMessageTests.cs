using System.Net;
using System.Text;
using Sift.Protocols.Stun;

namespace Sift.Protocols.Tests.Stun;

public sealed class StunMessageTests
{
    // RFC 5769 2.1: a request with SOFTWARE, PRIORITY, ICE-CONTROLLED, USERNAME, MESSAGE-INTEGRITY and FINGERPRINT.
    private const string SampleRequest =
        "000100582112a442b7e7a701bc34d686fa87dfae" +
        "802200105354554e207465737420636c69656e74" +
        "002400046e0001ff" +
        "80290008932ff9b151263b36" +
        "000600096576746a3a68367659202020" +
        "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2" +
        "80280004e57a3bcf";

    // RFC 5769 2.2: an IPv4 response.
    private const string SampleResponse =
        "0101003c2112a442b7e7a701bc34d686fa87dfae" +
        "8022000b7465737420766563746f7220" +
        "002000080001a147e112a643" +
        "000800142b91f599fd9e90c38c7489f92af9ba53f06be7d7" +
        "80280004c07d4c96";

    private static readonly byte[] Password = Encoding.ASCII.GetBytes("VOkJxbRl1RmTxUk/WvJxBt");

    [Fact]
    public void Reads_the_request_of_rfc_5769()
    {
        Assert.True(StunMessage.TryParse(Convert.FromHexString(SampleRequest), out var message));

        Assert.Equal(StunMessageType.BindingRequest, message.Type);
        Assert.True(message.TryGet(StunAttribute.Username, out var user));
        Assert.Equal("evtj:h6vY", Encoding.ASCII.GetString(user));
        Assert.True(message.IsAuthentic(Password));
        Assert.False(message.IsAuthentic("wrong"u8));
    }

    [Fact]
    public void Reads_the_response_of_rfc_5769()
    {
        Assert.True(StunMessage.TryParse(Convert.FromHexString(SampleResponse), out var message));

        Assert.True(message.IsAuthentic(Password));
        Assert.True(message.TryGetXorMappedAddress(out var address));
        Assert.Equal(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 32853), address);
    }

    [Theory]
    [InlineData("127.0.0.1", 9)]
    [InlineData("2001:db8::1", 40_000)]
    public void Written_messages_read_back(string ip, int port)
    {
        var buffer = new byte[548];
        var writer = new StunWriter(buffer, StunMessageType.BindingSuccess, new byte[12]);
        writer.AddXorMappedAddress(new IPEndPoint(IPAddress.Parse(ip), port));

        Assert.True(StunMessage.TryParse(buffer.AsSpan(0, writer.Seal("key"u8)), out var message));

        Assert.True(message.IsAuthentic("key"u8));
        Assert.True(message.TryGetXorMappedAddress(out var address));
        Assert.Equal(new IPEndPoint(IPAddress.Parse(ip), port), address);
    }

    [Fact]
    public void Any_changed_byte_is_noticed()
    {
        // All but the type of FINGERPRINT itself, which nothing covers: it would become some other attribute behind the integrity.
        var good = Convert.FromHexString(SampleRequest);
        foreach (var at in Enumerable.Range(0, good.Length).Except([good.Length - 8, good.Length - 7]))
        {
            byte[] bad = [.. good];
            bad[at] ^= 0x40;

            Assert.False(StunMessage.TryParse(bad, out var message) && message.IsAuthentic(Password), $"byte {at}");
        }
    }

    [Fact]
    public void Never_throws_on_prefixes_or_random_bytes()
    {
        var good = Convert.FromHexString(SampleRequest);
        for (var length = 0; length < good.Length; length++)
        {
            Assert.False(StunMessage.TryParse(good.AsSpan(0, length), out _));
        }

        var random = new Random(1);
        for (var i = 0; i < 50_000; i++)
        {
            byte[] bytes = [.. good];
            for (var n = random.Next(1, 6); n > 0; n--)
            {
                bytes[random.Next(bytes.Length - 8)] = (byte)random.Next(256);
            }

            if (StunMessage.TryParse(bytes.AsSpan(0, bytes.Length - 8), out var message))
            {
                message.IsAuthentic(Password);
                message.TryGetXorMappedAddress(out _);
                message.UnknownRequired(new ushort[4]);
            }
        }
    }
}
