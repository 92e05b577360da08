using Sift.Testing.World;

namespace Sift.Testing;

/// <summary>
/// What a person on the phone does, step by step, without the test steering. A step that waits comes before the step it delays:
/// <c>script.AfterHearing("for bills").Presses("1").AfterSilence(TimeSpan.FromSeconds(4)).HangsUp()</c>.
/// </summary>
public sealed class CallerScript
{
    private readonly List<Step> _steps = [];

    internal IReadOnlyList<Step> Steps => _steps;

    /// <summary>Waits until a text, sound or voice that contains those words begins, unless it was heard since the last such wait.</summary>
    public CallerScript AfterHearing(string words) => Add(new Step(StepKind.Hearing) { Text = words });

    /// <summary>As <see cref="AfterHearing"/>, to the end of that text or sound.</summary>
    public CallerScript AfterTheEndOf(string words) => Add(new Step(StepKind.HearingOut) { Text = words });

    /// <summary>Waits until nothing was heard for that long.</summary>
    public CallerScript AfterSilence(TimeSpan silence) => Add(new Step(StepKind.Silence) { Time = silence });

    /// <summary>Waits.</summary>
    public CallerScript Waits(TimeSpan time) => Add(new Step(StepKind.Wait) { Time = time });

    /// <summary>Waits until that much time has passed since the call was answered.</summary>
    public CallerScript At(TimeSpan sinceAnswer) => Add(new Step(StepKind.At) { Time = sinceAnswer });

    /// <summary>Presses keys, 0-9, *, # and A-D, a quarter of a second apart.</summary>
    public CallerScript Presses(string keys) => Add(new Step(StepKind.Press) { Text = SimulatedLeg.Keys(keys) });

    /// <summary>Says something; it takes as long as Sift would need to say it, and is heard by whom the call is joined with.</summary>
    public CallerScript Speaks(string words) => Add(new Step(StepKind.Speak) { Text = words });

    /// <summary>Puts the call on hold.</summary>
    public CallerScript Holds() => Add(new Step(StepKind.Hold));

    /// <summary>Takes the call back from hold.</summary>
    public CallerScript Resumes() => Add(new Step(StepKind.Resume));

    /// <summary>Hangs up.</summary>
    public CallerScript HangsUp() => Add(new Step(StepKind.HangUp));

    /// <summary>Is gone without a word, as a phone whose network or battery fails.</summary>
    public CallerScript Vanishes() => Add(new Step(StepKind.Vanish));

    private CallerScript Add(Step step)
    {
        _steps.Add(step);
        return this;
    }
}

internal enum StepKind { Hearing, HearingOut, Silence, Wait, At, Press, Speak, Hold, Resume, HangUp, Vanish }

internal sealed record Step(StepKind Kind)
{
    public string Text { get; init; } = "";

    public TimeSpan Time { get; init; }
}
