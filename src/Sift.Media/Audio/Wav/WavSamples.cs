using System.Buffers.Binary;

namespace Sift.Media.Audio.Wav;

/// <summary>Turns stored samples into mono PCM16.</summary>
internal static class WavSamples
{
    /// <summary>Reads frames from <paramref name="first"/> on, channels averaged; returns how many.</summary>
    public static int Read(in WavFile wav, int first, Span<short> mono)
    {
        var frames = Math.Min(mono.Length, wav.Frames - first);
        var bytesPerSample = wav.BitsPerSample / 8;
        var data = wav.Data.Span[(first * wav.FrameBytes)..];
        for (var frame = 0; frame < frames; frame++)
        {
            var sum = 0;
            for (var channel = 0; channel < wav.Channels; channel++)
            {
                sum += One(wav.Encoding, data[..bytesPerSample]);
                data = data[bytesPerSample..];
            }

            mono[frame] = (short)(sum / wav.Channels);
        }

        return frames;
    }

    /// <summary>Sends the whole file to a sink in blocks.</summary>
    public static void CopyTo(in WavFile wav, IPcmSink sink)
    {
        Span<short> block = stackalloc short[1024];
        for (int position = 0, n; (n = Read(wav, position, block)) > 0; position += n)
        {
            sink.Write(wav.SampleRate, block[..n]);
        }
    }

    private static short One(WavEncoding encoding, ReadOnlySpan<byte> sample) => encoding switch
    {
        WavEncoding.MuLaw => MuLaw(sample[0]),
        WavEncoding.ALaw => ALaw(sample[0]),
        WavEncoding.Float => Float(sample.Length == 4 ? BinaryPrimitives.ReadSingleLittleEndian(sample) : BinaryPrimitives.ReadDoubleLittleEndian(sample)),
        WavEncoding.Pcm => sample.Length == 1
            // 8-bit wav is unsigned, all others signed.
            ? (short)((sample[0] - 128) << 8)
            : BinaryPrimitives.ReadInt16LittleEndian(sample[^2..]),
    };

    private static short Float(double value) => double.IsNaN(value) ? (short)0 : (short)Math.Clamp(Math.Round(value * 32767), short.MinValue, short.MaxValue);

    // ITU-T G.711 table 2a: complemented bits, sign, 3-bit segment, 4-bit step, bias 33 (132 at 16 bits).
    private static short MuLaw(byte code)
    {
        var bits = ~code;
        var magnitude = ((((bits & 0x0F) << 3) + 0x84) << ((bits >> 4) & 7)) - 0x84;
        return (short)((bits & 0x80) != 0 ? -magnitude : magnitude);
    }

    // ITU-T G.711 table 1a: even bits inverted.
    private static short ALaw(byte code)
    {
        var bits = code ^ 0x55;
        var segment = (bits >> 4) & 7;
        var magnitude = ((bits & 0x0F) << 4) + 8;
        if (segment > 0)
        {
            magnitude = (magnitude + 0x100) << (segment - 1);
        }

        return (short)((bits & 0x80) != 0 ? magnitude : -magnitude);
    }
}
