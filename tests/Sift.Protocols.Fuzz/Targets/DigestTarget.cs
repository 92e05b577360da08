using System.Text;
using Sift.Protocols.Sip.Authentication;

namespace Sift.Protocols.Fuzz.Targets;

/// <summary>Digest challenges and credentials, read and judged.</summary>
internal sealed class DigestTarget : IFuzzTarget
{
    private static readonly DigestServer Server = new(new byte[32], "biloxi.example.com", TimeSpan.FromMinutes(5));

    public string Name => "digest";

    public IReadOnlyList<byte[]> Dictionary { get; } =
        [.. new[] { "\"", "\\", ",", "=", " ", "Digest ", "nc=ffffffff", "qop=auth", "algorithm=SHA-256-sess", "nonce=\"\"", "\0", "é" }.Select(Encoding.UTF8.GetBytes)];

    public void Run(ReadOnlySpan<byte> input)
    {
        var text = Encoding.UTF8.GetString(input);
        if (DigestChallenge.TryParse(text, out var challenge))
        {
            var written = challenge.ToString();
            if (!text.AsSpan().ContainsAny('\r', '\n') && (!DigestChallenge.TryParse(written, out var again) || again.ToString() != written))
            {
                throw new InvalidOperationException($"The challenge changed by being written: {written}");
            }
        }

        if (DigestCredentials.TryParse(text, out var credentials)
            && Server.Verify(credentials, "INVITE", "zanzibar", DateTimeOffset.UnixEpoch) != DigestVerdict.Refused)
        {
            throw new InvalidOperationException("A forged nonce was accepted.");
        }

        _ = DigestNonce.Check(new byte[32], "r", text, DateTimeOffset.UnixEpoch, TimeSpan.FromMinutes(5));
    }
}
