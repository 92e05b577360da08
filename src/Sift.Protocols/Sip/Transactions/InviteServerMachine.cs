namespace Sift.Protocols.Sip.Transactions;

internal enum InviteServerState
{
    Proceeding,
    Completed,

    /// <summary>RFC 6026: a 2xx went out; repeated INVITEs are absorbed, the user repeats the 2xx.</summary>
    Accepted,
    Confirmed,
    Terminated,
}

internal enum InviteServerEvent
{
    SendProvisional,
    SendSuccess,
    SendFailure,
    Invite,
    Ack,
    TimerG,
    TimerH,
    TimerI,
    TimerL,
    TransportError,
}

/// <summary>RFC 3261 figure 7 as corrected by RFC 6026 figure 2.</summary>
internal static class InviteServerMachine
{
    public static InviteServerState Next(InviteServerState state, InviteServerEvent @event) => state switch
    {
        InviteServerState.Proceeding => @event switch
        {
            InviteServerEvent.SendProvisional => InviteServerState.Proceeding,
            InviteServerEvent.SendSuccess => InviteServerState.Accepted,
            InviteServerEvent.SendFailure => InviteServerState.Completed,
            InviteServerEvent.Invite => InviteServerState.Proceeding,
            InviteServerEvent.Ack => InviteServerState.Proceeding,
            InviteServerEvent.TimerG => InviteServerState.Proceeding,
            InviteServerEvent.TimerH => InviteServerState.Proceeding,
            InviteServerEvent.TimerI => InviteServerState.Proceeding,
            InviteServerEvent.TimerL => InviteServerState.Proceeding,
            InviteServerEvent.TransportError => InviteServerState.Proceeding,
        },
        InviteServerState.Completed => @event switch
        {
            InviteServerEvent.SendProvisional => InviteServerState.Completed,
            InviteServerEvent.SendSuccess => InviteServerState.Completed,
            InviteServerEvent.SendFailure => InviteServerState.Completed,
            InviteServerEvent.Invite => InviteServerState.Completed,
            InviteServerEvent.Ack => InviteServerState.Confirmed,
            InviteServerEvent.TimerG => InviteServerState.Completed,
            InviteServerEvent.TimerH => InviteServerState.Terminated,
            InviteServerEvent.TimerI => InviteServerState.Completed,
            InviteServerEvent.TimerL => InviteServerState.Completed,
            InviteServerEvent.TransportError => InviteServerState.Completed,
        },
        InviteServerState.Accepted => @event switch
        {
            InviteServerEvent.SendProvisional => InviteServerState.Accepted,
            InviteServerEvent.SendSuccess => InviteServerState.Accepted,
            InviteServerEvent.SendFailure => InviteServerState.Accepted,
            InviteServerEvent.Invite => InviteServerState.Accepted,
            InviteServerEvent.Ack => InviteServerState.Accepted,
            InviteServerEvent.TimerG => InviteServerState.Accepted,
            InviteServerEvent.TimerH => InviteServerState.Accepted,
            InviteServerEvent.TimerI => InviteServerState.Accepted,
            InviteServerEvent.TimerL => InviteServerState.Terminated,
            InviteServerEvent.TransportError => InviteServerState.Accepted,
        },
        InviteServerState.Confirmed => @event switch
        {
            InviteServerEvent.SendProvisional => InviteServerState.Confirmed,
            InviteServerEvent.SendSuccess => InviteServerState.Confirmed,
            InviteServerEvent.SendFailure => InviteServerState.Confirmed,
            InviteServerEvent.Invite => InviteServerState.Confirmed,
            InviteServerEvent.Ack => InviteServerState.Confirmed,
            InviteServerEvent.TimerG => InviteServerState.Confirmed,
            InviteServerEvent.TimerH => InviteServerState.Confirmed,
            InviteServerEvent.TimerI => InviteServerState.Terminated,
            InviteServerEvent.TimerL => InviteServerState.Confirmed,
            InviteServerEvent.TransportError => InviteServerState.Confirmed,
        },
        InviteServerState.Terminated => @event switch
        {
            InviteServerEvent.SendProvisional => InviteServerState.Terminated,
            InviteServerEvent.SendSuccess => InviteServerState.Terminated,
            InviteServerEvent.SendFailure => InviteServerState.Terminated,
            InviteServerEvent.Invite => InviteServerState.Terminated,
            InviteServerEvent.Ack => InviteServerState.Terminated,
            InviteServerEvent.TimerG => InviteServerState.Terminated,
            InviteServerEvent.TimerH => InviteServerState.Terminated,
            InviteServerEvent.TimerI => InviteServerState.Terminated,
            InviteServerEvent.TimerL => InviteServerState.Terminated,
            InviteServerEvent.TransportError => InviteServerState.Terminated,
        },
    };
}
