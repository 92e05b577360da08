using System.Buffers;
using System.Runtime.InteropServices;
using Sift.Media.Audio.Wav;

namespace Sift.Media.Recording;

/// <summary>Which part of a recording is wanted.</summary>
public enum RecordingChannel
{
    Both,

    /// <summary>Both channels added up.</summary>
    Mixed,
    Left,
    Right,
}

/// <summary>A mono wav file made of a recording while it is read; can be read from any place.</summary>
public sealed class SingleChannelStream : Stream
{
    private const int MonoFrame = 2;
    private const int StereoFrame = 4;

    private readonly Stream _stereo;
    private readonly RecordingChannel _channel;
    private readonly byte[] _header = new byte[WavWriter.HeaderSize];

    /// <param name="stereo">A complete recording; disposed with this.</param>
    /// <param name="channel">What is wanted of it; not <see cref="RecordingChannel.Both"/>.</param>
    /// <param name="sampleRate">Of the recording, hertz.</param>
    public SingleChannelStream(Stream stereo, RecordingChannel channel, int sampleRate)
    {
        ArgumentOutOfRangeException.ThrowIfEqual(channel, RecordingChannel.Both);
        _stereo = stereo;
        _channel = channel;
        var data = (stereo.Length - WavWriter.HeaderSize) / StereoFrame * MonoFrame;
        Length = WavWriter.HeaderSize + data;
        WavWriter.WriteHeader(_header, 1, sampleRate, (uint)data);
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => true;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length { get; }

    /// <inheritdoc/>
    public override long Position { get; set; }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        var wanted = (int)Math.Min(buffer.Length, Length - Position);
        if (wanted <= 0)
        {
            return 0;
        }

        if (Position < WavWriter.HeaderSize)
        {
            var part = Math.Min(wanted, WavWriter.HeaderSize - (int)Position);
            _header.AsSpan((int)Position, part).CopyTo(buffer);
            Position += part;
            return part;
        }

        // Whole frames are converted; a range may begin in the middle of a sample.
        var at = Position - WavWriter.HeaderSize;
        var skip = (int)(at % MonoFrame);
        var frames = Math.Min((wanted + skip + MonoFrame - 1) / MonoFrame, MostFrames);
        var room = ArrayPool<byte>.Shared.Rent(frames * StereoFrame);
        try
        {
            _stereo.Position = WavWriter.HeaderSize + (at / MonoFrame * StereoFrame);
            var read = _stereo.ReadAtLeast(room.AsSpan(0, frames * StereoFrame), frames * StereoFrame, throwOnEndOfStream: false) / StereoFrame;
            var samples = MemoryMarshal.Cast<byte, short>(room.AsSpan(0, read * StereoFrame));
            for (var i = 0; i < read; i++)
            {
                samples[i] = One(samples[2 * i], samples[(2 * i) + 1]);
            }

            var given = Math.Min(wanted, (read * MonoFrame) - skip);
            room.AsSpan(skip, Math.Max(0, given)).CopyTo(buffer);
            Position += Math.Max(0, given);
            return Math.Max(0, given);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(room);
        }
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        SeekOrigin.End => Length + offset,
        _ => throw new ArgumentOutOfRangeException(nameof(origin)),
    };

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stereo.Dispose();
        }

        base.Dispose(disposing);
    }

    private short One(short left, short right) => _channel switch
    {
        RecordingChannel.Left => left,
        RecordingChannel.Right => right,
        _ => (short)Math.Clamp(left + right, short.MinValue, short.MaxValue),
    };

    private const int MostFrames = 16 * 1024;
}
