using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sift.Media.WebRtc.Dtls;

/// <summary>
/// The certificate with which this process takes part in DTLS handshakes, self-signed: peers know it by the fingerprint in the SDP
/// (RFC 8827 6.5), not by an authority.
/// </summary>
internal sealed unsafe class DtlsIdentity : IDisposable
{
    private const string SrtpProfiles = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";
    private const string Ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384";

    private DtlsIdentity(IntPtr context, string fingerprint)
    {
        Context = context;
        Fingerprint = fingerprint;
    }

    public IntPtr Context { get; private set; }

    /// <summary>SHA-256 over the certificate as <c>AB:CD:…</c>, for <c>a=fingerprint:sha-256</c>.</summary>
    public string Fingerprint { get; }

    /// <summary>Makes a P-256 certificate that is valid for a month around <paramref name="now"/>.</summary>
    public static DtlsIdentity Create(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Sift", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        var der = certificate.RawData;
        var privateKey = key.ExportECPrivateKey();
        var context = OpenSsl.SSL_CTX_new(OpenSsl.DTLS_method());
        fixed (byte* d = der, k = privateKey)
        {
            var ok = OpenSsl.SSL_CTX_ctrl(context, OpenSsl.SslCtrlSetMinProtoVersion, OpenSsl.Dtls12, null) == 1
                && OpenSsl.SSL_CTX_use_certificate_ASN1(context, der.Length, d) == 1
                && OpenSsl.SSL_CTX_use_PrivateKey_ASN1(OpenSsl.KeyTypeEc, context, k, privateKey.Length) == 1
                && OpenSsl.SSL_CTX_check_private_key(context) == 1
                && OpenSsl.SSL_CTX_set_cipher_list(context, Ciphers) == 1
                && OpenSsl.SSL_CTX_set_tlsext_use_srtp(context, SrtpProfiles) == 0;
            if (!ok)
            {
                throw new InvalidOperationException($"OpenSSL refused the DTLS settings: {OpenSsl.LastError()}");
            }
        }

        CryptographicOperations.ZeroMemory(privateKey);
        OpenSsl.SSL_CTX_set_verify(context, OpenSsl.VerifyPeer | OpenSsl.VerifyFailIfNoPeerCertificate, &AcceptAny);
        return new DtlsIdentity(context, FingerprintOf(der, HashAlgorithmName.SHA256));
    }

    public static string FingerprintOf(ReadOnlySpan<byte> der, HashAlgorithmName algorithm)
    {
        var hash = CryptographicOperations.HashData(algorithm, der);
        return string.Join(':', hash.Select(b => b.ToString("X2")));
    }

    public void Dispose()
    {
        if (Context != IntPtr.Zero)
        {
            OpenSsl.SSL_CTX_free(Context);
            Context = IntPtr.Zero;
        }
    }

    // Any certificate passes here; DtlsSession compares its fingerprint with the one that came through signalling.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int AcceptAny(int preverified, IntPtr store) => 1;
}
