using System.Buffers.Binary;

namespace Sift.Protocols.Rtp;

/// <summary>
/// When to report (RFC 3550 6.3.1 for a session of two): 5 s on average, randomised over 0.5 to 1.5 times that so that sessions do not
/// report in step, and half of it for the first report.
/// </summary>
public sealed class RtcpSchedule(IEntropy entropy)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private bool _first = true;

    /// <summary>Null until <see cref="Start"/>.</summary>
    public TimeSpan? Deadline { get; private set; }

    public void Start(TimeSpan now) => Deadline ??= now + Draw();

    public void Stop() => Deadline = null;

    /// <summary>Whether a report is due; the next one is then set.</summary>
    public bool IsDue(TimeSpan now)
    {
        if (Deadline is not { } deadline || now < deadline)
        {
            return false;
        }

        Deadline = now + Draw();
        return true;
    }

    private TimeSpan Draw()
    {
        Span<byte> bytes = stackalloc byte[4];
        entropy.Fill(bytes);
        var share = 0.5 + (BinaryPrimitives.ReadUInt32LittleEndian(bytes) / (double)uint.MaxValue);
        var interval = Interval * share * (_first ? 0.5 : 1);
        _first = false;
        return interval;
    }
}
