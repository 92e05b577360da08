namespace Sift.Protocols.Sip.Dialogs;

internal enum ChangeState
{
    Idle,

    /// <summary>Our re-INVITE or UPDATE is open.</summary>
    Asking,

    /// <summary>It met one of theirs: we ask again after a random while (RFC 3261 14.1).</summary>
    Waiting,

    /// <summary>Theirs waits for the host's answer.</summary>
    Asked,

    /// <summary>Our 2xx to their re-INVITE waits for its ACK.</summary>
    Answered,
}

internal enum ChangeEvent
{
    Send,
    Settled,
    Glare,
    RetryDue,
    Receive,
    Answer,
    AnswerInvite,
    Refuse,
    Acknowledged,
}

/// <summary>Offer and answer after the first exchange (RFC 3261 14, RFC 3264 4, RFC 3311 5): one change at a time.</summary>
internal static class ChangeMachine
{
    public static ChangeState Next(ChangeState state, ChangeEvent @event) => state switch
    {
        ChangeState.Idle => @event switch
        {
            ChangeEvent.Send => ChangeState.Asking,
            ChangeEvent.Settled => ChangeState.Idle,
            ChangeEvent.Glare => ChangeState.Idle,
            ChangeEvent.RetryDue => ChangeState.Idle,
            ChangeEvent.Receive => ChangeState.Asked,
            ChangeEvent.Answer => ChangeState.Idle,
            ChangeEvent.AnswerInvite => ChangeState.Idle,
            ChangeEvent.Refuse => ChangeState.Idle,
            ChangeEvent.Acknowledged => ChangeState.Idle,
        },
        ChangeState.Asking => @event switch
        {
            ChangeEvent.Send => ChangeState.Asking,
            ChangeEvent.Settled => ChangeState.Idle,
            ChangeEvent.Glare => ChangeState.Waiting,
            ChangeEvent.RetryDue => ChangeState.Asking,
            ChangeEvent.Receive => ChangeState.Asking,
            ChangeEvent.Answer => ChangeState.Asking,
            ChangeEvent.AnswerInvite => ChangeState.Asking,
            ChangeEvent.Refuse => ChangeState.Asking,
            ChangeEvent.Acknowledged => ChangeState.Asking,
        },
        ChangeState.Waiting => @event switch
        {
            ChangeEvent.Send => ChangeState.Asking,
            ChangeEvent.Settled => ChangeState.Waiting,
            ChangeEvent.Glare => ChangeState.Waiting,
            ChangeEvent.RetryDue => ChangeState.Idle,
            ChangeEvent.Receive => ChangeState.Asked,
            ChangeEvent.Answer => ChangeState.Waiting,
            ChangeEvent.AnswerInvite => ChangeState.Waiting,
            ChangeEvent.Refuse => ChangeState.Waiting,
            ChangeEvent.Acknowledged => ChangeState.Waiting,
        },
        ChangeState.Asked => @event switch
        {
            ChangeEvent.Send => ChangeState.Asked,
            ChangeEvent.Settled => ChangeState.Asked,
            ChangeEvent.Glare => ChangeState.Asked,
            ChangeEvent.RetryDue => ChangeState.Asked,
            ChangeEvent.Receive => ChangeState.Asked,
            ChangeEvent.Answer => ChangeState.Idle,
            ChangeEvent.AnswerInvite => ChangeState.Answered,
            ChangeEvent.Refuse => ChangeState.Idle,
            ChangeEvent.Acknowledged => ChangeState.Asked,
        },
        ChangeState.Answered => @event switch
        {
            ChangeEvent.Send => ChangeState.Answered,
            ChangeEvent.Settled => ChangeState.Answered,
            ChangeEvent.Glare => ChangeState.Answered,
            ChangeEvent.RetryDue => ChangeState.Answered,
            ChangeEvent.Receive => ChangeState.Asked,
            ChangeEvent.Answer => ChangeState.Answered,
            ChangeEvent.AnswerInvite => ChangeState.Answered,
            ChangeEvent.Refuse => ChangeState.Answered,
            ChangeEvent.Acknowledged => ChangeState.Idle,
        },
    };
}
