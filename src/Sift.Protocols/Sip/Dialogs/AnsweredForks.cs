using Sift.Protocols.Sip.Transactions;
using Sift.Protocols.Sip.UserAgent;

namespace Sift.Protocols.Sip.Dialogs;

/// <summary>The dialogs that 2xx to one INVITE made, and their ACKs: each is sent again whenever its 2xx is (RFC 3261 13.2.2.4).</summary>
internal sealed class AnsweredForks(AgentContext context)
{
    private const int MaxForks = 32;

    private readonly List<Fork> _forks = new(1);

    public bool IsFull => _forks.Count == MaxForks;

    /// <param name="ack">Null while the host owes the answer that goes into it.</param>
    public void Add(Dialog dialog, SentAck? ack) => _forks.Add(new(dialog, ack));

    /// <summary>Acknowledges a repeated 2xx; false when it is the first of its dialog.</summary>
    public bool TryRepeat(string tag, in Turn turn)
    {
        var at = IndexOf(tag);
        if (at >= 0 && _forks[at] is { Ack: { } sent } fork)
        {
            _forks[at] = fork with { Ack = context.Transactions.RepeatAck(sent, fork.Dialog.RouteFlow(context.Flows), turn) };
        }

        return at >= 0;
    }

    /// <summary>True when the ACK of that dialog waits for the host's answer.</summary>
    public bool OwesAnswer(Dialog dialog) => IndexOf(dialog.RemoteTag) is >= 0 and var at && _forks[at].Ack is null;

    public void Acknowledged(Dialog dialog, in SentAck ack) => _forks[IndexOf(dialog.RemoteTag)] = new(dialog, ack);

    private int IndexOf(string tag)
    {
        for (var i = 0; i < _forks.Count; i++)
        {
            if (_forks[i].Dialog.RemoteTag == tag)
            {
                return i;
            }
        }

        return -1;
    }

    private readonly record struct Fork(Dialog Dialog, SentAck? Ack);
}
