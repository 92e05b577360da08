using Sift.Media.Audio.Wav;

namespace Sift.Media.Tests.Audio;

public sealed class WavFileTests
{
    [Theory]
    [InlineData(1, 8, 300)]
    [InlineData(1, 16, 2)]
    [InlineData(1, 24, 2)]
    [InlineData(1, 32, 2)]
    [InlineData(3, 32, 2)]
    [InlineData(3, 64, 2)]
    [InlineData(6, 8, 700)]
    [InlineData(7, 8, 700)]
    public void Reads_every_encoding_plain_and_extensible(int tag, int bits, int tolerance)
    {
        var tone = Signal.Sine(500, 8000, 0.1);
        foreach (var extensible in (bool[])[false, true])
        {
            Assert.True(WavFile.TryParse(Write(tone, tag, bits, extensible), out var wav, out _));
            var read = new short[tone.Length];
            Assert.Equal(tone.Length, WavSamples.Read(wav, 0, read));
            Assert.Equal(8000, wav.SampleRate);
            Assert.All(read.Zip(tone), pair => Assert.InRange(pair.First - pair.Second, -tolerance, tolerance));
        }
    }

    [Fact]
    public void Averages_channels_and_skips_other_chunks()
    {
        var file = Signal.Wav([1000, 3000, -10, 10], 44100, channels: 2).ToList();
        file.InsertRange(12, "LIST\u0003\0\0\0abc\0"u8.ToArray());

        Assert.True(WavFile.TryParse(file.ToArray(), out var wav, out _));
        var mono = new short[10];
        Assert.Equal(2, WavSamples.Read(wav, 0, mono));
        Assert.Equal([2000, 0], mono[..2]);
    }

    [Fact]
    public void Takes_what_is_there_when_the_sizes_lie()
    {
        var file = Signal.Wav([1, 2, 3], 8000);
        file.AsSpan(40, 4).Fill(0xFF);

        Assert.True(WavFile.TryParse(file, out var wav, out _));
        Assert.Equal(3, wav.Frames);
    }

    [Fact]
    public void No_prefix_and_no_changed_byte_makes_it_throw()
    {
        var file = Write(Signal.Sine(500, 8000, 0.01), 1, 16, extensible: true);
        var mono = new short[2000];
        for (var length = 0; length < file.Length; length++)
        {
            if (WavFile.TryParse(file.AsMemory(0, length), out var wav, out var error))
            {
                WavSamples.Read(wav, 0, mono);
            }
            else
            {
                Assert.NotNull(error);
            }
        }

        var random = new Random(4711);
        for (var round = 0; round < 20_000; round++)
        {
            var broken = file.ToArray();
            for (var changes = random.Next(1, 6); changes > 0; changes--)
            {
                broken[random.Next(90)] = (byte)random.Next(256);
            }

            if (WavFile.TryParse(broken, out var wav, out _))
            {
                WavSamples.Read(wav, 0, mono);
            }
        }
    }

    [Theory]
    [InlineData("not audio at all", "is not a wav file")]
    [InlineData("RIFF....WAVE", "is a wav file without data")]
    public void Says_what_is_wrong(string content, string expected)
    {
        Assert.False(WavFile.TryParse(System.Text.Encoding.ASCII.GetBytes(content), out _, out var error));
        Assert.Equal(expected, error);
    }

    private static byte[] Write(short[] samples, int tag, int bits, bool extensible)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write("RIFF\0\0\0\0WAVEfmt "u8);
        writer.Write(extensible ? 40 : 16);
        writer.Write((ushort)(extensible ? 0xFFFE : tag));
        writer.Write((short)1);
        writer.Write(8000);
        writer.Write(8000 * bits / 8);
        writer.Write((short)(bits / 8));
        writer.Write((short)bits);
        if (extensible)
        {
            writer.Write((short)22);
            writer.Write((short)bits);
            writer.Write(4);
            writer.Write((ushort)tag);
            writer.Write(new byte[14]);
        }

        writer.Write("data"u8);
        writer.Write(samples.Length * bits / 8);
        foreach (var sample in samples)
        {
            switch (tag, bits)
            {
                case (1, 8): writer.Write((byte)((sample >> 8) + 128)); break;
                case (1, 16): writer.Write(sample); break;
                case (1, 24): writer.Write((byte)0); writer.Write(sample); break;
                case (1, 32): writer.Write(sample << 16); break;
                case (3, 32): writer.Write(sample / 32767f); break;
                case (3, 64): writer.Write(sample / 32767.0); break;
                case (6, 8): writer.Write(Nearest(sample, ALaw)); break;
                default: writer.Write(Nearest(sample, MuLaw)); break;
            }
        }

        return stream.ToArray();
    }

    private static byte Nearest(short sample, Func<byte, int> decode) => Enumerable.Range(0, 256).Select(code => (byte)code).MinBy(code => Math.Abs(decode(code) - sample));

    // The decoding tables of ITU-T G.711, written in floating point and not as in the product.
    private static int MuLaw(byte code)
    {
        var bits = 255 - code;
        var value = (Math.Pow(2, bits >> 4 & 7) * ((2 * (bits & 15)) + 33)) - 33;
        return (int)(4 * (bits > 127 ? -value : value));
    }

    private static int ALaw(byte code)
    {
        var bits = code ^ 0x55;
        var exponent = bits >> 4 & 7;
        var value = exponent == 0 ? (2 * (bits & 15)) + 1 : Math.Pow(2, exponent - 1) * ((2 * (bits & 15)) + 33);
        return (int)(8 * (bits > 127 ? value : -value));
    }
}
