namespace Sift.Activities.Calls;

/// <summary>How calls behave where neither the application nor the routine says so.</summary>
public sealed record CallOptions
{
    /// <summary>What a caller hears before a call is given up, unless configured otherwise.</summary>
    public const string DefaultApology = "We are sorry. This call cannot be continued at the moment. Please try again later.";

    /// <summary>How long a call waits for the answer to a callback before it takes the fallback.</summary>
    public TimeSpan CallbackDeadline { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long an answered call that has no routine stays up.</summary>
    public TimeSpan IdleLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long an outbound call rings when the request does not say.</summary>
    public TimeSpan RingTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Spoken before a call is given up.</summary>
    public string Apology { get; init; } = DefaultApology;

    /// <summary>Definition that runs a connection when its application names none.</summary>
    public string ConnectionWorkflow { get; init; } = "connection";

    /// <summary>Base of the URLs that the load scenarios <c>hook</c> and <c>bridge</c> use; null when bench mode is off.</summary>
    public BenchTargets? Bench { get; init; }
}

/// <summary>Where the load scenarios go.</summary>
/// <param name="HookUrl">Asked for the routine by scenario <c>hook</c>.</param>
/// <param name="BridgeTo">Dialled by scenario <c>bridge</c>: a destination the legs understand.</param>
public sealed record BenchTargets(string HookUrl, string BridgeTo);
