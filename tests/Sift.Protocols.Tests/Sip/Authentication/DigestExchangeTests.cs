using Sift.Protocols.Sip.Authentication;

namespace Sift.Protocols.Tests.Sip.Authentication;

public sealed class DigestExchangeTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private readonly DigestServer _server = new(Key, "sift \"test\"", Lifetime);

    [Theory]
    [InlineData(DigestAlgorithm.Md5)]
    [InlineData(DigestAlgorithm.Md5Sess)]
    [InlineData(DigestAlgorithm.Sha256)]
    [InlineData(DigestAlgorithm.Sha256Sess)]
    public void Accepts_the_right_password_over_the_wire(DigestAlgorithm algorithm)
    {
        var server = new DigestServer(Key, "sift \"test\"", Lifetime) { Algorithms = [algorithm] };
        var credentials = Answer(server.Challenge(Now)[0].ToString(), "secret");

        Assert.Equal(DigestVerdict.Accepted, server.Verify(credentials, "INVITE", "secret", Now + Lifetime));
        var ha1 = DigestHash.Ha1(algorithm, "ann", "sift \"test\"", "secret");
        Assert.Equal(DigestVerdict.Accepted, server.VerifyHash(credentials, "INVITE", ha1, Now));
        Assert.Equal(1u, credentials.NonceCount);
    }

    [Fact]
    public void Refuses_a_wrong_password_method_or_realm()
    {
        var challenge = _server.Challenge(Now)[0].ToString();

        Assert.Equal(DigestVerdict.Refused, _server.Verify(Answer(challenge, "guess"), "INVITE", "secret", Now));
        Assert.Equal(DigestVerdict.Refused, _server.Verify(Answer(challenge, "secret"), "BYE", "secret", Now));
        Assert.Equal(DigestVerdict.Refused, new DigestServer(Key, "other", Lifetime).Verify(Answer(challenge, "secret"), "INVITE", "secret", Now));
    }

    [Fact]
    public void An_old_nonce_is_stale_only_when_the_password_was_right()
    {
        var challenge = _server.Challenge(Now)[0].ToString();
        var late = Now + Lifetime + TimeSpan.FromMilliseconds(1);

        Assert.Equal(DigestVerdict.Stale, _server.Verify(Answer(challenge, "secret"), "INVITE", "secret", late));
        Assert.Equal(DigestVerdict.Refused, _server.Verify(Answer(challenge, "guess"), "INVITE", "secret", late));
    }

    [Fact]
    public void A_nonce_of_another_key_is_forged()
    {
        var nonce = DigestNonce.Create(new byte[32], "r", Now);

        Assert.Equal(DigestNonceState.Fresh, DigestNonce.Check(new byte[32], "r", nonce, Now, Lifetime));
        Assert.Equal(DigestNonceState.Forged, DigestNonce.Check(Key, "r", nonce, Now, Lifetime));
        Assert.Equal(DigestNonceState.Forged, DigestNonce.Check(new byte[32], "s", nonce, Now, Lifetime));
        Assert.Equal(DigestNonceState.Forged, DigestNonce.Check(new byte[32], "r", "!" + nonce[1..], Now, Lifetime));
        Assert.Equal(DigestNonceState.Forged, DigestNonce.Check(new byte[32], "r", "", Now, Lifetime));
    }

    [Fact]
    public void Without_qop_is_refused_unless_allowed()
    {
        var challenge = _server.Challenge(Now)[1] with { Qop = [] };
        var credentials = DigestClient.Answer(challenge, "ann", "secret", "INVITE", "sip:a@b", 1, "c");

        Assert.Null(credentials.Qop);
        Assert.Equal(DigestVerdict.Refused, _server.Verify(credentials, "INVITE", "secret", Now));
        var lenient = new DigestServer(Key, _server.Realm, Lifetime) { AcceptsWithoutQop = true };
        Assert.Equal(DigestVerdict.Accepted, lenient.Verify(credentials, "INVITE", "secret", Now));
    }

    [Fact]
    public void Chooses_sha_256_whatever_the_order()
    {
        string[] fields =
        [
            "Basic realm=\"x\"",
            "Digest realm=\"a\", nonce=\"1\", algorithm=SHA-512-256, qop=\"auth\"",
            "Digest realm=\"a\", nonce=\"2\", qop=\"auth\"",
            "Digest realm=\"a\", nonce=\"3\", algorithm=SHA-256, qop=\"auth-int\"",
            "Digest realm=\"a\", nonce=\"4\", algorithm=sha-256, qop=\"auth-int, auth\", stale=TRUE, opaque=\"o\"",
        ];

        var chosen = DigestChallenge.Choose(fields);

        Assert.Equal("4", chosen!.Nonce);
        Assert.True(chosen.Stale);
        Assert.Equal("o", chosen.Opaque);
        Assert.Equal("2", DigestChallenge.Choose(fields[..4])!.Nonce);
        Assert.Null(DigestChallenge.Choose(fields[..2]));
    }

    [Theory]
    [InlineData("Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"u\"")]
    [InlineData("Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"u\", response=\"0\", qop=auth, nc=1, cnonce=\"c\"")]
    [InlineData("Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"u\", response=\"0\", qop=auth, nc=00000001")]
    [InlineData("Digest username=\"a\", username=\"b\", realm=\"r\", nonce=\"n\", uri=\"u\", response=\"0\"")]
    [InlineData("Digest username=\"a, realm=\"r\", nonce=\"n\", uri=\"u\", response=\"0\"")]
    [InlineData("Digest username=\"a\" realm=\"r\", nonce=\"n\", uri=\"u\", response=\"0\"")]
    public void Broken_credentials_are_none(string text)
    {
        Assert.False(DigestCredentials.TryParse(text, out _));
    }

    private static DigestCredentials Answer(string field, string password)
    {
        Assert.True(DigestChallenge.TryParse(field, out var challenge));
        var text = DigestClient.Answer(challenge, "ann", password, "INVITE", "sip:bob@example.com", 1, "cn\"once").ToString();
        Assert.True(DigestCredentials.TryParse(text, out var credentials));
        return credentials;
    }
}
