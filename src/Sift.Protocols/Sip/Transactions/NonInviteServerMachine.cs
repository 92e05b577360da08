namespace Sift.Protocols.Sip.Transactions;

internal enum NonInviteServerState
{
    Trying,
    Proceeding,
    Completed,
    Terminated,
}

internal enum NonInviteServerEvent
{
    SendProvisional,
    SendFinal,
    Request,
    TimerJ,
    TransportError,
}

/// <summary>RFC 3261 figure 8.</summary>
internal static class NonInviteServerMachine
{
    public static NonInviteServerState Next(NonInviteServerState state, NonInviteServerEvent @event) => state switch
    {
        NonInviteServerState.Trying => @event switch
        {
            NonInviteServerEvent.SendProvisional => NonInviteServerState.Proceeding,
            NonInviteServerEvent.SendFinal => NonInviteServerState.Completed,
            NonInviteServerEvent.Request => NonInviteServerState.Trying,
            NonInviteServerEvent.TimerJ => NonInviteServerState.Trying,
            NonInviteServerEvent.TransportError => NonInviteServerState.Trying,
        },
        NonInviteServerState.Proceeding => @event switch
        {
            NonInviteServerEvent.SendProvisional => NonInviteServerState.Proceeding,
            NonInviteServerEvent.SendFinal => NonInviteServerState.Completed,
            NonInviteServerEvent.Request => NonInviteServerState.Proceeding,
            NonInviteServerEvent.TimerJ => NonInviteServerState.Proceeding,
            NonInviteServerEvent.TransportError => NonInviteServerState.Terminated,
        },
        NonInviteServerState.Completed => @event switch
        {
            NonInviteServerEvent.SendProvisional => NonInviteServerState.Completed,
            NonInviteServerEvent.SendFinal => NonInviteServerState.Completed,
            NonInviteServerEvent.Request => NonInviteServerState.Completed,
            NonInviteServerEvent.TimerJ => NonInviteServerState.Terminated,
            NonInviteServerEvent.TransportError => NonInviteServerState.Terminated,
        },
        NonInviteServerState.Terminated => @event switch
        {
            NonInviteServerEvent.SendProvisional => NonInviteServerState.Terminated,
            NonInviteServerEvent.SendFinal => NonInviteServerState.Terminated,
            NonInviteServerEvent.Request => NonInviteServerState.Terminated,
            NonInviteServerEvent.TimerJ => NonInviteServerState.Terminated,
            NonInviteServerEvent.TransportError => NonInviteServerState.Terminated,
        },
    };
}
