using System.Runtime.InteropServices;

namespace Sift.Protocols.Tests.Srtp;

/// <summary>libsrtp2 as an oracle: an independent implementation that must produce and accept the very same bytes.</summary>
internal sealed unsafe class LibSrtp : IDisposable
{
    private readonly IntPtr _session;

    static LibSrtp() => srtp_init();

    /// <param name="profile">1 for AES-CM with an 80-bit tag, 7 for AES-GCM.</param>
    /// <param name="key">Master key followed by master salt.</param>
    public LibSrtp(int profile, byte[] key, bool inbound)
    {
        var policy = stackalloc byte[256];
        new Span<byte>(policy, 256).Clear();
        *(int*)policy = inbound ? 2 : 3;
        srtp_crypto_policy_set_from_profile_for_rtp(policy + 8, profile);
        srtp_crypto_policy_set_from_profile_for_rtcp(policy + 32, profile);
        fixed (byte* k = key)
        {
            *(byte**)(policy + 56) = k;
            *(ulong*)(policy + 88) = 128;
            var status = srtp_create(out _session, policy);
            if (status != 0)
            {
                throw new InvalidOperationException($"srtp_create: {status}");
            }
        }
    }

    public byte[] Protect(byte[] packet) => Work(packet, rtcp: false, protect: true)!;

    public byte[]? Unprotect(byte[] packet) => Work(packet, rtcp: false, protect: false);

    public byte[] ProtectRtcp(byte[] packet) => Work(packet, rtcp: true, protect: true)!;

    public byte[]? UnprotectRtcp(byte[] packet) => Work(packet, rtcp: true, protect: false);

    public void Dispose() => srtp_dealloc(_session);

    private byte[]? Work(byte[] packet, bool rtcp, bool protect)
    {
        var buffer = new byte[packet.Length + 144];
        packet.CopyTo(buffer, 0);
        var length = packet.Length;
        fixed (byte* p = buffer)
        {
            var status = (rtcp, protect) switch
            {
                (false, true) => srtp_protect(_session, p, &length),
                (false, false) => srtp_unprotect(_session, p, &length),
                (true, true) => srtp_protect_rtcp(_session, p, &length),
                _ => srtp_unprotect_rtcp(_session, p, &length),
            };
            return status == 0 ? buffer[..length] : null;
        }
    }

    [DllImport("libsrtp2.so.1")]
    private static extern int srtp_init();

    [DllImport("libsrtp2.so.1")]
    private static extern int srtp_crypto_policy_set_from_profile_for_rtp(byte* policy, int profile);

    [DllImport("libsrtp2.so.1")]
    private static extern int srtp_crypto_policy_set_from_profile_for_rtcp(byte* policy, int profile);

    [DllImport("libsrtp2.so.1")]
    private static extern int srtp_create(out IntPtr session, byte* policy);

    [DllImport("libsrtp2.so.1")]
    private static extern int srtp_protect(IntPtr session, byte* packet, int* length);

    [DllImport("libsrtp2.so.1")]
    private static extern int srtp_unprotect(IntPtr session, byte* packet, int* length);

    [DllImport("libsrtp2.so.1")]
    private static extern int srtp_protect_rtcp(IntPtr session, byte* packet, int* length);

    [DllImport("libsrtp2.so.1")]
    private static extern int srtp_unprotect_rtcp(IntPtr session, byte* packet, int* length);

    [DllImport("libsrtp2.so.1")]
    private static extern int srtp_dealloc(IntPtr session);
}
