using Sift.Protocols.Sip.Authentication;

namespace Sift.Protocols.Tests.Sip.Authentication;

public sealed class DigestHashTests
{
    private const string Nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
    private const string Cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";

    /// <summary>RFC 7616 3.9.1; the -sess values are computed by an independent implementation from the same input.</summary>
    [Theory]
    [InlineData(DigestAlgorithm.Md5, "8ca523f5e9506fed4657c9700eebdbec")]
    [InlineData(DigestAlgorithm.Sha256, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1")]
    [InlineData(DigestAlgorithm.Md5Sess, "e783283f46242139c486a698fec7211d")]
    [InlineData(DigestAlgorithm.Sha256Sess, "2fd51b3a77ad75bad6afad6003e818d767133c46d9e2749e7f5232ae1ea3efd7")]
    public void Matches_the_examples_of_rfc_7616(DigestAlgorithm algorithm, string response)
    {
        var ha1 = DigestHash.Ha1(algorithm, "Mufasa", "http-auth@example.org", "Circle of Life");

        Assert.Equal(response, DigestHash.Response(algorithm, ha1, "GET", "/dir/index.html", Nonce, "auth", 1, Cnonce));
    }

    [Fact]
    public void Matches_the_example_of_rfc_2617()
    {
        var ha1 = DigestHash.Ha1(DigestAlgorithm.Md5, "Mufasa", "testrealm@host.com", "Circle Of Life");

        Assert.Equal(
            "6629fae49393a05397450978507c4ef1",
            DigestHash.Response(DigestAlgorithm.Md5, ha1, "GET", "/dir/index.html", "dcd98b7102dd2f0e8b11d0f600bfb0c093", "auth", 1, "0a4f113b"));
    }

    /// <summary>RFC 2069 2.4 as corrected by erratum 749.</summary>
    [Fact]
    public void Matches_the_example_of_rfc_2069_without_qop()
    {
        var ha1 = DigestHash.Ha1(DigestAlgorithm.Md5, "Mufasa", "testrealm@host.com", "CircleOfLife");

        Assert.Equal(
            "1949323746fe6a43ef61f9606e7febea",
            DigestHash.Response(DigestAlgorithm.Md5, ha1, "GET", "/dir/index.html", "dcd98b7102dd2f0e8b11d0f600bfb0c093", null, 0, null));
    }
}
