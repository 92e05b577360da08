using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Protocols.Sip.UserAgent;

/// <summary>
/// What a <see cref="SipUserAgent"/> wants done and has to say. Called synchronously from within the call that caused it; every
/// method may call back into the user agent, with the same <c>now</c>.
/// </summary>
public interface ISipUserAgentOutput
{
    /// <summary>Sends one message. The bytes belong to the core: copy them if they cannot be sent at once.</summary>
    void Send(in SipFlow flow, ReadOnlySpan<byte> message);

    /// <summary>
    /// Somebody calls; 100 follows unless it is answered within the call of this method. Answer with <see cref="SipUserAgent.Provisional"/>, <see cref="SipUserAgent.Answer"/> or
    /// <see cref="SipUserAgent.Reject"/> (a 401 is a rejection; the retry is a new call). The body is the offer, or empty.
    /// </summary>
    void OnIncomingCall(SipCallId call, SipRequest invite, in SipFlow flow);

    /// <summary>Our call got a 180, 181, 183 …; <c>Body</c> may carry early media SDP. Several phones may ring: see <paramref name="leg"/>.</summary>
    /// <param name="leg">The To tag: tells early dialogs of a forked call apart; empty when the response had none.</param>
    void OnProvisional(SipCallId call, SipResponse response, string leg);

    /// <summary>
    /// Our call was answered, by the first 2xx. With <paramref name="owesAnswer"/> the body is an offer: give the answer with
    /// <see cref="SipUserAgent.Acknowledge"/>. Otherwise the ACK is already sent and the body is the answer (empty when it came before).
    /// </summary>
    void OnAnswered(SipCallId call, SipResponse response, bool owesAnswer);

    /// <summary>The ACK for our 200 (or the PRACK for an offer in a reliable provisional) is here; <paramref name="answer"/> is empty unless our 200 carried an offer.</summary>
    void OnAcknowledged(SipCallId call, ReadOnlyMemory<byte> answer);

    /// <summary>
    /// The far end changes the session by re-INVITE, UPDATE or PRACK: answer with <see cref="SipUserAgent.AnswerReoffer"/> or
    /// <see cref="SipUserAgent.RefuseReoffer"/>. An empty body (offerless re-INVITE) asks for an offer, its answer comes in
    /// <see cref="OnAcknowledged"/>.
    /// </summary>
    void OnReoffer(SipCallId call, SipRequest request);

    /// <summary>The offer we made with <see cref="SipUserAgent.Reoffer"/> (or repeated for the session timer) was accepted with this answer.</summary>
    void OnReofferAnswered(SipCallId call, SipResponse response);

    /// <summary>Our offer was refused and the session stays as it was. A 491 is retried inside and not reported.</summary>
    void OnReofferRefused(SipCallId call, int status);

    /// <summary>INFO in the dialog, already answered with 200 (application/dtmf-relay, application/dtmf).</summary>
    void OnInfo(SipCallId call, SipRequest info);

    /// <summary>The call is over. Said exactly once per call, and last.</summary>
    void OnEnded(SipCallId call, SipCallEnd end);

    /// <summary>A request outside a dialog that the host answers: the methods of <see cref="SipUserAgentOptions.HostMethods"/>.</summary>
    void OnRequest(SipInboundRequestId id, SipRequest request, in SipFlow flow);

    /// <summary>The final outcome of <see cref="SipUserAgent.Request"/>; null when nothing came (timer F) or the flow broke.</summary>
    void OnResponse(SipOutboundRequestId id, SipResponse? response);

    /// <summary>A message was refused or dropped by the core itself.</summary>
    void OnRefused(SipRefusal refusal, SipMessage? message, in SipFlow flow);
}
