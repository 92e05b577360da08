using Sift.Activities.Calls;
using Sift.Activities.Routines;
using Sift.Workflows.Activities;

namespace Sift.Activities.Commands;

/// <summary>Waits. On a call that was not answered yet it goes on ringing.</summary>
internal sealed class Pause : ICommand
{
    private const string TimerKey = "pause";

    private static readonly NumberParameter Seconds = new("seconds", "How long to wait.", 0.1, 3600, 1);

    public CommandShape Shape { get; } = new("Pause", "Pause", "Waits in silence.", [Seconds, SharedParameters.OnDone]) { Outputs = Ending.Outputs };

    public ActivityDescriptor Descriptor => Shape.Descriptor;

    public void Start(ActivityContext context)
    {
        if (Shape.Accepts(context))
        {
            context.StartTimer(TimerKey, Seconds.SecondsIn(context)!.Value);
        }
    }

    public void Resume(ActivityContext context, ActivitySignal signal)
    {
        if (signal.Name == CallSignals.Timer)
        {
            Ending.Finish(context, SharedParameters.OnDone.In(context), "Done", []);
        }
        else
        {
            Ending.Resume(context, signal);
        }
    }

    public void Cancel(ActivityContext context) => Ending.Cancel(context);
}
