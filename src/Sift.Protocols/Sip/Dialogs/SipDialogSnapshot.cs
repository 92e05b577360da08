namespace Sift.Protocols.Sip.Dialogs;

/// <summary>All that a restarted process needs to continue an established dialog. Plain values: serialise it as JSON.</summary>
public sealed record SipDialogSnapshot
{
    public required string CallId { get; init; }

    public required string LocalTag { get; init; }

    public required string RemoteTag { get; init; }

    /// <summary>Our From (or To) value without tag.</summary>
    public required string LocalAddress { get; init; }

    /// <summary>Their value without tag.</summary>
    public required string RemoteAddress { get; init; }

    /// <summary>The Contact URI of the far end: Request-URI of our requests.</summary>
    public required string RemoteTarget { get; init; }

    /// <summary>Route values, first hop first.</summary>
    public required IReadOnlyList<string> RouteSet { get; init; }

    public required uint LocalSequence { get; init; }

    /// <summary>The highest CSeq number of the far end; null when it sent no request yet.</summary>
    public required uint? RemoteSequence { get; init; }

    /// <summary>We placed the call, so we own its Call-ID (RFC 3261 section 14.1).</summary>
    public required bool IsCaller { get; init; }

    public string? ContactUser { get; init; }

    /// <summary>The far end takes UPDATE (RFC 3311).</summary>
    public bool PeerTakesUpdate { get; init; }

    /// <summary>The negotiated session interval; null when there is no session timer.</summary>
    public TimeSpan? SessionInterval { get; init; }

    /// <summary>We refresh the session.</summary>
    public bool IsRefresher { get; init; }

    /// <summary>What was left of the session when the snapshot was taken.</summary>
    public TimeSpan? SessionRemaining { get; init; }

    /// <summary>The SDP we last sent, repeated in refreshing re-INVITEs.</summary>
    public ReadOnlyMemory<byte> LocalDescription { get; init; }
}
