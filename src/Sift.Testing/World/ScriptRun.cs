namespace Sift.Testing.World;

/// <summary>Follows a script on a leg: waits for what each step waits for, then does it.</summary>
internal sealed class ScriptRun(SimulatedNetwork network, SimulatedLeg leg, IReadOnlyList<Step> steps)
{
    private int _next;
    private int _heardUpTo;
    private bool _isWaiting;
    private bool _isLooking;
    private bool _hasBegun;

    /// <summary>The call was answered.</summary>
    public void Begin()
    {
        _hasBegun = true;
        Look();
    }

    /// <summary>Something has changed on the leg.</summary>
    public void Look()
    {
        if (!_hasBegun || _isWaiting || _isLooking)
        {
            return;
        }

        // Acting makes itself heard; what follows from that is looked at by this loop.
        _isLooking = true;
        while (_next < steps.Count && leg.Stage == LegStage.Up && Try(steps[_next]))
        {
            _next++;
            if (_isWaiting)
            {
                break;
            }
        }

        _isLooking = false;
    }

    private bool Try(Step step)
    {
        switch (step.Kind)
        {
            case StepKind.Hearing:
                return TryHear(step.Text, toTheEnd: false);
            case StepKind.HearingOut:
                return TryHear(step.Text, toTheEnd: true);
            case StepKind.Silence:
                return TrySilence(step.Time);
            case StepKind.Wait:
                Pause(step.Time);
                return true;
            case StepKind.At:
                Pause(leg.AnsweredAt!.Value + step.Time - network.Now);
                return true;
            case StepKind.Press:
                leg.Press(step.Text);
                Pause(SimulatedLeg.TimeFor(step.Text));
                return true;
            case StepKind.Speak:
                Pause(leg.Speak(step.Text));
                return true;
            case StepKind.Hold:
                leg.Hold(true);
                return true;
            case StepKind.Resume:
                leg.Hold(false);
                return true;
            case StepKind.Vanish:
                leg.Vanish();
                return true;
            case StepKind.HangUp:
                network.HangUp(leg);
                return true;
            default:
                return true;
        }
    }

    private bool TryHear(string words, bool toTheEnd)
    {
        for (var i = _heardUpTo; i < leg.Heard.Count; i++)
        {
            if (leg.Heard[i].Contains(words))
            {
                if (toTheEnd && leg.Heard[i].Until is null)
                {
                    return false;
                }

                _heardUpTo = i + 1;
                return true;
            }
        }

        return false;
    }

    private bool TrySilence(TimeSpan silence)
    {
        if (leg.SilentSince is not { } since)
        {
            return false;
        }

        var left = since + silence - network.Now;
        if (left <= TimeSpan.Zero)
        {
            return true;
        }

        network.After(left, Look);
        return false;
    }

    private void Pause(TimeSpan time)
    {
        if (time > TimeSpan.Zero)
        {
            _isWaiting = true;
            network.After(time, () =>
            {
                _isWaiting = false;
                Look();
            });
        }
    }
}
