using System.Text.Json.Nodes;
using Sift.Activities.Connections;
using Sift.Workflows.Journal;

namespace Sift.Web.Connections;

/// <summary>What the API asks of call control.</summary>
internal interface ICallControl
{
    /// <summary>
    /// Places a call under that id. Completes when the call is durably accepted: it will be dialled exactly once or reported failed. Accepting an
    /// id again changes nothing and returns the connection as it is.
    /// </summary>
    ValueTask<Connection> PlaceAsync(CallRequest request, CancellationToken cancellationToken);

    /// <summary>Replaces what runs on the connection. False when it has ended.</summary>
    ValueTask<bool> ReplaceRoutineAsync(string connectionId, JsonArray routine, CancellationToken cancellationToken);

    /// <summary>Hangs up, whatever runs. False when it has ended already.</summary>
    ValueTask<bool> HangUpAsync(string connectionId, CancellationToken cancellationToken);
}

/// <summary>An outbound call.</summary>
/// <param name="CallerId">Null for the account's first number.</param>
/// <param name="Routine">What to run once it is answered, when the status callback brings nothing; null for none.</param>
internal sealed record CallRequest(string ConnectionId, string AccountId, string PhoneNumber, string? StatusUrl, string? CallerId, TimeSpan? RingTimeout, JsonArray? Routine)
{
    /// <summary>The drawn flow that handles the call instead of a routine; null for a routine.</summary>
    public CallWorkflow? Workflow { get; init; }
}

/// <summary>A drawn flow for one call.</summary>
/// <param name="VersionId">Null for the version that is published when the call starts.</param>
/// <param name="Input">Values for the inputs of the flow, by name.</param>
internal sealed record CallWorkflow(string DefinitionId, string? VersionId, JsonObject? Input)
{
    /// <summary>Makes it a test call that is held at breakpoints; null for an ordinary one.</summary>
    public HoldPlan? Hold { get; init; }
}
