using Sift.Media.WebRtc.Dtls;

namespace Sift.Protocols.Fuzz.Targets;

/// <summary>A DTLS datagram at each side of an association, before the handshake and after it. Nobody who did not shake hands gets keys.</summary>
internal sealed class DtlsTarget : IFuzzTarget
{
    private static readonly DtlsIdentity Identity = DtlsIdentity.Create(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private static readonly DtlsFingerprint[] Expected = [new("sha-256", Identity.Fingerprint)];

    private const int MostAttempts = 10;

    public string Name => "dtls";

    public bool IsWholePath => true;

    public IReadOnlyList<byte[]> Dictionary { get; } =
        [[22, 0xFE, 0xFD], [22, 0xFE, 0xFF], [20, 0xFE, 0xFD], [21, 0xFE, 0xFD, 0, 0], [23, 0xFE, 0xFD, 0, 1], [1, 0], [2, 0], [11, 0], [14, 0, 0, 0], [0, 14], [0xFF, 0xFF, 0xFF], [0, 0, 0, 0, 0, 0, 0, 0]];

    public void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
        {
            // The first byte is what brings a datagram here.
            return;
        }

        using var server = new DtlsSession(Identity, Expected, isServer: true, static _ => { });
        server.Receive(input);
        server.OnTick();
        using var client = new DtlsSession(Identity, Expected, isServer: false, static _ => { });
        client.Start();
        client.Receive(input);
        client.OnTick();
        if (server.Srtp is not null || client.Srtp is not null)
        {
            throw new InvalidOperationException("Keys without a handshake.");
        }

        // OpenSSL's clock is the real one: a thread that rests in the middle for 100 ms meets retransmissions, and nobody waits here for more.
        for (var attempt = 0; attempt < MostAttempts && !TryAfterHandshake(input); attempt++)
        {
        }
    }

    /// <returns>False when the handshake did not come about.</returns>
    private static bool TryAfterHandshake(ReadOnlySpan<byte> input)
    {
        var toServer = new Queue<byte[]>();
        var toClient = new Queue<byte[]>();
        using var server = new DtlsSession(Identity, Expected, isServer: true, datagram => toClient.Enqueue(datagram.ToArray()));
        using var client = new DtlsSession(Identity, Expected, isServer: false, datagram => toServer.Enqueue(datagram.ToArray()));
        client.Start();
        while (toServer.Count + toClient.Count > 0)
        {
            Deliver(toServer, server);
            Deliver(toClient, client);
        }

        using var one = server.Srtp;
        using var other = client.Srtp;
        if (server.State == DtlsState.Failed || client.State == DtlsState.Failed)
        {
            throw new InvalidOperationException($"The handshake failed: {server.Error ?? client.Error}");
        }

        if (one is null || other is null)
        {
            return false;
        }

        server.Receive(input);
        client.Receive(input);
        server.Close();
        client.Close();
        return true;
    }

    private static void Deliver(Queue<byte[]> queue, DtlsSession to)
    {
        while (queue.TryDequeue(out var datagram))
        {
            to.Receive(datagram);
        }
    }
}
