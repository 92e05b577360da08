namespace Sift.Protocols.Sip.Dialogs;

internal enum CallState
{
    /// <summary>Our INVITE has no final response.</summary>
    Inviting,

    /// <summary>We gave our INVITE up and wait for its final response.</summary>
    Cancelling,

    /// <summary>Their INVITE waits for our final response.</summary>
    Ringing,

    /// <summary>Our 2xx waits for its ACK.</summary>
    Accepted,

    /// <summary>We hung up before the ACK came; RFC 3261 15: no BYE until then.</summary>
    Leaving,
    Confirmed,
    Ended,
}

internal enum CallEvent
{
    RemoteAnswer,
    LocalAnswer,
    Acknowledged,
    HangUp,

    /// <summary>A final refusal, theirs or ours.</summary>
    Refusal,

    /// <summary>CANCEL or BYE from the far end.</summary>
    RemoteHangUp,

    /// <summary>Time or transport gave out.</summary>
    Lost,
}

/// <summary>The life of an INVITE session (RFC 3261 12.3, 13, 15).</summary>
internal static class CallMachine
{
    public static CallState Next(CallState state, CallEvent @event) => state switch
    {
        CallState.Inviting => @event switch
        {
            CallEvent.RemoteAnswer => CallState.Confirmed,
            CallEvent.LocalAnswer => CallState.Inviting,
            CallEvent.Acknowledged => CallState.Inviting,
            CallEvent.HangUp => CallState.Cancelling,
            CallEvent.Refusal => CallState.Ended,
            CallEvent.RemoteHangUp => CallState.Inviting,
            CallEvent.Lost => CallState.Ended,
        },
        CallState.Cancelling => @event switch
        {
            CallEvent.RemoteAnswer => CallState.Ended,
            CallEvent.LocalAnswer => CallState.Cancelling,
            CallEvent.Acknowledged => CallState.Cancelling,
            CallEvent.HangUp => CallState.Cancelling,
            CallEvent.Refusal => CallState.Ended,
            CallEvent.RemoteHangUp => CallState.Cancelling,
            CallEvent.Lost => CallState.Ended,
        },
        CallState.Ringing => @event switch
        {
            CallEvent.RemoteAnswer => CallState.Ringing,
            CallEvent.LocalAnswer => CallState.Accepted,
            CallEvent.Acknowledged => CallState.Ringing,
            CallEvent.HangUp => CallState.Ended,
            CallEvent.Refusal => CallState.Ended,
            CallEvent.RemoteHangUp => CallState.Ended,
            CallEvent.Lost => CallState.Ended,
        },
        CallState.Accepted => @event switch
        {
            CallEvent.RemoteAnswer => CallState.Accepted,
            CallEvent.LocalAnswer => CallState.Accepted,
            CallEvent.Acknowledged => CallState.Confirmed,
            CallEvent.HangUp => CallState.Leaving,
            CallEvent.Refusal => CallState.Accepted,
            CallEvent.RemoteHangUp => CallState.Ended,
            CallEvent.Lost => CallState.Ended,
        },
        CallState.Leaving => @event switch
        {
            CallEvent.RemoteAnswer => CallState.Leaving,
            CallEvent.LocalAnswer => CallState.Leaving,
            CallEvent.Acknowledged => CallState.Ended,
            CallEvent.HangUp => CallState.Leaving,
            CallEvent.Refusal => CallState.Leaving,
            CallEvent.RemoteHangUp => CallState.Ended,
            CallEvent.Lost => CallState.Ended,
        },
        CallState.Confirmed => @event switch
        {
            CallEvent.RemoteAnswer => CallState.Confirmed,
            CallEvent.LocalAnswer => CallState.Confirmed,
            CallEvent.Acknowledged => CallState.Confirmed,
            CallEvent.HangUp => CallState.Ended,
            CallEvent.Refusal => CallState.Confirmed,
            CallEvent.RemoteHangUp => CallState.Ended,
            CallEvent.Lost => CallState.Ended,
        },
        CallState.Ended => @event switch
        {
            CallEvent.RemoteAnswer => CallState.Ended,
            CallEvent.LocalAnswer => CallState.Ended,
            CallEvent.Acknowledged => CallState.Ended,
            CallEvent.HangUp => CallState.Ended,
            CallEvent.Refusal => CallState.Ended,
            CallEvent.RemoteHangUp => CallState.Ended,
            CallEvent.Lost => CallState.Ended,
        },
    };
}
