using System.Text;
using Sift.Activities.Webhooks;

namespace Sift.Activities.Tests.Webhooks;

public sealed class WebhookSignerTests
{
    // The example of the Standard Webhooks specification's reference libraries.
    [Fact]
    public void Signs_as_the_specification_shows()
    {
        Assert.True(WebhookSecret.TryParse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", out var secret));

        var signature = WebhookSigner.Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, Encoding.UTF8.GetBytes("""{"test": 2432232314}"""), [secret!]);

        Assert.Equal("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", signature);
    }

    [Fact]
    public void Two_secrets_give_two_signatures()
    {
        var signature = WebhookSigner.Sign("id", 1, "{}"u8, [new WebhookSecret(new byte[24]), new WebhookSecret(new byte[32])]);

        Assert.Equal(2, signature.Split(' ').Length);
        Assert.All(signature.Split(' '), static part => Assert.StartsWith("v1,", part));
    }

    [Theory]
    [InlineData("whsec_")]
    [InlineData("whsec_%%%")]
    public void What_is_no_base64_is_no_secret(string text) => Assert.False(WebhookSecret.TryParse(text, out _));
}
