using System.Buffers.Binary;
using Sift.Protocols.Rtp;

namespace Sift.Protocols.Fuzz.Targets;

/// <summary>
/// A stream of RTP packets, each behind a 16-bit length, through everything that a received packet meets: header, statistics, latch,
/// key receiver, jitter buffer, decoder and concealment.
/// </summary>
internal sealed class RtpTarget : IFuzzTarget
{
    public string Name => "rtp";

    public IReadOnlyList<byte[]> Dictionary { get; } =
        [[0x80, 0x00], [0xB0, 0x00], [0x8F, 0x80], [0x80, 101], [0xFF, 0xFF], [0x00, 0x00, 0x00, 0x00], [0xBE, 0xDE, 0x00, 0x01], [0x0B, 0x8A, 0x03, 0x20]];

    public void Run(ReadOnlySpan<byte> input)
    {
        var statistics = new ReceptionStatistics();
        var latch = new SymmetricLatch();
        var keys = new TelephoneEventReceiver();
        var buffer = new JitterBuffer();
        var concealment = new PacketLossConcealment(8000);
        latch.OnSignalled(TransportAddress.FromIPv4(1, 1), LatchScope.AnyHost);
        Span<byte> payload = stackalloc byte[JitterBuffer.DefaultPayloadSize];
        Span<short> pcm = stackalloc short[JitterBuffer.DefaultPayloadSize];
        var now = TimeSpan.Zero;
        while (input.Length >= 2)
        {
            var length = Math.Min(BinaryPrimitives.ReadUInt16BigEndian(input), input.Length - 2);
            var packet = input.Slice(2, length);
            input = input[(2 + length)..];
            now += TimeSpan.FromMilliseconds(20);
            if (!RtpHeader.TryParse(packet, out var header))
            {
                continue;
            }

            var body = packet.Slice(header.PayloadOffset, header.PayloadLength);
            latch.OnPacket(TransportAddress.FromIPv4(header.Ssrc, header.Sequence), now);
            if (statistics.OnPacket(header, now, 8000))
            {
                buffer.Put(header, body, now, TimeSpan.FromMilliseconds(20), 8000);
            }

            _ = TelephoneEvent.TryParse(body, out _);
            keys.OnPacket(header, body, now);
            keys.OnTime(now);
            if (buffer.Take(now, payload, out var stored) == JitterTake.Packet)
            {
                G711.DecodeMuLaw(payload[..stored], pcm);
                concealment.OnReceived(pcm[..stored]);
            }
            else
            {
                concealment.Conceal(pcm[..160]);
            }
        }

        if (statistics.TakeReport(0, 0).CumulativeLost > 0x7F_FFFF || statistics.Lost < 0)
        {
            throw new InvalidOperationException("Figures out of range.");
        }
    }
}
