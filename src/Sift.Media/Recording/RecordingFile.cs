using Sift.Media.Audio.Wav;
using Sift.Media.Legs;
using Sift.Media.Rtp;

namespace Sift.Media.Recording;

/// <summary>One recording on its way from a tap to a file; on the writing thread only.</summary>
internal sealed class RecordingFile(RecordLeg order, StereoTap tap, string path, DateTimeOffset at) : IDisposable
{
    private readonly short[] _received = new short[StereoTap.LargestFrame];
    private readonly short[] _sent = new short[StereoTap.LargestFrame];
    private readonly short[] _frame = new short[2 * StereoTap.LargestFrame];
    private WavWriter? _wav;
    private FrameResampler? _fromReceived;
    private FrameResampler? _fromSent;
    private int _sampleRate;

    public RecordLeg Order => order;

    public StereoTap Tap => tap;

    public DateTimeOffset At => at;

    /// <summary>Of the file; 0 before the first frame.</summary>
    public int SampleRate => _sampleRate;

    public TimeSpan Duration => _wav?.Duration ?? TimeSpan.Zero;

    public bool IsFull => _wav is { IsFull: true };

    /// <summary>Writes what waits. True when this made the file.</summary>
    public bool Drain()
    {
        var isNew = false;
        while (tap.Read(_received, _sent, out var rate) is > 0 and var length)
        {
            if (_wav is null)
            {
                // The rate of the first frame is the file's: a codec that changes later is converted.
                _sampleRate = rate;
                _wav = new WavWriter(path, CallRecorder.Channels, rate);
                isNew = true;
            }

            Write(_received.AsSpan(0, length), _sent.AsSpan(0, length), rate);
        }

        // Silence for what found no room, so that what follows stands at its time.
        if (_wav is { } wav)
        {
            for (var missed = tap.TakeMissed(); missed > 0; missed--)
            {
                var silence = _frame.AsSpan(0, 2 * _sampleRate / 50);
                silence.Clear();
                wav.Write(silence);
            }
        }

        return isNew;
    }

    /// <summary>Brings the file under its last name. Its size in bytes.</summary>
    public long Finish(string finalPath)
    {
        _wav!.Finish();
        _wav.Dispose();
        File.Move(path, finalPath);
        return new FileInfo(finalPath).Length;
    }

    public void Dispose() => _wav?.Dispose();

    private void Write(ReadOnlySpan<short> received, ReadOnlySpan<short> sent, int rate)
    {
        if (rate != _sampleRate)
        {
            received = Converted(ref _fromReceived, received, rate, _received);
            sent = Converted(ref _fromSent, sent, rate, _sent);
        }

        for (var i = 0; i < received.Length; i++)
        {
            _frame[2 * i] = received[i];
            _frame[(2 * i) + 1] = sent[i];
        }

        _wav!.Write(_frame.AsSpan(0, 2 * received.Length));
    }

    private Span<short> Converted(ref FrameResampler? converter, ReadOnlySpan<short> frame, int rate, short[] room)
    {
        if (converter is null || converter.InputRate != rate)
        {
            converter = new FrameResampler(rate, _sampleRate);
        }

        Span<short> converted = stackalloc short[StereoTap.LargestFrame];
        converted = converted[..(_sampleRate / 50)];
        converter.Convert(frame, converted);
        converted.CopyTo(room);
        return room.AsSpan(0, converted.Length);
    }
}
