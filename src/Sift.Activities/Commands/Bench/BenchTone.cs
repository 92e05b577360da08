using Sift.Activities.Calls;
using Sift.Activities.Routines;
using Sift.Media.Legs;
using Sift.Workflows.Activities;

namespace Sift.Activities.Commands.Bench;

/// <summary>Plays a tone of an exact length, so that load figures do not depend on a voice. Bench mode only.</summary>
internal sealed class BenchTone : IBenchCommand
{
    private static readonly NumberParameter Seconds = new("seconds", "Length of the tone.", 0.02, 3600) { IsRequired = true };

    public CommandShape Shape { get; } = new("BenchTone", "Bench tone", "Plays a 1004 Hz tone.", [Seconds]);

    public ActivityDescriptor Descriptor => Shape.Descriptor;

    public void Start(ActivityContext context)
    {
        if (Shape.Accepts(context) && new CallScope(context).EnsureUp())
        {
            Begin(context);
        }
    }

    public void Resume(ActivityContext context, ActivitySignal signal)
    {
        if (signal.Name == CallSignals.Answered)
        {
            Begin(context);
        }
        else
        {
            Playing.LogFailure(context, Shape.Name, signal);
            context.Complete();
        }
    }

    public void Cancel(ActivityContext context) => new CallScope(context).StopPlaying();

    private static void Begin(ActivityContext context) =>
        new CallScope(context).Play([new ToneSource(ToneKind.Milliwatt) { Duration = Seconds.SecondsIn(context) }]);
}
