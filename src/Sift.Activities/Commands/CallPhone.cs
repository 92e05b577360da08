using System.Text.RegularExpressions;
using Sift.Activities.Calls;
using Sift.Activities.Routines;
using Sift.Workflows.Activities;

namespace Sift.Activities.Commands;

/// <summary>Calls a phone number and joins it with the caller.</summary>
internal sealed partial class CallPhone : ICommand
{
    private static readonly PatternParameter PhoneNumber = new("phone_number", "The number to call, E.164.", E164(), "must be an E.164 number such as +15550100200") { IsRequired = true };

    public CommandShape Shape { get; } = new("CallPhone", "Call phone", "Calls a phone number and joins it with the caller.", [PhoneNumber, .. BridgedCall.Parameters])
    {
        Outputs = BridgedCall.Outputs,
        Outcomes = BridgedCall.Outcomes,
    };

    public ActivityDescriptor Descriptor => Shape.Descriptor;

    public void Start(ActivityContext context)
    {
        if (Shape.Accepts(context))
        {
            BridgedCall.Start(context, PhoneNumber.In(context)!);
        }
    }

    public void Resume(ActivityContext context, ActivitySignal signal) => BridgedCall.Resume(context, signal);

    public void Cancel(ActivityContext context) => BridgedCall.Cancel(context);

    [GeneratedRegex(@"^\+[1-9][0-9]{1,14}$")]
    internal static partial Regex E164();
}
