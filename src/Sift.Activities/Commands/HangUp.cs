using Sift.Activities.Calls;
using Sift.Activities.Routines;
using Sift.Media.Legs;
using Sift.Workflows.Activities;

namespace Sift.Activities.Commands;

/// <summary>Ends the connection. It never completes: the end of the leg ends the whole instance.</summary>
internal sealed class HangUp : ICommand
{
    public CommandShape Shape { get; } = new("HangUp", "Hang up", "Ends the call.", []) { Outcomes = [] };

    public ActivityDescriptor Descriptor => Shape.Descriptor;

    public void Start(ActivityContext context)
    {
        var call = new CallScope(context);
        if (call.IsUndialled)
        {
            // There is no leg whose end could be waited for.
            context.Finish("hung up before it was dialled");
            return;
        }

        context.WaitFor(CallSignals.Ended);
        call.Ask(new HangUpLeg(call.Leg, "HangUp command"));
    }
}
