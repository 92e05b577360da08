using System.Buffers.Binary;

namespace Sift.Media.Audio.Wav;

/// <summary>How samples are stored.</summary>
internal enum WavEncoding { Pcm, Float, ALaw, MuLaw }

/// <summary>
/// A wav file in memory, read without copying. Parsing never throws: sizes that lie (as of files written to a pipe) are cut to what is
/// there, anything else unusable gives an error for people.
/// </summary>
internal readonly record struct WavFile(WavEncoding Encoding, int SampleRate, int Channels, int BitsPerSample, ReadOnlyMemory<byte> Data)
{
    /// <summary>Bytes of one sample of every channel.</summary>
    public int FrameBytes => Channels * (BitsPerSample / 8);

    public int Frames => Data.Length / FrameBytes;

    public static bool LooksLike(ReadOnlySpan<byte> file) => file.Length >= 12 && file[..4].SequenceEqual("RIFF"u8) && file.Slice(8, 4).SequenceEqual("WAVE"u8);

    /// <summary>Reads the chunks. False with an error that finishes a sentence such as "the sound …".</summary>
    public static bool TryParse(ReadOnlyMemory<byte> file, out WavFile wav, out string? error)
    {
        wav = default;
        error = "is not a wav file";
        var bytes = file.Span;
        if (!LooksLike(bytes))
        {
            return false;
        }

        WavFile? format = null;
        var position = 12;
        for (var chunks = 0; chunks < MaxChunks && bytes.Length - position >= 8; chunks++)
        {
            var id = bytes.Slice(position, 4);
            var size = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(position + 4)..]);
            position += 8;
            var length = (int)Math.Min(size, (uint)(bytes.Length - position));
            if (id.SequenceEqual("fmt "u8))
            {
                if (!TryParseFormat(bytes.Slice(position, length), out var parsed, out error))
                {
                    return false;
                }

                format = parsed;
            }
            else if (id.SequenceEqual("data"u8))
            {
                if (format is not { } known)
                {
                    error = "is a wav file without a format before its data";
                    return false;
                }

                wav = known with { Data = file.Slice(position, length - (length % known.FrameBytes)) };
                error = null;
                return true;
            }

            // RIFF: chunks are padded to an even length.
            position = (int)Math.Min((long)position + length + (length & 1), bytes.Length);
        }

        error = "is a wav file without data";
        return false;
    }

    private static bool TryParseFormat(ReadOnlySpan<byte> chunk, out WavFile format, out string? error)
    {
        format = default;
        error = "is a wav file with a broken format chunk";
        if (chunk.Length < 16)
        {
            return false;
        }

        var tag = BinaryPrimitives.ReadUInt16LittleEndian(chunk);
        var channels = BinaryPrimitives.ReadUInt16LittleEndian(chunk[2..]);
        var rate = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
        var bits = BinaryPrimitives.ReadUInt16LittleEndian(chunk[14..]);
        if (tag == Extensible && chunk.Length >= 40)
        {
            // WAVEFORMATEXTENSIBLE: the first two bytes of the sub-format GUID are the old tag.
            tag = BinaryPrimitives.ReadUInt16LittleEndian(chunk[24..]);
        }

        WavEncoding? encoding = (tag, bits) switch
        {
            (1, 8 or 16 or 24 or 32) => WavEncoding.Pcm,
            (3, 32 or 64) => WavEncoding.Float,
            (6, 8) => WavEncoding.ALaw,
            (7, 8) => WavEncoding.MuLaw,
            _ => null,
        };
        if (encoding is not { } known)
        {
            error = $"is a wav file of an encoding that is not supported (format {tag}, {bits} bits)";
            return false;
        }

        if (channels is 0 or > MaxChannels || rate is < MinRate or > MaxRate)
        {
            error = $"is a wav file with {channels} channels at {rate} Hz; 1 to {MaxChannels} channels at {MinRate} to {MaxRate} Hz are supported";
            return false;
        }

        format = new WavFile(known, (int)rate, channels, bits, default);
        error = null;
        return true;
    }

    private const int Extensible = 0xFFFE;
    private const int MaxChunks = 1000;
    private const int MaxChannels = 8;
    private const int MinRate = 4000;
    private const int MaxRate = 192_000;
}
