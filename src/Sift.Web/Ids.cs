using System.Security.Cryptography;

namespace Sift.Web;

/// <summary>Identifiers of the API: 16 lower-case hex digits (sift-api 1.3), from a cryptographic source.</summary>
internal static class Ids
{
    public static string New() => RandomNumberGenerator.GetHexString(16, lowercase: true);

    public static bool IsId(string text) => text.Length == 16 && !text.AsSpan().ContainsAnyExcept("0123456789abcdef");
}
