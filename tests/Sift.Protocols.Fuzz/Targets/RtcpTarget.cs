using Sift.Protocols.Rtp;

namespace Sift.Protocols.Fuzz.Targets;

/// <summary>An RTCP compound, read to its last field.</summary>
internal sealed class RtcpTarget : IFuzzTarget
{
    public string Name => "rtcp";

    public IReadOnlyList<byte[]> Dictionary { get; } =
        [[0x80, 200], [0x81, 201, 0, 7], [0x81, 202, 0, 3], [0x9F, 203], [0xA0, 203], [0xFF, 0xFF], [1, 255], [0, 0, 0, 0]];

    public void Run(ReadOnlySpan<byte> input)
    {
        _ = RtpHeader.IsRtcp(input);
        var reader = new RtcpReader(input);
        var packets = 0;
        while (reader.Read())
        {
            packets++;
            _ = SenderReport.TryParse(reader.Body, out _);
            _ = ReportBlock.TryParse(reader.Body, out _);
            for (var i = 0; i < reader.Count; i++)
            {
                if (reader.TryReadBlock(i, out var block))
                {
                    _ = block.RoundTrip(0x0123_4567_89AB_CDEF);
                }

                _ = reader.TryReadByeSource(i, out _);
            }

            if (reader.CanonicalName().Length > 255)
            {
                throw new InvalidOperationException("A name longer than its length byte can say.");
            }
        }

        if (packets > input.Length / 4)
        {
            throw new InvalidOperationException("More packets than bytes for them.");
        }
    }
}
