using Sift.Activities.Calls;
using Sift.Activities.Routines;
using Sift.Workflows.Activities;

namespace Sift.Activities.Commands.Bench;

/// <summary>Joins the caller with the load generator's far end, which is no phone number. Bench mode only.</summary>
internal sealed class BenchBridge : IBenchCommand
{
    private static readonly TextParameter To = new("to", "Where to call.") { IsRequired = true };

    public CommandShape Shape { get; } = new("BenchBridge", "Bench bridge", "Calls the load generator and joins it with the caller.", [To, .. BridgedCall.Parameters])
    {
        Outputs = BridgedCall.Outputs,
        Outcomes = BridgedCall.Outcomes,
    };

    public ActivityDescriptor Descriptor => Shape.Descriptor;

    public void Start(ActivityContext context)
    {
        if (Shape.Accepts(context))
        {
            BridgedCall.Start(context, To.In(context)!);
        }
    }

    public void Resume(ActivityContext context, ActivitySignal signal) => BridgedCall.Resume(context, signal);

    public void Cancel(ActivityContext context) => BridgedCall.Cancel(context);
}
