namespace Sift.Protocols.Rtp;

/// <summary>NTP timestamps as RTCP carries them: seconds since 1900 in the upper 32 bits, fraction in the lower (RFC 3550 4).</summary>
public static class NtpTime
{
    private static readonly DateTimeOffset Epoch = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static ulong From(DateTimeOffset time)
    {
        var ticks = (ulong)(time - Epoch).Ticks;
        var seconds = ticks / TimeSpan.TicksPerSecond;
        var fraction = (ticks % TimeSpan.TicksPerSecond << 32) / TimeSpan.TicksPerSecond;
        return (seconds << 32) | fraction;
    }

    /// <summary>The middle 32 bits: 16 of seconds, 16 of fraction.</summary>
    public static uint Middle(ulong ntp) => (uint)(ntp >> 16);

    /// <summary>A span in 1/65536 s, as DLSR is given.</summary>
    public static uint Units(TimeSpan span) => (uint)Math.Clamp(span.TotalSeconds * 65536, 0, uint.MaxValue);
}
