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
        context.WaitFor(CallSignals.Ended);
        var call = new CallScope(context);
        call.Ask(new HangUpLeg(call.Leg, "HangUp command"));
    }
}
