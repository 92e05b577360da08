using Sift.Media.WebRtc.Dtls;
using Sift.Protocols.Srtp;

namespace Sift.Media.Tests.WebRtc.Dtls;

public sealed class DtlsSessionTests : IDisposable
{
    private readonly DtlsIdentity _serverIdentity = DtlsIdentity.Create(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly DtlsIdentity _clientIdentity = DtlsIdentity.Create(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly Queue<byte[]> _toServer = new();
    private readonly Queue<byte[]> _toClient = new();

    [Fact]
    public void Both_sides_get_keys_that_fit_each_other()
    {
        using var server = Server(_clientIdentity.Fingerprint);
        using var client = Client();

        Run(server, client);

        Assert.Equal(DtlsState.Connected, server.State);
        Assert.Equal(DtlsState.Connected, client.State);
        Assert.Equal(SrtpProfile.AeadAes128Gcm, server.Srtp!.Profile);
        var packet = new byte[172 + SrtpProfileSizes.LargestOverhead];
        packet[0] = 0x80;
        var length = client.Srtp!.Protect(packet, 172);
        Assert.Equal(SrtpResult.Ok, server.Srtp.Unprotect(packet.AsSpan(0, length), out var plain));
        Assert.Equal(172, plain);
        length = server.Srtp.Protect(packet, 172);
        Assert.Equal(SrtpResult.Ok, client.Srtp.Unprotect(packet.AsSpan(0, length), out _));
    }

    [Fact]
    public void A_certificate_other_than_announced_is_refused()
    {
        using var server = Server(_serverIdentity.Fingerprint);
        using var client = Client();

        Run(server, client);

        Assert.Equal(DtlsState.Failed, server.State);
        Assert.Contains("fingerprint", server.Error);
        Assert.Null(server.Srtp);
    }

    [Fact]
    public void A_weak_hash_does_not_count_as_a_fingerprint()
    {
        using var server = Session(_serverIdentity, new DtlsFingerprint("sha-1", "00:11"), isServer: true, _toClient);
        using var client = Client();

        Run(server, client);

        Assert.Equal(DtlsState.Failed, server.State);
    }

    [Fact]
    public void A_goodbye_is_noticed()
    {
        using var server = Server(_clientIdentity.Fingerprint);
        using var client = Client();
        Run(server, client);

        client.Close();
        Run(server, client);

        Assert.Equal(DtlsState.Closed, server.State);
    }

    [Fact]
    public void Datagrams_stay_within_the_mtu()
    {
        using var server = Server(_clientIdentity.Fingerprint);
        using var client = Client();
        var longest = 0;

        client.Start();
        while (_toServer.Count + _toClient.Count > 0)
        {
            foreach (var (queue, session) in new[] { (_toServer, server), (_toClient, client) })
            {
                while (queue.TryDequeue(out var datagram))
                {
                    longest = Math.Max(longest, datagram.Length);
                    session.Receive(datagram);
                }
            }
        }

        Assert.InRange(longest, 100, 1200);
    }

    [Fact]
    public void Garbage_neither_throws_nor_ends_the_handshake()
    {
        using var server = Server(_clientIdentity.Fingerprint);
        using var client = Client();
        var random = new Random(1);
        for (var i = 0; i < 2000; i++)
        {
            var bytes = new byte[random.Next(1, 300)];
            random.NextBytes(bytes);
            bytes[0] = (byte)random.Next(20, 64);
            server.Receive(bytes);
        }

        Run(server, client);

        Assert.Equal(DtlsState.Connected, server.State);
    }

    public void Dispose()
    {
        _serverIdentity.Dispose();
        _clientIdentity.Dispose();
    }

    private DtlsSession Server(string clientFingerprint) =>
        Session(_serverIdentity, new DtlsFingerprint("sha-256", clientFingerprint.ToLowerInvariant()), isServer: true, _toClient);

    private DtlsSession Client() =>
        Session(_clientIdentity, new DtlsFingerprint("sha-256", _serverIdentity.Fingerprint), isServer: false, _toServer);

    private static DtlsSession Session(DtlsIdentity identity, DtlsFingerprint expected, bool isServer, Queue<byte[]> to) =>
        new(identity, [expected], isServer, datagram => to.Enqueue(datagram.ToArray()));

    private void Run(DtlsSession server, DtlsSession client)
    {
        client.Start();
        while (_toServer.Count + _toClient.Count > 0)
        {
            while (_toServer.TryDequeue(out var datagram))
            {
                server.Receive(datagram);
            }

            while (_toClient.TryDequeue(out var datagram))
            {
                client.Receive(datagram);
            }
        }
    }
}
