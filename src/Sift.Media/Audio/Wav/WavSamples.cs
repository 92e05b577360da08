using System.Buffers.Binary;
using Sift.Protocols.Rtp;

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
        WavEncoding.MuLaw => G711.ExpandMuLaw(sample[0]),
        WavEncoding.ALaw => G711.ExpandALaw(sample[0]),
        WavEncoding.Float => Float(sample.Length == 4 ? BinaryPrimitives.ReadSingleLittleEndian(sample) : BinaryPrimitives.ReadDoubleLittleEndian(sample)),
        WavEncoding.Pcm => sample.Length == 1
            // 8-bit wav is unsigned, all others signed.
            ? (short)((sample[0] - 128) << 8)
            : BinaryPrimitives.ReadInt16LittleEndian(sample[^2..]),
    };

    private static short Float(double value) => double.IsNaN(value) ? (short)0 : (short)Math.Clamp(Math.Round(value * 32767), short.MinValue, short.MaxValue);
}
