namespace Sift.Protocols.Sip.Transactions;

internal enum InviteClientState
{
    Calling,
    Proceeding,
    Completed,

    /// <summary>RFC 6026: answered by a 2xx; further 2xx of other forks, and repeated ones, still go to the user.</summary>
    Accepted,
    Terminated,
}

internal enum InviteClientEvent
{
    Provisional,
    Success,
    Failure,
    TimerA,
    TimerB,
    TimerD,
    TimerM,
    TransportError,
}

/// <summary>RFC 3261 figure 5 as corrected by RFC 6026 figure 1.</summary>
internal static class InviteClientMachine
{
    public static InviteClientState Next(InviteClientState state, InviteClientEvent @event) => state switch
    {
        InviteClientState.Calling => @event switch
        {
            InviteClientEvent.Provisional => InviteClientState.Proceeding,
            InviteClientEvent.Success => InviteClientState.Accepted,
            InviteClientEvent.Failure => InviteClientState.Completed,
            InviteClientEvent.TimerA => InviteClientState.Calling,
            InviteClientEvent.TimerB => InviteClientState.Terminated,
            InviteClientEvent.TimerD => InviteClientState.Calling,
            InviteClientEvent.TimerM => InviteClientState.Calling,
            InviteClientEvent.TransportError => InviteClientState.Terminated,
        },
        InviteClientState.Proceeding => @event switch
        {
            InviteClientEvent.Provisional => InviteClientState.Proceeding,
            InviteClientEvent.Success => InviteClientState.Accepted,
            InviteClientEvent.Failure => InviteClientState.Completed,
            InviteClientEvent.TimerA => InviteClientState.Proceeding,
            InviteClientEvent.TimerB => InviteClientState.Proceeding,
            InviteClientEvent.TimerD => InviteClientState.Proceeding,
            InviteClientEvent.TimerM => InviteClientState.Proceeding,
            InviteClientEvent.TransportError => InviteClientState.Terminated,
        },
        InviteClientState.Completed => @event switch
        {
            InviteClientEvent.Provisional => InviteClientState.Completed,
            InviteClientEvent.Success => InviteClientState.Completed,
            InviteClientEvent.Failure => InviteClientState.Completed,
            InviteClientEvent.TimerA => InviteClientState.Completed,
            InviteClientEvent.TimerB => InviteClientState.Completed,
            InviteClientEvent.TimerD => InviteClientState.Terminated,
            InviteClientEvent.TimerM => InviteClientState.Completed,
            InviteClientEvent.TransportError => InviteClientState.Terminated,
        },
        InviteClientState.Accepted => @event switch
        {
            InviteClientEvent.Provisional => InviteClientState.Accepted,
            InviteClientEvent.Success => InviteClientState.Accepted,
            InviteClientEvent.Failure => InviteClientState.Accepted,
            InviteClientEvent.TimerA => InviteClientState.Accepted,
            InviteClientEvent.TimerB => InviteClientState.Accepted,
            InviteClientEvent.TimerD => InviteClientState.Accepted,
            InviteClientEvent.TimerM => InviteClientState.Terminated,
            InviteClientEvent.TransportError => InviteClientState.Accepted,
        },
        InviteClientState.Terminated => @event switch
        {
            InviteClientEvent.Provisional => InviteClientState.Terminated,
            InviteClientEvent.Success => InviteClientState.Terminated,
            InviteClientEvent.Failure => InviteClientState.Terminated,
            InviteClientEvent.TimerA => InviteClientState.Terminated,
            InviteClientEvent.TimerB => InviteClientState.Terminated,
            InviteClientEvent.TimerD => InviteClientState.Terminated,
            InviteClientEvent.TimerM => InviteClientState.Terminated,
            InviteClientEvent.TransportError => InviteClientState.Terminated,
        },
    };
}
