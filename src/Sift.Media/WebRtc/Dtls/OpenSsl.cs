using System.Reflection;
using System.Runtime.InteropServices;

namespace Sift.Media.WebRtc.Dtls;

/// <summary>
/// The few functions of OpenSSL's libssl and libcrypto that DTLS-SRTP needs. .NET on Linux brings the same library along, so this adds no dependency.
/// Macros of the C headers (SSL_set_mtu, DTLSv1_get_timeout …) are SSL_ctrl calls.
/// </summary>
internal static unsafe partial class OpenSsl
{
    public const int SslCtrlSetMtu = 17;
    public const int DtlsCtrlGetTimeout = 73;
    public const int DtlsCtrlHandleTimeout = 74;
    public const int SslCtrlSetMinProtoVersion = 123;
    public const int BioCtrlPending = 10;
    public const int BioCtrlSetMemEofReturn = 130;
    public const int Dtls12 = 0xFEFD;
    public const ulong OptionNoQueryMtu = 1 << 12;
    public const ulong OptionNoTicket = 1 << 14;
    public const ulong OptionNoRenegotiation = 1 << 30;
    public const int VerifyPeer = 1;
    public const int VerifyFailIfNoPeerCertificate = 2;
    public const int KeyTypeEc = 408;
    public const int ErrorWantRead = 2;
    public const int ErrorWantWrite = 3;
    public const int ErrorZeroReturn = 6;

    private const string Ssl = "libssl";
    private const string Crypto = "libcrypto";

    static OpenSsl() => NativeLibrary.SetDllImportResolver(typeof(OpenSsl).Assembly, Resolve);

    /// <summary>False, with a sentence for people, when the library cannot be had.</summary>
    public static bool IsAvailable(out string? reason)
    {
        try
        {
            ERR_clear_error();
            reason = null;
            return true;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            reason = "OpenSSL 3 (libssl.so.3) was not found; browser calls need it. On Debian: apt-get install libssl3";
            return false;
        }
    }

    /// <summary>The library's own words, <c>OpenSSL 3.0.22 …</c>; packages are upgraded under our feet, so the log says which one runs.</summary>
    public static string Version() => Marshal.PtrToStringUTF8(OpenSSL_version(0)) ?? "";

    public static string LastError()
    {
        var code = ERR_get_error();
        if (code == 0)
        {
            return "no further detail";
        }

        Span<byte> text = stackalloc byte[256];
        fixed (byte* p = text)
        {
            ERR_error_string_n(code, p, (nuint)text.Length);
            return Marshal.PtrToStringUTF8((IntPtr)p) ?? "";
        }
    }

    [LibraryImport(Ssl)]
    public static partial IntPtr DTLS_method();

    [LibraryImport(Ssl)]
    public static partial IntPtr SSL_CTX_new(IntPtr method);

    [LibraryImport(Ssl)]
    public static partial void SSL_CTX_free(IntPtr context);

    [LibraryImport(Ssl)]
    public static partial int SSL_CTX_use_certificate_ASN1(IntPtr context, int length, byte* der);

    [LibraryImport(Ssl)]
    public static partial int SSL_CTX_use_PrivateKey_ASN1(int type, IntPtr context, byte* der, nint length);

    [LibraryImport(Ssl)]
    public static partial int SSL_CTX_check_private_key(IntPtr context);

    /// <summary>Zero means success, unlike everywhere else.</summary>
    [LibraryImport(Ssl, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SSL_CTX_set_tlsext_use_srtp(IntPtr context, string profiles);

    [LibraryImport(Ssl)]
    public static partial void SSL_CTX_set_verify(IntPtr context, int mode, delegate* unmanaged[Cdecl]<int, IntPtr, int> callback);

    [LibraryImport(Ssl, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SSL_CTX_set_cipher_list(IntPtr context, string ciphers);

    [LibraryImport(Ssl)]
    public static partial nint SSL_CTX_ctrl(IntPtr context, int command, nint argument, void* pointer);

    [LibraryImport(Ssl)]
    public static partial IntPtr SSL_new(IntPtr context);

    [LibraryImport(Ssl)]
    public static partial void SSL_free(IntPtr ssl);

    [LibraryImport(Ssl)]
    public static partial void SSL_set_bio(IntPtr ssl, IntPtr read, IntPtr write);

    [LibraryImport(Ssl)]
    public static partial void SSL_set_accept_state(IntPtr ssl);

    [LibraryImport(Ssl)]
    public static partial void SSL_set_connect_state(IntPtr ssl);

    [LibraryImport(Ssl)]
    public static partial ulong SSL_set_options(IntPtr ssl, ulong options);

    [LibraryImport(Ssl)]
    public static partial nint SSL_ctrl(IntPtr ssl, int command, nint argument, void* pointer);

    [LibraryImport(Ssl)]
    public static partial void DTLS_set_timer_cb(IntPtr ssl, delegate* unmanaged[Cdecl]<IntPtr, uint, uint> callback);

    [LibraryImport(Ssl)]
    public static partial int SSL_do_handshake(IntPtr ssl);

    [LibraryImport(Ssl)]
    public static partial int SSL_read(IntPtr ssl, byte* buffer, int length);

    [LibraryImport(Ssl)]
    public static partial int SSL_shutdown(IntPtr ssl);

    [LibraryImport(Ssl)]
    public static partial int SSL_get_error(IntPtr ssl, int result);

    [LibraryImport(Ssl)]
    public static partial IntPtr SSL_get1_peer_certificate(IntPtr ssl);

    /// <summary>Points to {char* name; unsigned long id}.</summary>
    [LibraryImport(Ssl)]
    public static partial IntPtr SSL_get_selected_srtp_profile(IntPtr ssl);

    [LibraryImport(Ssl)]
    public static partial int SSL_export_keying_material(IntPtr ssl, byte* output, nuint length, byte* label, nuint labelLength, byte* context, nuint contextLength, int useContext);

    [LibraryImport(Crypto)]
    private static partial IntPtr OpenSSL_version(int part);

    [LibraryImport(Crypto)]
    public static partial IntPtr BIO_s_mem();

    [LibraryImport(Crypto)]
    public static partial IntPtr BIO_new(IntPtr type);

    [LibraryImport(Crypto)]
    public static partial int BIO_write(IntPtr bio, byte* data, int length);

    [LibraryImport(Crypto)]
    public static partial int BIO_read(IntPtr bio, byte* data, int length);

    [LibraryImport(Crypto)]
    public static partial nint BIO_ctrl(IntPtr bio, int command, nint argument, void* pointer);

    [LibraryImport(Crypto)]
    public static partial int i2d_X509(IntPtr certificate, byte** output);

    [LibraryImport(Crypto)]
    public static partial void X509_free(IntPtr certificate);

    [LibraryImport(Crypto)]
    public static partial nuint ERR_get_error();

    [LibraryImport(Crypto)]
    public static partial void ERR_clear_error();

    [LibraryImport(Crypto)]
    public static partial void ERR_error_string_n(nuint code, byte* buffer, nuint length);

    // Which soname is there depends on the distribution; the API used here is that of OpenSSL 3.
    private static IntPtr Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name is not (Ssl or Crypto))
        {
            return IntPtr.Zero;
        }

        foreach (var version in (string[])["3", "4"])
        {
            if (NativeLibrary.TryLoad($"{name}.so.{version}", out var handle))
            {
                return handle;
            }
        }

        return IntPtr.Zero;
    }
}
