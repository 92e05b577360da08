using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;
using Sift.Protocols.Sip.UserAgent;

namespace Sift.Protocols.Sip.Dialogs;

/// <summary>Whoever waits for the outcome of a request in a dialog.</summary>
internal interface IDialogRequestUser
{
    /// <summary>The final response; null when none came, which counts as 408 or 503 (RFC 3261 8.1.3.1).</summary>
    void OnOutcome(DialogRequest request, SipResponse? response, in Turn turn);
}

/// <summary>
/// One request in a dialog until its final response: a challenge is answered once, a 2xx to a re-INVITE is acknowledged, each
/// time it comes.
/// </summary>
internal sealed class DialogRequest(AgentContext context, Dialog dialog, string method, SipCredentials? credentials, IDialogRequestUser? user) : IClientTransactionUser
{
    private const int MostServers = 3;

    private SipRequest? _request;
    private InviteClientTransaction? _invite;
    private SentAck? _ack;
    private uint _sequence;
    private int _challenges;
    private SipFlow _flow;
    private int _servers = 1;

    public string Method => method;

    public Dialog Dialog => dialog;

    /// <summary>Header fields beside those of every request in a dialog.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Fields { get; init; } = [];

    public string? ContentType { get; init; }

    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Carries our Contact and capabilities: INVITE and UPDATE.</summary>
    public bool RefreshesTarget => method is "INVITE" or "UPDATE";

    public void Send(in Turn turn) => Send(null, dialog.RouteFlow(context.Flows), turn);

    /// <summary>Waits no longer for a re-INVITE that rings on: after a provisional timer B is off.</summary>
    public void Abandon()
    {
        if (_invite is { State: InviteClientState.Calling or InviteClientState.Proceeding } open)
        {
            open.Abandon();
        }
    }

    void IClientTransactionUser.OnResponse(SipResponse response, in RequestFacts facts, in Turn turn)
    {
        if (response.IsProvisional)
        {
            return;
        }

        if (method == "INVITE" && response.IsSuccess)
        {
            if (_ack is { } sent)
            {
                _ack = context.Transactions.RepeatAck(sent, dialog.RouteFlow(context.Flows), turn);
                return;
            }

            // RFC 3261 14.1 with 12.2: the target may have moved; the ACK goes to the new one.
            dialog.RefreshTarget(response);
            _ack = context.Transactions.SendAck(dialog.CreateAck(_sequence), dialog.RouteFlow(context.Flows), turn);
        }
        else if (response.IsSuccess && RefreshesTarget)
        {
            dialog.RefreshTarget(response);
        }

        if (DigestRetry.IsWorthwhile(response, _challenges) && credentials is not null && _request is not null)
        {
            _challenges++;
            Send(response, _flow, turn);
            return;
        }

        // RFC 3263 4.3: 503 is the failure of a server, as silence is; another may know the dialog.
        if (response.StatusCode == 503 && TryNextServer(turn))
        {
            return;
        }

        _request = null;
        user?.OnOutcome(this, response, turn);
    }

    void IClientTransactionUser.OnFailure(TransactionFailure failure, in Turn turn)
    {
        if (TryNextServer(turn))
        {
            return;
        }

        _request = null;
        user?.OnOutcome(this, null, turn);
    }

    private bool TryNextServer(in Turn turn)
    {
        if (_servers == MostServers || _request is null || !dialog.TryOtherFlow(context.Flows, _flow, out var flow))
        {
            return false;
        }

        _servers++;
        Send(null, flow, turn);
        return true;
    }

    private void Send(SipResponse? challenge, in SipFlow flow, in Turn turn)
    {
        _flow = flow;
        var request = dialog.CreateRequest(method);
        _sequence = dialog.LocalSequence;
        if (RefreshesTarget)
        {
            context.AddCapabilities(request, flow, dialog.ContactUser);
        }

        request.Headers.AddParsed("User-Agent", context.Options.Product);
        foreach (var (name, value) in Fields)
        {
            request.Headers.Add(name, value);
        }

        if (!Body.IsEmpty)
        {
            request.Headers.Add("Content-Type", ContentType ?? AgentContext.Sdp);
            request.Body = Body;
        }

        if (challenge is not null && !DigestRetry.TryAuthorise(request, challenge, credentials!, context.Tokens))
        {
            _request = null;
            user?.OnOutcome(this, challenge, turn);
            return;
        }

        _request = request;
        if (method == "INVITE")
        {
            _invite = context.Transactions.StartInvite(request, flow, this, turn);
        }
        else
        {
            context.Transactions.StartRequest(request, flow, this, turn);
        }
    }
}
