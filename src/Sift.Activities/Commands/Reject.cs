using Sift.Activities.Calls;
using Sift.Activities.Routines;
using Sift.Media.Legs;
using Sift.Workflows.Activities;

namespace Sift.Activities.Commands;

/// <summary>Refuses a call that was not answered yet. One that was is hung up, because nothing else is left to do with it.</summary>
internal sealed class Reject : ICommand
{
    private static readonly ChoiceParameter Reason = new("reason", "What the caller is told.", "declined", "busy", "declined", "not_found");

    public CommandShape Shape { get; } = new("Reject", "Reject", "Refuses a call that was not answered; needs an application that answers on demand.", [Reason]) { Outcomes = [] };

    public ActivityDescriptor Descriptor => Shape.Descriptor;

    public void Start(ActivityContext context)
    {
        if (!Shape.Accepts(context))
        {
            return;
        }

        context.WaitFor(CallSignals.Ended);
        var call = new CallScope(context);
        if (call.IsUp || !call.IsIncoming)
        {
            context.Log("Reject came after the call was answered; it is hung up instead.");
            call.Ask(new HangUpLeg(call.Leg, "Reject command after the answer"));
            return;
        }

        call.Ask(new RejectLeg(call.Leg, Reason.In(context) switch
        {
            "busy" => LegEndCause.Busy,
            "not_found" => LegEndCause.NotFound,
            _ => LegEndCause.Declined,
        }));
    }
}
