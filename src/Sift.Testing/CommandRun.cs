using System.Text.Json.Nodes;

namespace Sift.Testing;

/// <summary>One activity of a flow, or one command of a routine, that ran.</summary>
/// <param name="Name">Its kind: Say, GetDigits, CallPhone, HttpCall, SetVariable …</param>
/// <param name="Activity">The name it has in the flow.</param>
/// <param name="At">When it began, since the simulation began.</param>
/// <param name="Inputs">Its inputs as they were evaluated; sensitive ones are masked.</param>
public sealed record CommandRun(string Name, string Activity, TimeSpan At, JsonObject Inputs)
{
    /// <summary>When it ended; null while it runs.</summary>
    public TimeSpan? Until { get; init; }

    /// <summary>The port it left by; null while it runs, and when it was cancelled or failed.</summary>
    public string? Outcome { get; init; }

    /// <summary>What it gave to the rest of the flow; null when it gave nothing.</summary>
    public JsonObject? Outputs { get; init; }

    /// <summary>Why it failed; null when it did not.</summary>
    public string? Fault { get; init; }
}

/// <summary>How a call ended.</summary>
/// <param name="At">When, since the simulation began.</param>
/// <param name="Status">As the API names it: finished, or failed for one that was never answered.</param>
/// <param name="Reason">For people.</param>
public sealed record CallEnd(TimeSpan At, string Status, string? Reason)
{
    /// <summary>Why a failed call failed: busy, no_answer, declined, unreachable, not_found, forbidden, error; null for a finished one.</summary>
    public string? Failure { get; init; }

    /// <summary>The final SIP status of a failed call, when there was one.</summary>
    public int? SipStatus { get; init; }
}
