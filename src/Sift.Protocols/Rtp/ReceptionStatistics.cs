namespace Sift.Protocols.Rtp;

/// <summary>
/// What RFC 3550 asks of a receiver about one source: extended sequence numbers (appendix A.1), losses (A.3) and interarrival
/// jitter (A.8). A source that restarts its numbers is taken up again after two consecutive packets.
/// </summary>
public sealed class ReceptionStatistics
{
    private const int MaxDropout = 3000;
    private const int MaxMisorder = 100;

    private uint _baseSequence;
    private ushort _maxSequence;
    private uint _cycles;
    private uint _badSequence;
    private long _received;
    private long _expectedPrior;
    private long _receivedPrior;
    private long _expectedBefore;
    private long _receivedBefore;
    private double _transit;
    private double _jitter;
    private bool _hasTransit;

    public bool Started { get; private set; }

    public uint Ssrc { get; private set; }

    /// <summary>Packets received from all sources of the session.</summary>
    public long Received => _receivedBefore + _received;

    /// <summary>Expected minus received, never below zero.</summary>
    public long Lost => Math.Max(0, _expectedBefore - _receivedBefore) + Math.Max(0, LostFromSource);

    public uint ExtendedHighestSequence => _cycles + _maxSequence;

    /// <summary>Jitter in timestamp units, as reports carry it.</summary>
    public uint JitterUnits => (uint)_jitter;

    public TimeSpan Jitter(int clockRate) => TimeSpan.FromSeconds(_jitter / clockRate);

    /// <summary>Takes a packet into account.</summary>
    /// <returns>False while a wild sequence number has not been confirmed by its successor: the packet should not be played.</returns>
    public bool OnPacket(in RtpHeader header, TimeSpan arrival, int clockRate)
    {
        if (!Started || header.Ssrc != Ssrc)
        {
            StartSource(header);
        }
        else if (!UpdateSequence(header.Sequence))
        {
            return false;
        }

        _received++;
        UpdateJitter(header.Timestamp, arrival, clockRate);
        return true;
    }

    /// <summary>The report block for the interval since the last one (RFC 3550 6.4.1).</summary>
    public ReportBlock TakeReport(uint lastSenderReport, uint delaySinceLastSenderReport)
    {
        var expected = ExpectedFromSource;
        var expectedInterval = expected - _expectedPrior;
        var lostInterval = expectedInterval - (_received - _receivedPrior);
        _expectedPrior = expected;
        _receivedPrior = _received;
        var fraction = expectedInterval <= 0 || lostInterval <= 0 ? 0 : (byte)Math.Min(255, (lostInterval << 8) / expectedInterval);
        return new ReportBlock(
            Ssrc,
            (byte)fraction,
            (int)Math.Clamp(LostFromSource, -0x80_0000, 0x7F_FFFF),
            ExtendedHighestSequence,
            JitterUnits,
            lastSenderReport,
            delaySinceLastSenderReport);
    }

    private long ExpectedFromSource => Started ? (long)ExtendedHighestSequence - _baseSequence + 1 : 0;

    private long LostFromSource => ExpectedFromSource - _received;

    private void StartSource(in RtpHeader header)
    {
        Bank();
        Ssrc = header.Ssrc;
        Restart(header.Sequence);
        Started = true;
    }

    private void Bank()
    {
        _expectedBefore += ExpectedFromSource;
        _receivedBefore += _received;
        _received = 0;
    }

    private void Restart(ushort sequence)
    {
        _baseSequence = sequence;
        _maxSequence = sequence;
        _cycles = 0;
        _badSequence = uint.MaxValue;
        _expectedPrior = 0;
        _receivedPrior = 0;
        _hasTransit = false;
    }

    private bool UpdateSequence(ushort sequence)
    {
        var delta = (ushort)(sequence - _maxSequence);
        if (delta < MaxDropout)
        {
            if (sequence < _maxSequence)
            {
                _cycles += 1 << 16;
            }

            _maxSequence = sequence;
            _badSequence = uint.MaxValue;
            return true;
        }

        if (delta > ushort.MaxValue + 1 - MaxMisorder)
        {
            return true;
        }

        if (sequence == _badSequence)
        {
            Bank();
            Restart(sequence);
            return true;
        }

        _badSequence = (ushort)(sequence + 1);
        return false;
    }

    private void UpdateJitter(uint timestamp, TimeSpan arrival, int clockRate)
    {
        // The difference of timestamps is taken modulo 2^32, so a wrap is no jump; anything over two seconds is one and is not jitter.
        var arrivalUnits = arrival.TotalSeconds * clockRate;
        var transit = arrivalUnits - timestamp;
        if (_hasTransit)
        {
            var difference = transit - _transit;
            difference -= Math.Round(difference / 4294967296.0) * 4294967296.0;
            if (Math.Abs(difference) < 2.0 * clockRate)
            {
                _jitter += (Math.Abs(difference) - _jitter) / 16;
            }
        }

        _transit = transit;
        _hasTransit = true;
    }
}
