namespace Sift.Protocols.Rtp;

/// <summary>
/// ITU-T G.711 companding by tables: 256 entries to expand, 14-bit (µ-law) and 13-bit (A-law) tables to compress, built once from the
/// segment formulas of the recommendation.
/// </summary>
public static class G711
{
    /// <summary>Digital silence as it goes over the wire.</summary>
    public const byte MuLawSilence = 0xFF;

    /// <inheritdoc cref="MuLawSilence"/>
    public const byte ALawSilence = 0xD5;

    private static readonly short[] MuLawToLinear = BuildTable(LinearOfMuLaw);
    private static readonly short[] ALawToLinear = BuildTable(LinearOfALaw);
    private static readonly byte[] LinearToMuLaw = BuildMuLawCompressor();
    private static readonly byte[] LinearToALaw = BuildALawCompressor();

    public static short ExpandMuLaw(byte code) => MuLawToLinear[code];

    public static short ExpandALaw(byte code) => ALawToLinear[code];

    public static void DecodeMuLaw(ReadOnlySpan<byte> payload, Span<short> pcm) => Decode(MuLawToLinear, payload, pcm);

    public static void DecodeALaw(ReadOnlySpan<byte> payload, Span<short> pcm) => Decode(ALawToLinear, payload, pcm);

    public static void EncodeMuLaw(ReadOnlySpan<short> pcm, Span<byte> payload)
    {
        var table = LinearToMuLaw;
        payload = payload[..pcm.Length];
        for (var i = 0; i < payload.Length; i++)
        {
            payload[i] = table[(ushort)pcm[i] >> 2];
        }
    }

    public static void EncodeALaw(ReadOnlySpan<short> pcm, Span<byte> payload)
    {
        var table = LinearToALaw;
        payload = payload[..pcm.Length];
        for (var i = 0; i < payload.Length; i++)
        {
            payload[i] = table[(ushort)pcm[i] >> 3];
        }
    }

    private static void Decode(short[] table, ReadOnlySpan<byte> payload, Span<short> pcm)
    {
        pcm = pcm[..payload.Length];
        for (var i = 0; i < pcm.Length; i++)
        {
            pcm[i] = table[payload[i]];
        }
    }

    private static short[] BuildTable(Func<byte, short> expand)
    {
        var table = new short[256];
        for (var i = 0; i < 256; i++)
        {
            table[i] = expand((byte)i);
        }

        return table;
    }

    // G.711 table 2: bits inverted on the wire, sign, 3 bits segment, 4 bits step, bias of 33 quarter steps (132 on 16 bits).
    private static short LinearOfMuLaw(byte code)
    {
        var bits = ~code & 0xFF;
        var magnitude = ((((bits & 0x0F) << 3) + 132) << ((bits >> 4) & 7)) - 132;
        return (short)((bits & 0x80) != 0 ? -magnitude : magnitude);
    }

    // G.711 table 1: even bits inverted on the wire (0x55), sign bit set for positive values.
    private static short LinearOfALaw(byte code)
    {
        var bits = code ^ 0x55;
        var segment = (bits >> 4) & 7;
        var magnitude = ((bits & 0x0F) << 4) + 8;
        if (segment > 0)
        {
            magnitude = (magnitude + 256) << (segment - 1);
        }

        return (short)((bits & 0x80) != 0 ? magnitude : -magnitude);
    }

    private static byte[] BuildMuLawCompressor()
    {
        var table = new byte[1 << 14];
        for (var index = 0; index < table.Length; index++)
        {
            var sample = (short)(index << 2) >> 2;
            var negative = sample < 0;

            // One's complement for negative values keeps both halves symmetric, as the recommendation's sign-magnitude form has it.
            var magnitude = Math.Min(negative ? ~sample : sample, 8158) + 33;
            var segment = Math.Max(0, 26 - int.LeadingZeroCount(magnitude));
            var step = (magnitude >> (segment + 1)) & 0x0F;
            table[index] = (byte)~((negative ? 0x80 : 0) | (segment << 4) | step);
        }

        return table;
    }

    private static byte[] BuildALawCompressor()
    {
        var table = new byte[1 << 13];
        for (var index = 0; index < table.Length; index++)
        {
            var sample = (short)(index << 3) >> 3;
            var negative = sample < 0;
            var magnitude = negative ? ~sample : sample;
            var segment = Math.Max(0, 27 - int.LeadingZeroCount(magnitude));
            var step = segment == 0 ? (magnitude >> 1) & 0x0F : (magnitude >> segment) & 0x0F;
            table[index] = (byte)(((negative ? 0 : 0x80) | (segment << 4) | step) ^ 0x55);
        }

        return table;
    }
}
