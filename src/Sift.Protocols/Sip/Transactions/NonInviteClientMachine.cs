namespace Sift.Protocols.Sip.Transactions;

internal enum NonInviteClientState
{
    Trying,
    Proceeding,
    Completed,
    Terminated,
}

internal enum NonInviteClientEvent
{
    Provisional,
    Final,
    TimerE,
    TimerF,
    TimerK,
    TransportError,
}

/// <summary>RFC 3261 figure 6.</summary>
internal static class NonInviteClientMachine
{
    public static NonInviteClientState Next(NonInviteClientState state, NonInviteClientEvent @event) => state switch
    {
        NonInviteClientState.Trying => @event switch
        {
            NonInviteClientEvent.Provisional => NonInviteClientState.Proceeding,
            NonInviteClientEvent.Final => NonInviteClientState.Completed,
            NonInviteClientEvent.TimerE => NonInviteClientState.Trying,
            NonInviteClientEvent.TimerF => NonInviteClientState.Terminated,
            NonInviteClientEvent.TimerK => NonInviteClientState.Trying,
            NonInviteClientEvent.TransportError => NonInviteClientState.Terminated,
        },
        NonInviteClientState.Proceeding => @event switch
        {
            NonInviteClientEvent.Provisional => NonInviteClientState.Proceeding,
            NonInviteClientEvent.Final => NonInviteClientState.Completed,
            NonInviteClientEvent.TimerE => NonInviteClientState.Proceeding,
            NonInviteClientEvent.TimerF => NonInviteClientState.Terminated,
            NonInviteClientEvent.TimerK => NonInviteClientState.Proceeding,
            NonInviteClientEvent.TransportError => NonInviteClientState.Terminated,
        },
        NonInviteClientState.Completed => @event switch
        {
            NonInviteClientEvent.Provisional => NonInviteClientState.Completed,
            NonInviteClientEvent.Final => NonInviteClientState.Completed,
            NonInviteClientEvent.TimerE => NonInviteClientState.Completed,
            NonInviteClientEvent.TimerF => NonInviteClientState.Completed,
            NonInviteClientEvent.TimerK => NonInviteClientState.Terminated,
            NonInviteClientEvent.TransportError => NonInviteClientState.Completed,
        },
        NonInviteClientState.Terminated => @event switch
        {
            NonInviteClientEvent.Provisional => NonInviteClientState.Terminated,
            NonInviteClientEvent.Final => NonInviteClientState.Terminated,
            NonInviteClientEvent.TimerE => NonInviteClientState.Terminated,
            NonInviteClientEvent.TimerF => NonInviteClientState.Terminated,
            NonInviteClientEvent.TimerK => NonInviteClientState.Terminated,
            NonInviteClientEvent.TransportError => NonInviteClientState.Terminated,
        },
    };
}
