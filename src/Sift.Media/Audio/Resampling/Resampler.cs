namespace Sift.Media.Audio.Resampling;

/// <summary>
/// Converts a stream of mono PCM16 between rates with a polyphase FIR. Time-aligned: the filter's delay is taken out at the start and
/// paid back by <see cref="Flush"/>. One instance per stream, one thread at a time; no allocation once running.
/// </summary>
public sealed class Resampler
{
    private readonly PolyphaseFilter? _filter;
    private readonly float[] _history;
    private int _filled;
    private int _phase;

    /// <summary>Prepares a conversion; filters are shared between instances of the same pair of rates.</summary>
    /// <param name="inputRate">Samples per second coming in, 1000 to 384000.</param>
    /// <param name="outputRate">Samples per second going out, 1000 to 384000.</param>
    public Resampler(int inputRate, int outputRate)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inputRate, MinRate);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(inputRate, MaxRate);
        ArgumentOutOfRangeException.ThrowIfLessThan(outputRate, MinRate);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(outputRate, MaxRate);
        InputRate = inputRate;
        OutputRate = outputRate;
        _filter = inputRate == outputRate ? null : PolyphaseFilter.For(inputRate, outputRate);
        _history = _filter is null ? [] : new float[_filter.Taps + BlockSamples];
        // Half a filter of silence in front puts the first output at the time of the first input.
        _filled = _filter is null ? 0 : (_filter.Taps / 2) - 1;
    }

    /// <summary>Samples per second coming in.</summary>
    public int InputRate { get; }

    /// <summary>Samples per second going out.</summary>
    public int OutputRate { get; }

    /// <summary>The most samples that <see cref="Process"/> or <see cref="Flush"/> can give for that many samples in.</summary>
    public int MaxOutput(int inputSamples) =>
        (int)((((long)inputSamples + (_filter?.Taps ?? 0)) * OutputRate / InputRate) + 2);

    /// <summary>Takes all of <paramref name="input"/>; returns how many samples it wrote. Output has room for <see cref="MaxOutput"/>.</summary>
    public int Process(ReadOnlySpan<short> input, Span<short> output)
    {
        if (_filter is null)
        {
            input.CopyTo(output);
            return input.Length;
        }

        var written = 0;
        while (!input.IsEmpty)
        {
            var n = Math.Min(input.Length, _history.Length - _filled);
            for (var i = 0; i < n; i++)
            {
                _history[_filled + i] = input[i];
            }

            _filled += n;
            input = input[n..];
            written += Drain(output[written..]);
        }

        return written;
    }

    /// <summary>Gives the tail that the filter still holds. Nothing may be processed afterwards.</summary>
    public int Flush(Span<short> output)
    {
        var written = 0;
        var left = _filter is null ? 0 : _filter.Taps / 2;
        Span<short> silence = stackalloc short[64];
        silence.Clear();
        for (; left > 0; left -= silence.Length)
        {
            written += Process(silence[..Math.Min(left, silence.Length)], output[written..]);
        }

        return written;
    }

    private int Drain(Span<short> output)
    {
        var filter = _filter!;
        var start = 0;
        var written = 0;
        while (start + filter.Taps <= _filled)
        {
            var sum = PolyphaseFilter.Dot(_history.AsSpan(start, filter.Taps), filter.Phase(_phase));
            output[written++] = (short)Math.Clamp(MathF.Round(sum), short.MinValue, short.MaxValue);
            _phase += filter.Down;
            start += _phase / filter.Up;
            _phase %= filter.Up;
        }

        var keep = Math.Max(_filled - start, 0);
        // A step longer than what is buffered cannot happen: a filter is longer than its decimation step.
        _history.AsSpan(start, keep).CopyTo(_history);
        _filled = keep;
        return written;
    }

    internal const int MinRate = 1000;
    internal const int MaxRate = 384_000;
    private const int BlockSamples = 1024;
}
