using Sift.Media.WebRtc.Dtls;
using Sift.Media.WebRtc.Opus;
using Sift.Protocols.Srtp;

namespace Sift.Media.WebRtc;

/// <summary>One handshake with ourselves and some packets, so that the first caller finds compiled code and loaded libraries.</summary>
internal static class MediaWarmUp
{
    private const int Packets = 50;

    public static void Run(DateTimeOffset now, int? opusSampleRate)
    {
        using var identity = DtlsIdentity.Create(now);
        var toServer = new Queue<byte[]>();
        var toClient = new Queue<byte[]>();
        DtlsFingerprint[] expected = [new("sha-256", identity.Fingerprint)];
        using var server = new DtlsSession(identity, expected, isServer: true, datagram => toClient.Enqueue(datagram.ToArray()));
        using var client = new DtlsSession(identity, expected, isServer: false, datagram => toServer.Enqueue(datagram.ToArray()));
        client.Start();
        while (toServer.Count + toClient.Count > 0)
        {
            Deliver(toServer, server);
            Deliver(toClient, client);
        }

        if (server.Srtp is not { } inbound || client.Srtp is not { } outbound)
        {
            throw new InvalidOperationException(server.Error ?? client.Error ?? "The handshake with ourselves did not finish");
        }

        using (inbound)
        using (outbound)
        {
            var packet = new byte[172 + SrtpProfileSizes.LargestOverhead];
            for (var i = 0; i < Packets; i++)
            {
                packet[0] = 0x80;
                packet[3] = (byte)i;
                var length = outbound.Protect(packet, 172);
                inbound.Unprotect(packet.AsSpan(0, length), out _);
            }
        }

        if (opusSampleRate is { } rate)
        {
            using var codec = new OpusCodec(rate);
            var pcm = new short[rate / 50];
            var payload = new byte[codec.LargestPayload];
            for (var i = 0; i < Packets / 10; i++)
            {
                var length = codec.Encode(pcm, payload);
                codec.Decode(payload.AsSpan(0, length), pcm);
            }
        }
    }

    private static void Deliver(Queue<byte[]> queue, DtlsSession to)
    {
        while (queue.TryDequeue(out var datagram))
        {
            to.Receive(datagram);
        }
    }
}
