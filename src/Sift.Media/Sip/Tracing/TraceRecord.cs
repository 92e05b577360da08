using System.Net;
using Sift.Media.Legs;

namespace Sift.Media.Sip.Tracing;

/// <summary>
/// The bytes in which a trace is stored: messages as they went over the wire, without a text format around them, because one is written at
/// the end of every call. Version (1 byte), messages dropped (4), addresses, messages, samples; integers are little-endian.
/// </summary>
public static class TraceRecord
{
    private const byte Version = 1;
    private const int AddressSize = 16;

    private static readonly string[] Transports = ["UDP", "TCP", "TLS", "WS", "WSS"];

    /// <summary>Writes a trace.</summary>
    public static byte[] Encode(TracedLeg trace)
    {
        List<IPEndPoint> addresses = [.. trace.Messages.SelectMany(static message => new[] { message.Local, message.Remote }).Distinct()];
        using var stream = new MemoryStream(256 + trace.Messages.Sum(static message => message.Bytes.Length + 20));
        using var writer = new BinaryWriter(stream);
        writer.Write(Version);
        writer.Write(trace.Dropped);
        writer.Write((ushort)addresses.Count);
        Span<byte> address = stackalloc byte[AddressSize];
        foreach (var end in addresses)
        {
            end.Address.TryWriteBytes(address, out var length);
            writer.Write((byte)length);
            writer.Write(address[..length]);
            writer.Write((ushort)end.Port);
        }

        writer.Write((ushort)trace.Messages.Count);
        foreach (var message in trace.Messages)
        {
            writer.Write(message.At.UtcTicks);
            writer.Write(message.Received);
            writer.Write((byte)Math.Max(0, Array.IndexOf(Transports, message.Transport)));
            writer.Write((ushort)addresses.IndexOf(message.Local));
            writer.Write((ushort)addresses.IndexOf(message.Remote));
            writer.Write((ushort)message.Bytes.Length);
            writer.Write(message.Bytes.Span);
        }

        writer.Write((ushort)trace.Samples.Count);
        foreach (var (at, quality) in trace.Samples)
        {
            writer.Write(at.UtcTicks);
            writer.Write(quality.PacketsReceived);
            writer.Write(quality.PacketsSent);
            writer.Write(quality.PacketsLost);
            writer.Write(quality.Jitter.Ticks);
            writer.Write(quality.RoundTrip?.Ticks ?? -1);
            writer.Write(quality.MeanOpinionScore ?? double.NaN);
            writer.Write(quality.Codec);
        }

        return stream.ToArray();
    }

    /// <summary>Reads what <see cref="Encode"/> wrote; false when it is anything else.</summary>
    public static bool TryDecode(byte[] record, out TracedLeg trace)
    {
        trace = new TracedLeg([], [], 0);
        try
        {
            using var reader = new BinaryReader(new MemoryStream(record, writable: false));
            if (reader.ReadByte() != Version)
            {
                return false;
            }

            var dropped = reader.ReadInt32();
            var addresses = new IPEndPoint[reader.ReadUInt16()];
            for (var i = 0; i < addresses.Length; i++)
            {
                addresses[i] = new IPEndPoint(new IPAddress(reader.ReadBytes(reader.ReadByte())), reader.ReadUInt16());
            }

            var messages = new TracedMessage[reader.ReadUInt16()];
            for (var i = 0; i < messages.Length; i++)
            {
                var at = new DateTimeOffset(reader.ReadInt64(), TimeSpan.Zero);
                var received = reader.ReadBoolean();
                var transport = Transports[reader.ReadByte()];
                var local = addresses[reader.ReadUInt16()];
                messages[i] = new TracedMessage(at, received, local, addresses[reader.ReadUInt16()], transport, reader.ReadBytes(reader.ReadUInt16()));
            }

            var samples = new QualitySample[reader.ReadUInt16()];
            for (var i = 0; i < samples.Length; i++)
            {
                samples[i] = new QualitySample(new DateTimeOffset(reader.ReadInt64(), TimeSpan.Zero), Quality(reader));
            }

            trace = new TracedLeg(messages, samples, dropped);
            return true;
        }
        catch (Exception e) when (e is EndOfStreamException or ArgumentException or IndexOutOfRangeException or FormatException)
        {
            return false;
        }
    }

    private static LegQuality Quality(BinaryReader reader)
    {
        var (received, sent, lost, jitter, trip, score) = (reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadDouble());
        return new LegQuality(received, sent, lost, TimeSpan.FromTicks(jitter), trip < 0 ? null : TimeSpan.FromTicks(trip), double.IsNaN(score) ? null : score, reader.ReadString());
    }
}
