using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Sift.Media.Audio.Wav;

/// <summary>Writes a PCM16 wav file whose length is not known before its end. Until <see cref="Finish"/> its sizes say "unknown".</summary>
internal sealed class WavWriter : IDisposable
{
    public const int HeaderSize = 44;

    private const int BytesPerSample = 2;

    // Of a RIFF file, whose sizes are 32 bits.
    private const long LargestData = uint.MaxValue - HeaderSize;

    private readonly FileStream _file;
    private readonly int _channels;
    private readonly int _sampleRate;
    private long _data;

    public WavWriter(string path, int channels, int sampleRate)
    {
        _channels = channels;
        _sampleRate = sampleRate;
        _file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, bufferSize: 64 * 1024);
        Span<byte> header = stackalloc byte[HeaderSize];
        WriteHeader(header, channels, sampleRate, uint.MaxValue);
        _file.Write(header);
    }

    public TimeSpan Duration => TimeSpan.FromSeconds((double)_data / (_channels * BytesPerSample * _sampleRate));

    /// <summary>Whether the format has no room for more.</summary>
    public bool IsFull => _data >= LargestData;

    /// <summary>Samples of all channels by turns. Wav is little-endian, as every machine that .NET runs on.</summary>
    public void Write(ReadOnlySpan<short> samples)
    {
        _file.Write(MemoryMarshal.AsBytes(samples));
        _data += samples.Length * BytesPerSample;
    }

    /// <summary>Writes the sizes and brings everything to the disk.</summary>
    public void Finish()
    {
        Repair(_file, _channels, _sampleRate);
        _file.Flush(flushToDisk: true);
    }

    /// <summary>Writes sizes that fit what is there: of a recording that a crash cut off.</summary>
    public static void Repair(Stream file, int channels, int sampleRate)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        file.Flush();
        WriteHeader(header, channels, sampleRate, (uint)Math.Clamp(file.Length - HeaderSize, 0, LargestData));
        file.Position = 0;
        file.Write(header);
        file.Position = file.Length;
    }

    public static void WriteHeader(Span<byte> header, int channels, int sampleRate, uint dataBytes)
    {
        "RIFF"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], dataBytes == uint.MaxValue ? dataBytes : dataBytes + HeaderSize - 8);
        "WAVEfmt "u8.CopyTo(header[8..]);
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], 16);
        BinaryPrimitives.WriteUInt16LittleEndian(header[20..], 1);
        BinaryPrimitives.WriteUInt16LittleEndian(header[22..], (ushort)channels);
        BinaryPrimitives.WriteUInt32LittleEndian(header[24..], (uint)sampleRate);
        BinaryPrimitives.WriteUInt32LittleEndian(header[28..], (uint)(sampleRate * channels * BytesPerSample));
        BinaryPrimitives.WriteUInt16LittleEndian(header[32..], (ushort)(channels * BytesPerSample));
        BinaryPrimitives.WriteUInt16LittleEndian(header[34..], 8 * BytesPerSample);
        "data"u8.CopyTo(header[36..]);
        BinaryPrimitives.WriteUInt32LittleEndian(header[40..], dataBytes);
    }

    public void Dispose() => _file.Dispose();
}
