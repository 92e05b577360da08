using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Sift.Activities.Webhooks;

/// <summary>The secrets that sign an account's callbacks; the storage of the web project keeps them.</summary>
public interface IWebhookSecrets
{
    /// <summary>The active secrets, newest first; two while one is being replaced, none when the account signs nothing.</summary>
    ValueTask<IReadOnlyList<WebhookSecret>> ForAccountAsync(string accountId, CancellationToken cancellationToken);
}

/// <summary>One signing secret.</summary>
/// <param name="Key">The key bytes: what follows <c>whsec_</c>, decoded from base64.</param>
public sealed record WebhookSecret(ReadOnlyMemory<byte> Key)
{
    /// <summary>What stands before the base64 text of a secret.</summary>
    public const string Prefix = "whsec_";

    /// <summary>Reads the text form, <c>whsec_</c> and base64.</summary>
    public static bool TryParse(string text, out WebhookSecret? secret)
    {
        var base64 = text.StartsWith(Prefix, StringComparison.Ordinal) ? text[Prefix.Length..] : text;
        var key = new byte[base64.Length];
        secret = Convert.TryFromBase64String(base64, key, out var length) && length > 0 ? new WebhookSecret(key.AsMemory(0, length)) : null;
        return secret is not null;
    }

    /// <summary>The text form.</summary>
    public override string ToString() => "whsec_…";
}

/// <summary>Signs by the Standard Webhooks scheme: HMAC-SHA256 over id, timestamp and body.</summary>
internal static class WebhookSigner
{
    /// <summary>The value of <c>webhook-signature</c>: one <c>v1,</c> entry per secret, separated by blanks.</summary>
    public static string Sign(string id, long timestamp, ReadOnlySpan<byte> body, IReadOnlyList<WebhookSecret> secrets)
    {
        var head = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}."));
        var content = new byte[head.Length + body.Length];
        head.CopyTo(content, 0);
        body.CopyTo(content.AsSpan(head.Length));

        var signatures = new StringBuilder(48 * secrets.Count);
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        foreach (var secret in secrets)
        {
            HMACSHA256.HashData(secret.Key.Span, content, hash);
            signatures.Append(signatures.Length > 0 ? " v1," : "v1,").Append(Convert.ToBase64String(hash));
        }

        return signatures.ToString();
    }
}
