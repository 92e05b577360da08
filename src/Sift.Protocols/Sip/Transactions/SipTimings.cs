namespace Sift.Protocols.Sip.Transactions;

/// <summary>The base times of RFC 3261 section 17.1.1.1 (Table 4 derives timers A to K from them).</summary>
public sealed record SipTimings
{
    /// <summary>Round-trip estimate.</summary>
    public TimeSpan T1 { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest retransmit interval of non-INVITE requests and INVITE responses.</summary>
    public TimeSpan T2 { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>Longest time a message stays in the network.</summary>
    public TimeSpan T4 { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Timers B, F, H, J, L, M and the wait for the ACK of a 2xx.</summary>
    public TimeSpan Timeout => 64 * T1;

    /// <summary>Timer D: at least 32 s for unreliable transports.</summary>
    public TimeSpan TimerD => Timeout > TimeSpan.FromSeconds(32) ? Timeout : TimeSpan.FromSeconds(32);
}
