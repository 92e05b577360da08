using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Sift.Protocols.Srtp;

namespace Sift.Media.WebRtc.Dtls;

/// <summary>A certificate fingerprint from SDP (RFC 8122).</summary>
/// <param name="Algorithm">Hash name as in SDP: sha-256, sha-384, sha-512.</param>
/// <param name="Value"><c>AB:CD:…</c>, compared without case.</param>
internal sealed record DtlsFingerprint(string Algorithm, string Value);

internal enum DtlsState
{
    Handshaking,

    /// <summary>Keys are there and the peer is who the SDP says.</summary>
    Connected,

    /// <summary>The peer said goodbye (close_notify).</summary>
    Closed,
    Failed,
}

/// <summary>
/// One DTLS 1.2 association that yields SRTP keys (RFC 5764). Datagrams in, datagrams out through a callback; OpenSSL sees memory only. Not thread-safe:
/// one owner.
/// </summary>
internal sealed unsafe class DtlsSession : IDisposable
{
    private const int Mtu = 1200;
    private const int RecordHeader = 13;
    private const uint FirstRetransmission = 100_000, LongestRetransmission = 3_000_000;
    private IntPtr _ssl;
    private readonly IntPtr _in, _out;
    private readonly IReadOnlyList<DtlsFingerprint> _expected;
    private readonly bool _isServer;
    private readonly Action<ReadOnlyMemory<byte>> _send;

    /// <param name="expected">Fingerprints of the peer's certificate from its SDP; one of a known hash must match.</param>
    /// <param name="isServer">True when our SDP says <c>setup:passive</c>.</param>
    /// <param name="send">Sends one datagram to the peer's validated address.</param>
    public DtlsSession(DtlsIdentity identity, IReadOnlyList<DtlsFingerprint> expected, bool isServer, Action<ReadOnlyMemory<byte>> send)
    {
        _expected = expected;
        _isServer = isServer;
        _send = send;
        _ssl = OpenSsl.SSL_new(identity.Context);
        _in = NewMemory();
        _out = NewMemory();
        OpenSsl.SSL_set_bio(_ssl, _in, _out);
        OpenSsl.SSL_set_options(_ssl, OpenSsl.OptionNoQueryMtu | OpenSsl.OptionNoTicket | OpenSsl.OptionNoRenegotiation);
        OpenSsl.SSL_ctrl(_ssl, OpenSsl.SslCtrlSetMtu, Mtu, null);
        OpenSsl.DTLS_set_timer_cb(_ssl, &NextRetransmission);
        if (isServer)
        {
            OpenSsl.SSL_set_accept_state(_ssl);
        }
        else
        {
            OpenSsl.SSL_set_connect_state(_ssl);
        }
    }

    public DtlsState State { get; private set; }

    /// <summary>Why it failed, for people.</summary>
    public string? Error { get; private set; }

    /// <summary>The keys, once <see cref="DtlsState.Connected"/>. The caller owns and disposes the session that it gets.</summary>
    public SrtpSession? Srtp { get; private set; }

    /// <summary>Starts the handshake (client), or nothing (server).</summary>
    public void Start() => Advance();

    /// <summary>Feeds one datagram whose first byte is 20 to 63 (RFC 7983).</summary>
    public void Receive(ReadOnlySpan<byte> datagram)
    {
        if (State is DtlsState.Failed or DtlsState.Closed)
        {
            return;
        }

        fixed (byte* p = datagram)
        {
            OpenSsl.BIO_write(_in, p, datagram.Length);
        }

        Advance();
    }

    /// <summary>Retransmits when OpenSSL's own timer is due. Call every tick while handshaking.</summary>
    public void OnTick()
    {
        if (State != DtlsState.Handshaking)
        {
            return;
        }

        var left = stackalloc long[2];
        OpenSsl.ERR_clear_error();
        if (OpenSsl.SSL_ctrl(_ssl, OpenSsl.DtlsCtrlGetTimeout, 0, left) == 1 && left[0] == 0 && left[1] == 0)
        {
            OpenSsl.SSL_ctrl(_ssl, OpenSsl.DtlsCtrlHandleTimeout, 0, null);
            Flush();
        }
    }

    /// <summary>Says goodbye to the peer.</summary>
    public void Close()
    {
        if (State == DtlsState.Connected)
        {
            OpenSsl.ERR_clear_error();
            _ = OpenSsl.SSL_shutdown(_ssl);
            Flush();
            State = DtlsState.Closed;
        }
    }

    public void Dispose()
    {
        if (_ssl != IntPtr.Zero)
        {
            OpenSsl.SSL_free(_ssl);
            _ssl = IntPtr.Zero;
        }
    }

    private static IntPtr NewMemory()
    {
        var bio = OpenSsl.BIO_new(OpenSsl.BIO_s_mem());
        OpenSsl.BIO_ctrl(bio, OpenSsl.BioCtrlSetMemEofReturn, -1, null);
        return bio;
    }

    // OpenSSL starts at one second, which a lost first flight would cost the caller. The value comes in microseconds, 0 for the first time.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static uint NextRetransmission(IntPtr ssl, uint previous) =>
        previous == 0 ? FirstRetransmission : Math.Min(previous * 2, LongestRetransmission);

    private void Advance()
    {
        // A stale error of another session on this thread would be taken for ours.
        OpenSsl.ERR_clear_error();
        if (State == DtlsState.Handshaking)
        {
            var result = OpenSsl.SSL_do_handshake(_ssl);
            if (result == 1)
            {
                Flush();
                Finish();
                return;
            }

            var error = OpenSsl.SSL_get_error(_ssl, result);
            if (error is not (OpenSsl.ErrorWantRead or OpenSsl.ErrorWantWrite))
            {
                Fail($"the DTLS handshake failed: {OpenSsl.LastError()}");
            }
        }
        else if (State == DtlsState.Connected)
        {
            var ignored = stackalloc byte[2048];
            int read;
            while ((read = OpenSsl.SSL_read(_ssl, ignored, 2048)) > 0)
            {
                // Application data has no meaning here: there are no data channels.
            }

            if (OpenSsl.SSL_get_error(_ssl, read) == OpenSsl.ErrorZeroReturn)
            {
                State = DtlsState.Closed;
            }
        }

        Flush();
    }

    private void Finish()
    {
        if (!PeerMatches())
        {
            Fail("the peer's certificate does not have the fingerprint that its SDP announced");
            return;
        }

        var selected = OpenSsl.SSL_get_selected_srtp_profile(_ssl);
        if (selected == IntPtr.Zero)
        {
            Fail("the peer offered no SRTP profile that is known here");
            return;
        }

        var profile = (SrtpProfile)(ushort)Marshal.ReadInt64(selected, IntPtr.Size);
        var salt = profile.SaltLength();
        Span<byte> material = stackalloc byte[2 * (SrtpProfileSizes.Key + salt)];
        var label = "EXTRACTOR-dtls_srtp"u8;
        fixed (byte* m = material, l = label)
        {
            if (OpenSsl.SSL_export_keying_material(_ssl, m, (nuint)material.Length, l, (nuint)label.Length, null, 0, 0) != 1)
            {
                Fail($"no keys could be derived: {OpenSsl.LastError()}");
                return;
            }
        }

        // RFC 5764 4.2: client key, server key, client salt, server salt.
        var clientKey = material[..16];
        var serverKey = material[16..32];
        var clientSalt = material.Slice(32, salt);
        var serverSalt = material[(32 + salt)..];
        Srtp = _isServer
            ? new SrtpSession(profile, clientKey, clientSalt, serverKey, serverSalt)
            : new SrtpSession(profile, serverKey, serverSalt, clientKey, clientSalt);
        CryptographicOperations.ZeroMemory(material);
        State = DtlsState.Connected;
    }

    private bool PeerMatches()
    {
        var certificate = OpenSsl.SSL_get1_peer_certificate(_ssl);
        if (certificate == IntPtr.Zero)
        {
            return false;
        }

        try
        {
            var der = new byte[OpenSsl.i2d_X509(certificate, null)];
            fixed (byte* p = der)
            {
                var at = p;
                _ = OpenSsl.i2d_X509(certificate, &at);
            }

            // RFC 8122 5: any fingerprint of a hash that we know may match; weak hashes are not accepted.
            return _expected.Any(f => AlgorithmOf(f.Algorithm) is { } algorithm
                && DtlsIdentity.FingerprintOf(der, algorithm).Equals(f.Value, StringComparison.OrdinalIgnoreCase));
        }
        finally
        {
            OpenSsl.X509_free(certificate);
        }
    }

    private static HashAlgorithmName? AlgorithmOf(string name) => name.ToLowerInvariant() switch
    {
        "sha-256" => HashAlgorithmName.SHA256,
        "sha-384" => HashAlgorithmName.SHA384,
        "sha-512" => HashAlgorithmName.SHA512,
        _ => null,
    };

    private void Fail(string error)
    {
        Flush();
        Error = error;
        State = DtlsState.Failed;
    }

    // A memory BIO runs datagrams together: walk the record headers and pack whole records into datagrams of at most the MTU.
    private void Flush()
    {
        var pending = (int)OpenSsl.BIO_ctrl(_out, OpenSsl.BioCtrlPending, 0, null);
        if (pending <= 0)
        {
            return;
        }

        var buffer = new byte[pending];
        int read;
        fixed (byte* p = buffer)
        {
            read = OpenSsl.BIO_read(_out, p, buffer.Length);
        }

        var start = 0;
        var at = 0;
        while (at + RecordHeader <= read)
        {
            var next = at + RecordHeader + BinaryPrimitives.ReadUInt16BigEndian(buffer.AsSpan(at + 11));
            if (next - start > Mtu && at > start)
            {
                _send(buffer.AsMemory(start, at - start));
                start = at;
            }

            at = next;
        }

        if (at > start)
        {
            _send(buffer.AsMemory(start, at - start));
        }
    }
}
