using System.Security.Cryptography;

namespace Sift.Protocols.Srtp;

/// <summary>Session keys from a master key and salt by the AES counter-mode PRF (RFC 3711 4.3, key derivation rate 0).</summary>
internal static class SrtpKeyDerivation
{
    public const byte RtpEncryption = 0, RtpAuthentication = 1, RtpSalt = 2, RtcpEncryption = 3, RtcpAuthentication = 4, RtcpSalt = 5;

    /// <summary>Fills <paramref name="output"/> with key stream for that label.</summary>
    public static void Derive(ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt, byte label, Span<byte> output)
    {
        using var aes = Aes.Create();
        aes.SetKey(masterKey);

        // RFC 3711 4.3.1: x = key_id XOR master_salt with the label in byte 7. RFC 7714 11: a 12-byte salt is padded with zeros at its end.
        Span<byte> block = stackalloc byte[16];
        block.Clear();
        masterSalt.CopyTo(block);
        block[7] ^= label;
        Span<byte> stream = stackalloc byte[16];
        for (var i = 0; output.Length > 0; i++)
        {
            block[15] = (byte)i;
            aes.EncryptEcb(block, stream, PaddingMode.None);
            var take = Math.Min(16, output.Length);
            stream[..take].CopyTo(output);
            output = output[take..];
        }
    }
}
