using System.Security.Cryptography;
using System.Text;

namespace Sift.Workflows.Engine;

/// <summary>Ids that a replay makes again: 16 lower-case hex digits of a hash over (instance, sequence, count).</summary>
internal static class DerivedId
{
    public static string Of(string instanceId, long sequence, int count)
    {
        Span<byte> text = stackalloc byte[256];
        var source = $"{instanceId}:{sequence}:{count}";
        var bytes = Encoding.UTF8.TryGetBytes(source, text, out var written) ? text[..written] : Encoding.UTF8.GetBytes(source);
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(bytes, hash);
        return Convert.ToHexStringLower(hash[..8]);
    }
}
