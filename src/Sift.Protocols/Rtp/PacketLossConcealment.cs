namespace Sift.Protocols.Rtp;

/// <summary>
/// Fills lost audio by repeating the last pitch period, in the manner of G.711 appendix I but without its added delay: the period is the
/// best autocorrelation lag between 5 and 15 ms, the first 10 ms keep their level, then the level falls to nothing at 60 ms. The
/// first audio after a gap is cross-faded over 4 ms with the repetition, so that no edge is heard.
/// </summary>
public sealed class PacketLossConcealment
{
    private readonly short[] _history;
    private readonly short[] _period;
    private readonly int _samplesPerMillisecond;
    private int _periodLength;
    private int _phase;
    private int _concealed;

    public PacketLossConcealment(int sampleRate)
    {
        _samplesPerMillisecond = sampleRate / 1000;
        _history = new short[HistoryMilliseconds * _samplesPerMillisecond];
        _period = new short[MaxPitchMilliseconds * _samplesPerMillisecond];
    }

    /// <summary>Whether the last frame was made up.</summary>
    public bool Concealing => _concealed > 0;

    /// <summary>Takes note of received audio; right after a gap its beginning is blended with the repetition.</summary>
    public void OnReceived(Span<short> frame)
    {
        if (_concealed > 0)
        {
            var overlap = Math.Min(frame.Length, OverlapMilliseconds * _samplesPerMillisecond);
            for (var i = 0; i < overlap; i++)
            {
                var made = NextSample();
                frame[i] = (short)((made * (overlap - i) / overlap) + (frame[i] * i / overlap));
            }

            _concealed = 0;
        }

        Remember(frame);
    }

    /// <summary>Makes up a frame for one that is lost.</summary>
    public void Conceal(Span<short> frame)
    {
        if (_concealed == 0)
        {
            FindPeriod();
        }

        for (var i = 0; i < frame.Length; i++)
        {
            frame[i] = NextSample();
        }

        Remember(frame);
    }

    public void Reset()
    {
        Array.Clear(_history);
        _concealed = 0;
    }

    private short NextSample()
    {
        var sample = _period[_phase];
        _phase = _phase + 1 == _periodLength ? 0 : _phase + 1;
        var heldFor = FullLevelMilliseconds * _samplesPerMillisecond;
        var silentAt = SilentMilliseconds * _samplesPerMillisecond;
        var level = _concealed <= heldFor ? silentAt - heldFor : Math.Max(0, silentAt - _concealed);
        _concealed = Math.Min(_concealed + 1, silentAt);
        return (short)(sample * level / (silentAt - heldFor));
    }

    private void FindPeriod()
    {
        var shortest = MinPitchMilliseconds * _samplesPerMillisecond;
        var longest = MaxPitchMilliseconds * _samplesPerMillisecond;
        var window = WindowMilliseconds * _samplesPerMillisecond;
        var recent = _history.AsSpan(_history.Length - window);
        var best = longest;
        var bestScore = double.MinValue;
        for (var lag = shortest; lag <= longest; lag++)
        {
            var earlier = _history.AsSpan(_history.Length - window - lag, window);
            long product = 0;
            long energy = 1;
            for (var i = 0; i < window; i++)
            {
                product += recent[i] * earlier[i];
                energy += earlier[i] * earlier[i];
            }

            var score = product / Math.Sqrt(energy);
            if (score > bestScore)
            {
                bestScore = score;
                best = lag;
            }
        }

        _periodLength = best;
        _phase = 0;
        var source = _history.AsSpan(_history.Length - best);
        source.CopyTo(_period);

        // The end of the period leads into its beginning: blend the last quarter with what came before the beginning.
        var blend = best / 4;
        var before = _history.AsSpan(_history.Length - best - blend, blend);
        for (var i = 0; i < blend; i++)
        {
            var at = best - blend + i;
            _period[at] = (short)(((_period[at] * (blend - i)) + (before[i] * i)) / blend);
        }
    }

    private void Remember(ReadOnlySpan<short> frame)
    {
        if (frame.Length >= _history.Length)
        {
            frame[^_history.Length..].CopyTo(_history);
            return;
        }

        Array.Copy(_history, frame.Length, _history, 0, _history.Length - frame.Length);
        frame.CopyTo(_history.AsSpan(_history.Length - frame.Length));
    }

    private const int HistoryMilliseconds = 40;
    private const int MinPitchMilliseconds = 5;
    private const int MaxPitchMilliseconds = 15;
    private const int WindowMilliseconds = 20;
    private const int OverlapMilliseconds = 4;
    private const int FullLevelMilliseconds = 10;
    private const int SilentMilliseconds = 60;
}
