using System.Text.RegularExpressions;
using Sift.Activities.Calls;
using Sift.Activities.Routines;
using Sift.Workflows.Activities;

namespace Sift.Activities.Commands;

/// <summary>Calls a browser client by name and joins it with the caller.</summary>
internal sealed partial class CallClient : ICommand
{
    private static readonly PatternParameter ClientName = new("client_name", "The name in the token the client authenticated with.", Name(), "must be the name of a client") { IsRequired = true, MaxLength = 128 };

    public CommandShape Shape { get; } = new("CallClient", "Call client", "Calls a browser client by name and joins it with the caller.", [ClientName, .. BridgedCall.Parameters])
    {
        Outputs = BridgedCall.Outputs,
        Outcomes = BridgedCall.Outcomes,
    };

    public ActivityDescriptor Descriptor => Shape.Descriptor;

    public void Start(ActivityContext context)
    {
        if (Shape.Accepts(context))
        {
            // No carrier asks for a number of ours here: the client sees who really calls.
            var call = new CallScope(context);
            BridgedCall.Start(context, "webrtc:" + ClientName.In(context), call.Connection.Text(call.IsIncoming ? "from" : "to"));
        }
    }

    public void Resume(ActivityContext context, ActivitySignal signal) => BridgedCall.Resume(context, signal);

    public void Cancel(ActivityContext context) => BridgedCall.Cancel(context);

    [GeneratedRegex(@"^[^\p{C}\s](?:[^\p{C}]*[^\p{C}\s])?$")]
    private static partial Regex Name();
}
