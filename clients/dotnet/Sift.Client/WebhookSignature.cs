using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Sift.Client;

/// <summary>Tells whether a callback really comes from your server (Standard Webhooks scheme).</summary>
public static class WebhookSignature
{
    private const string Prefix = "whsec_";

    /// <summary>The greatest age that is accepted unless said otherwise.</summary>
    public static TimeSpan DefaultTolerance { get; } = TimeSpan.FromMinutes(5);

    /// <summary>Whether the callback is signed with one of the secrets and is fresh. Takes the same time whichever secret fits.</summary>
    /// <param name="secrets">The account's active secrets, <c>whsec_</c> and base64.</param>
    /// <param name="id">Header <c>webhook-id</c>.</param>
    /// <param name="timestamp">Header <c>webhook-timestamp</c>.</param>
    /// <param name="signature">Header <c>webhook-signature</c>.</param>
    /// <param name="body">The body as it came, byte for byte.</param>
    /// <param name="tolerance">The greatest age, either way; null for <see cref="DefaultTolerance"/>.</param>
    /// <param name="time">Where now comes from; null for the system's clock.</param>
    /// <exception cref="FormatException">A secret is no base64.</exception>
    public static bool IsValid(
        IEnumerable<string> secrets, string? id, string? timestamp, string? signature, ReadOnlySpan<byte> body, TimeSpan? tolerance = null, TimeProvider? time = null)
    {
        if (string.IsNullOrEmpty(id) || string.IsNullOrEmpty(signature)
            || !long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds > 253_402_300_799)
        {
            return false;
        }

        var age = (time ?? TimeProvider.System).GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(seconds);
        if (age.Duration() > (tolerance ?? DefaultTolerance))
        {
            return false;
        }

        var head = Encoding.UTF8.GetBytes($"{id}.{timestamp}.");
        var content = new byte[head.Length + body.Length];
        head.CopyTo(content, 0);
        body.CopyTo(content.AsSpan(head.Length));
        var valid = false;
        foreach (var secret in secrets)
        {
            var key = Convert.FromBase64String(secret.StartsWith(Prefix, StringComparison.Ordinal) ? secret[Prefix.Length..] : secret);
            var expected = Encoding.ASCII.GetBytes("v1," + Convert.ToBase64String(HMACSHA256.HashData(key, content)));
            foreach (var given in signature.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                valid |= CryptographicOperations.FixedTimeEquals(expected, Encoding.UTF8.GetBytes(given));
            }
        }

        return valid;
    }
}
