using System.Security.Cryptography;
using Sift.Protocols;

namespace Sift.Media;

/// <summary>
/// The system's random source for the protocol cores. Thread-safe. Tags, branches and identifiers take a few bytes at a time, a dozen times a
/// call, and each request costs the source as much as five hundred bytes: a thread fetches so many at once. What was given out is wiped.
/// </summary>
public sealed class SystemEntropy : IEntropy
{
    private const int Stock = 512;

    /// <summary>More than this is fetched for itself.</summary>
    private const int Small = 64;

    [ThreadStatic]
    private static byte[]? stock;

    [ThreadStatic]
    private static int left;

    /// <inheritdoc/>
    public void Fill(Span<byte> bytes)
    {
        if (bytes.Length > Small)
        {
            RandomNumberGenerator.Fill(bytes);
            return;
        }

        stock ??= new byte[Stock];
        if (left < bytes.Length)
        {
            RandomNumberGenerator.Fill(stock);
            left = Stock;
        }

        var given = stock.AsSpan(left - bytes.Length, bytes.Length);
        given.CopyTo(bytes);
        given.Clear();
        left -= bytes.Length;
    }
}
