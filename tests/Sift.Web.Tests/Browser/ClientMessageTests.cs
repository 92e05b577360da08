using System.Text;
using System.Text.Json;
using Sift.Web.Browser;

namespace Sift.Web.Tests.Browser;

public sealed class ClientMessageTests
{
    [Fact]
    public void Reads_type_and_body()
    {
        Assert.True(ClientMessage.TryRead("""{"body":{"type":"offer","sdp":"v=0"},"type":"desc","more":1}"""u8.ToArray(), out var message));
        Assert.Equal(("desc", "offer", "v=0"), (message.Type, message.Field("type"), message.Field("sdp")));
        Assert.Null(message.Text);
        Assert.Null(message.Field("absent"));
    }

    [Fact]
    public void A_missing_body_is_undefined()
    {
        Assert.True(ClientMessage.TryRead("""{"type":"hangup"}"""u8.ToArray(), out var message));
        Assert.Equal(JsonValueKind.Undefined, message.Body.ValueKind);
        Assert.Null(message.Text);
    }

    [Fact]
    public void Half_a_character_is_no_text()
    {
        Assert.False(ClientMessage.TryRead("""{"type":"\ud800"}"""u8.ToArray(), out _));
        Assert.True(ClientMessage.TryRead("""{"type":"auth","body":"\ud800"}"""u8.ToArray(), out var message));
        Assert.Null(message.Text);
    }

    [Fact]
    public void Mangled_messages_never_throw()
    {
        var random = new Random(11);
        var seed = """{"type":"desc","body":{"type":"offer","sdp":"v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"}}"""u8.ToArray();
        for (var i = 0; i < 10_000; i++)
        {
            var bytes = seed.ToArray();
            for (var n = random.Next(1, 6); n > 0; n--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            if (ClientMessage.TryRead(bytes.AsMemory(0, random.Next(bytes.Length + 1)), out var message))
            {
                _ = message.Text ?? message.Field("sdp");
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("m=audio")]
    [InlineData("m=audio 9 UDP/TLS/RTP/SAVPF\r\n")]
    [InlineData("m=video 9 UDP/TLS/RTP/SAVPF 96\r\n")]
    public void An_offer_without_audio_gets_no_farewell(string sdp) => Assert.Null(FarewellAnswer.To(sdp));

    [Fact]
    public void A_farewell_takes_the_offers_first_format_when_there_is_no_PCMU()
    {
        var answer = FarewellAnswer.To("v=0\nm=audio 9 UDP/TLS/RTP/SAVPF 111\na=mid:audio\nm=video 9 UDP/TLS/RTP/SAVPF 96\na=mid:video\n")!;

        Assert.Contains("m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("a=group:BUNDLE audio\r\n", answer, StringComparison.Ordinal);
        Assert.Equal(95, Encoding.ASCII.GetByteCount(answer.Split("\r\n").Single(l => l.StartsWith("a=fingerprint:sha-256 ", StringComparison.Ordinal))["a=fingerprint:sha-256 ".Length..]));
    }
}
