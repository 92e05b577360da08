using Sift.Testing.World;

namespace Sift.Testing;

/// <summary>A phone or browser client that Sift may call: how it takes calls, and what the person who answers does.</summary>
public sealed class Phone
{
    private readonly List<SimulatedCall> _calls = [];

    internal Phone(string number) => Number = number;

    /// <summary>The number, or <c>webrtc:name</c> for a browser client.</summary>
    public string Number { get; }

    /// <summary>The calls it has got, oldest first; each can be acted on like any other.</summary>
    public IReadOnlyList<SimulatedCall> Calls => [.. _calls];

    internal Taking Behaviour { get; private set; } = new(TakingKind.Answers, TimeSpan.FromSeconds(3), null, false);

    internal Action<CallerScript>? Script { get; private set; }

    /// <summary>Rings, and is answered after that time; 3 s when null.</summary>
    public Phone Answers(TimeSpan? after = null) => Takes(TakingKind.Answers, after ?? TimeSpan.FromSeconds(3), null);

    /// <summary>As <see cref="Answers(TimeSpan?)"/>, and the person then does what the script says.</summary>
    public Phone Answers(Action<CallerScript> script, TimeSpan? after = null)
    {
        Answers(after);
        Script = script;
        return this;
    }

    /// <summary>A machine takes the call and speaks its greeting.</summary>
    public Phone AnswersAsMachine(string greeting, TimeSpan? after = null) => Answers(script => script.Speaks(greeting), after ?? TimeSpan.FromSeconds(12));

    /// <summary>Rings until the caller gives up.</summary>
    public Phone DoesNotAnswer() => Takes(TakingKind.Rings, TimeSpan.Zero, null);

    /// <summary>Is busy (SIP 486).</summary>
    public Phone IsBusy() => Refuses(486);

    /// <summary>The person declines (SIP 603) after it rang for that time; 2 s when null.</summary>
    public Phone Declines(TimeSpan? after = null) => Refuses(603, after ?? TimeSpan.FromSeconds(2));

    /// <summary>The call is refused with that final SIP status, 400 to 699; at once when <paramref name="after"/> is null.</summary>
    public Phone Refuses(int sipStatus, TimeSpan? after = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sipStatus, 400);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sipStatus, 699);
        return Takes(TakingKind.Refuses, after ?? TimeSpan.Zero, sipStatus);
    }

    /// <summary>Nothing comes back from the network.</summary>
    public Phone IsUnreachable() => Takes(TakingKind.Unreachable, TimeSpan.FromSeconds(32), null);

    /// <summary>While it rings, the far network plays its own tone, so that Sift plays none.</summary>
    public Phone WithEarlyMedia()
    {
        Behaviour = Behaviour with { EarlyMedia = true };
        return this;
    }

    internal void Add(SimulatedLeg leg, Simulation simulation) => _calls.Add(new SimulatedCall(simulation, leg));

    private Phone Takes(TakingKind kind, TimeSpan after, int? status)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(after, TimeSpan.Zero);
        Behaviour = Behaviour with { Kind = kind, After = after, Status = status };
        Script = null;
        return this;
    }
}

internal enum TakingKind { Answers, Rings, Refuses, Unreachable }

internal sealed record Taking(TakingKind Kind, TimeSpan After, int? Status, bool EarlyMedia);
