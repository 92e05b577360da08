using Sift.Media.Legs;
using Sift.Media.Sip.Calls.Outbound;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.UserAgent;

namespace Sift.Media.Sip.Calls;

/// <summary>A leg that we call: from the dial to the answer.</summary>
internal sealed partial class SipLeg
{
    /// <summary>A leg for an outbound call, to be started with <see cref="Dial"/> once it is known to its host.</summary>
    public static SipLeg Create(ILegHost host, DialLeg dial) =>
        new(host, dial.Leg, SipLegStage.Dialling, new LegAudio(host.Entropy, dial.PreferredCodecs));

    /// <summary>Places the call along a plan.</summary>
    public void Dial(DialLeg dial, DialPlan plan)
    {
        if (!OpenMedia())
        {
            End(LegEndCause.Error, null, "no free RTP port");
            return;
        }

        var offer = _audio.CreateOffer(MediaAddress, MediaPort);
        _outbound = new OutboundCall(_host, this, dial, plan, offer);
        _outbound.Start();
    }

    /// <summary>The phone of an outbound call rings.</summary>
    internal void Rings(SipResponse response)
    {
        if (Stage != SipLegStage.Dialling)
        {
            return;
        }

        var early = SipBodies.Sdp(response);
        if (!early.IsEmpty && !_earlyMedia && _audio.Preview(early) is { } parameters)
        {
            _earlyMedia = true;
            Media!.Configure(parameters);
        }

        // Phones repeat their 180 (RFC 3261 13.3.1.1), and several may ring: told once, and again when early media sets in.
        if (_toldRinging is null || _toldRinging != _earlyMedia)
        {
            _toldRinging = _earlyMedia;
            _host.Emit(new LegRinging(Id, _earlyMedia));
        }
    }

    /// <summary>One branch of an outbound call was answered first.</summary>
    internal void Connected(SipCallId call, SipResponse response, bool owesAnswer)
    {
        _call = call;
        _outbound = null;
        _host.Own(call, this);
        var sdp = SipBodies.Sdp(response);
        if (owesAnswer)
        {
            if (_audio.Answer(sdp, MediaAddress, MediaPort) is not { } answer)
            {
                _host.Agent.Acknowledge(call, default, _host.Now, _host.Output);
                FailConnected("no common audio format");
                return;
            }

            _host.Agent.Acknowledge(call, answer, _host.Now, _host.Output);
        }
        else if (!(sdp.IsEmpty ? _audio.AcceptPreview() : _audio.Accept(sdp)))
        {
            FailConnected("the answer holds no usable audio");
            return;
        }

        Apply();
        GoUp();
    }

    /// <summary>No branch of an outbound call was answered.</summary>
    internal void Failed(LegEndCause cause, int? status, string? detail) => End(cause, status, detail);

    private void FailConnected(string reason)
    {
        End(LegEndCause.Error, 488, reason);
        _host.Agent.HangUp(_call, SipFailures.ReasonHeader(reason), _host.Now, _host.Output);
    }
}
