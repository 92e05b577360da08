namespace Sift.Media.Dtmf;

/// <summary>
/// Hears keys in audio with eight Goertzel filters over blocks of 12.75 ms, by the rules of ITU-T Q.24 plus guards against speech
/// ("talk-off"): both tones strong and alone in their group, twist within +4 / -8 dB, most of the block's energy in the two tones,
/// a weak second harmonic of the high tone (the low one's lies among the high tones), the same key in three consecutive blocks, then over those
/// 38 ms together both frequencies within 1.8 %, and a pause before the next press.
/// </summary>
internal sealed class DtmfDetector
{
    private const int BlockAt8000 = 102;
    private const int BlocksToPress = 3;
    private const int BlocksToRelease = 3;

    // Amplitude of each tone at -35 dBov or so; quieter is noise or echo.
    private const double MinAmplitude = 400;
    // The limits of 4 and 8 dB, the latter with 1 dB for what the tones leak into each other in a short block.
    private const double TwistHighStronger = 2.51;
    private const double TwistLowStronger = 7.94;
    private const double GroupPeakRatio = 4.0;
    private const double MinToneShare = 0.75;
    private const double MinPureShare = 0.90;
    private const double MaxHarmonicShare = 0.10;

    private readonly int _blockSize;
    private readonly int _sampleRate;
    private readonly double[] _coefficients = new double[12];

    // The last blocks in a row; the newest is judged.
    private readonly short[] _recent;
    private int _filled;
    private char _candidate;
    private int _matches;
    private int _misses;
    private char _pressed;

    public DtmfDetector(int sampleRate)
    {
        _blockSize = BlockAt8000 * sampleRate / 8000;
        _recent = new short[_blockSize * BlocksToPress];
        _sampleRate = sampleRate;
        for (var i = 0; i < 4; i++)
        {
            _coefficients[i] = Coefficient(DtmfKeys.LowTones[i], sampleRate);
            _coefficients[4 + i] = Coefficient(DtmfKeys.HighTones[i], sampleRate);
            _coefficients[8 + i] = Coefficient(DtmfKeys.HighTones[i] * 2, sampleRate);
        }
    }

    /// <summary>Takes the next samples.</summary>
    /// <returns>The key, when a press was recognised in them.</returns>
    public char? Process(ReadOnlySpan<short> samples)
    {
        char? found = null;
        while (samples.Length > 0)
        {
            var take = Math.Min(samples.Length, _blockSize - _filled);
            samples[..take].CopyTo(_recent.AsSpan(_recent.Length - _blockSize + _filled));
            _filled += take;
            samples = samples[take..];
            if (_filled == _blockSize)
            {
                _filled = 0;
                found = Judge(RecogniseBlock()) ?? found;
                _recent.AsSpan(_blockSize).CopyTo(_recent);
            }
        }

        return found;
    }

    private char? Judge(char key)
    {
        if (_pressed != NoKey)
        {
            _misses = key == _pressed ? 0 : _misses + 1;
            if (_misses >= BlocksToRelease)
            {
                _pressed = NoKey;
                _candidate = key;
                _matches = key == NoKey ? 0 : 1;
            }

            return null;
        }

        if (key == NoKey || key != _candidate)
        {
            _candidate = key;
            _matches = key == NoKey ? 0 : 1;
            return null;
        }

        if (++_matches < BlocksToPress || !IsPure(key))
        {
            return null;
        }

        _pressed = key;
        _misses = 0;
        return key;
    }

    private ReadOnlySpan<short> Block => _recent.AsSpan(_recent.Length - _blockSize);

    // Over 38 ms a line is 26 Hz wide: a voice that glides, or is near a key's tones but not on them, fails here.
    private bool IsPure(char key)
    {
        var (low, high) = DtmfKeys.Find(key)!.Value;
        double energy = 0;
        foreach (var sample in _recent)
        {
            energy += (double)sample * sample;
        }

        return (Line(low) + Line(high)) * 2 / _recent.Length >= energy * MinPureShare;
    }

    private double Line(double hertz)
    {
        double best = 0;
        for (var step = -3; step <= 3; step++)
        {
            best = Math.Max(best, Power(_recent, Coefficient(hertz * (1 + (step * 0.005)), _sampleRate)));
        }

        return best;
    }

    private char RecogniseBlock()
    {
        double energy = 0;
        foreach (var sample in Block)
        {
            energy += (double)sample * sample;
        }

        // A sine of amplitude A has a block energy of N * A^2 / 2 and a Goertzel power of (N * A / 2)^2.
        var least = Math.Pow(_blockSize * MinAmplitude / 2, 2);
        if (energy < _blockSize * MinAmplitude * MinAmplitude)
        {
            return NoKey;
        }

        Span<double> powers = stackalloc double[8];
        for (var i = 0; i < 8; i++)
        {
            powers[i] = Power(Block, _coefficients[i]);
        }

        var row = Strongest(powers[..4], least);
        var column = Strongest(powers[4..], least);
        if (row < 0 || column < 0)
        {
            return NoKey;
        }

        var low = powers[row];
        var high = powers[4 + column];
        if (high > low * TwistHighStronger || low > high * TwistLowStronger)
        {
            return NoKey;
        }

        // Speech spreads its energy; a key has nearly all of it in two lines.
        var toneEnergy = (low + high) * 2 / _blockSize;
        if (toneEnergy < energy * MinToneShare)
        {
            return NoKey;
        }

        if (Power(Block, _coefficients[8 + column]) > high * MaxHarmonicShare)
        {
            return NoKey;
        }

        return DtmfKeys.At(row, column);
    }

    private static int Strongest(ReadOnlySpan<double> group, double least)
    {
        var best = 0;
        for (var i = 1; i < group.Length; i++)
        {
            if (group[i] > group[best])
            {
                best = i;
            }
        }

        if (group[best] < least)
        {
            return -1;
        }

        for (var i = 0; i < group.Length; i++)
        {
            if (i != best && group[best] < group[i] * GroupPeakRatio)
            {
                return -1;
            }
        }

        return best;
    }

    private static double Power(ReadOnlySpan<short> samples, double coefficient)
    {
        double previous = 0;
        double before = 0;
        foreach (var sample in samples)
        {
            var value = sample + (coefficient * previous) - before;
            before = previous;
            previous = value;
        }

        return (previous * previous) + (before * before) - (coefficient * previous * before);
    }

    private static double Coefficient(double frequency, int sampleRate) => 2 * Math.Cos(2 * Math.PI * frequency / sampleRate);

    private const char NoKey = '\0';
}
