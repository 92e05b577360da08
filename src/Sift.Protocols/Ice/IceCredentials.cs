namespace Sift.Protocols.Ice;

/// <summary>User fragment and password of one side (RFC 8839 5.4).</summary>
/// <param name="Ufrag">4 to 256 ice-chars.</param>
/// <param name="Password">22 to 256 ice-chars.</param>
public sealed record IceCredentials(string Ufrag, string Password)
{
    private const string IceChars = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    /// <summary>Fresh credentials: 48 bits of ufrag, 144 bits of password.</summary>
    public static IceCredentials Create(IEntropy entropy) => new(Text(entropy, 8), Text(entropy, 24));

    private static string Text(IEntropy entropy, int length)
    {
        Span<byte> bytes = stackalloc byte[32];
        entropy.Fill(bytes[..length]);
        Span<char> text = stackalloc char[32];
        for (var i = 0; i < length; i++)
        {
            text[i] = IceChars[bytes[i] & 63];
        }

        return new string(text[..length]);
    }
}
