using Sift.Media.Dtmf;
using Sift.Media.Legs;
using Sift.Protocols.Rtp;

namespace Sift.Media.Rtp;

/// <summary>Where the audio that goes out comes from: keys, then playback, then the partner, else silence.</summary>
internal sealed partial class SessionStream
{
    private SessionStream? _partner;
    private MediaBridge? _awaited;
    private FrameResampler? _fromPartner;
    private bool _relaying;
    private int _stepsSinceRelay = RelayGapSteps;

    public void Link(SessionStream partner)
    {
        _awaited = null;
        _partner = partner;
        _fromPartner = null;
        _relaying = false;
        _stepsSinceRelay = RelayGapSteps;
        Outlet.Unanchor();
    }

    public void WaitIn(MediaBridge bridge) => _awaited = bridge;

    public void LeaveBridge()
    {
        _awaited?.Cancel();
        _awaited = null;
        if (_partner is { } partner)
        {
            _partner = null;
            partner._partner = null;
            partner.Outlet.Unanchor();
            Outlet.Unanchor();
        }
    }

    /// <summary>Whether something local speaks to the far end, so that the partner has to wait.</summary>
    private bool Occupied => Player.Playing || KeysAreSent;

    private bool KeysAreSent => _keys.Active || _tone is { Active: true };

    private bool PartnerNeedsInput() =>
        _partner is { } partner && (!CanRelayTo(partner) || partner._tap is not null || partner._parameters is { MeterLevels: true });

    // Packets pass untouched only when the other end expects just what arrives here: encoding, clock and packet length.
    private bool CanRelayTo(SessionStream partner) =>
        _parameters is { } ours && partner._parameters is { } theirs
        && ours.Format.Name == theirs.Format.Name
        && ours.Format.ClockRate == theirs.Format.ClockRate
        && (Inlet.PacketMilliseconds == 0 || Inlet.PacketMilliseconds == theirs.SendPtime);

    private void RelayToPartner(InletPacket kind, in RtpHeader header, ReadOnlySpan<byte> payload)
    {
        if (_partner is not { } partner || !CanRelayTo(partner) || partner.Occupied || !_parameters!.ExpectsMedia)
        {
            return;
        }

        switch (kind)
        {
            case InletPacket.Audio:
                partner.Outlet.Relay(header, payload, partner._parameters!.Format.PayloadType);
                break;
            case InletPacket.Event when partner._parameters!.TelephoneEventPayloadType is { } payloadType:
                partner.Outlet.Relay(header, payload, payloadType);
                break;
            default:
                return;
        }

        partner._relaying = true;
        partner._stepsSinceRelay = 0;
    }

    /// <summary>A key that the relay did not carry is pressed again towards the partner.</summary>
    private void PassDigitOn(char digit, DigitSource source)
    {
        if (_partner is not { } partner || source == DigitSource.InBand)
        {
            return;
        }

        var relayed = source == DigitSource.TelephoneEvent && CanRelayTo(partner) && !partner.Occupied
            && partner._parameters!.TelephoneEventPayloadType is not null;
        if (!relayed)
        {
            partner._keys.Enqueue(digit);
        }
    }

    private void SendAudio(MediaParameters parameters)
    {
        if (SendKeys(parameters))
        {
            return;
        }

        if (Player.Playing)
        {
            Player.Read(_output);
            Outlet.SendFrame(_output);
            return;
        }

        if (_partner is { } partner && SendPartner(partner))
        {
            return;
        }

        Array.Clear(_output);
        Outlet.SendFrame(_output);
    }

    private bool SendPartner(SessionStream partner)
    {
        if (!partner.CanRelayTo(this))
        {
            _relaying = false;
            if (!partner.Inlet.Decoding)
            {
                return false;
            }

            HearPartner(partner);
            Outlet.SendFrame(_output);
            return true;
        }

        if (!_relaying || ++_stepsSinceRelay > RelayGapSteps)
        {
            _relaying = false;
            return false;
        }

        if (partner.Inlet.Decoding)
        {
            HearPartner(partner);
        }

        return true;
    }

    /// <summary>The partner's frame at our rate, into the output.</summary>
    private void HearPartner(SessionStream partner)
    {
        if (partner._input.Length == _output.Length)
        {
            partner._input.CopyTo(_output, 0);
            return;
        }

        var (theirs, ours) = (partner._input.Length * 50, _output.Length * 50);
        if (_fromPartner is not { } converter || converter.InputRate != theirs || converter.OutputRate != ours)
        {
            _fromPartner = converter = new FrameResampler(theirs, ours);
        }

        converter.Convert(partner._input, _output);
    }

    /// <returns>False when no key is being sent.</returns>
    private bool SendKeys(MediaParameters parameters)
    {
        if (!KeysAreSent)
        {
            return false;
        }

        Array.Clear(_output);
        if (parameters.TelephoneEventPayloadType is { } payloadType)
        {
            if (_keys.Next(Outlet.Clock, Outlet.ClockUnitsPerTick, parameters.Format.ClockRate) is { } packet)
            {
                Outlet.SendEvent(packet, payloadType);
                return true;
            }

            // Between two keys silence is sent, so that the far end's stream goes on.
            Outlet.SendFrame(_output);
            return true;
        }

        _tone ??= new DtmfTone(parameters.Format.SampleRate);
        if (!_tone.Active && _keys.TakeKey() is { } key)
        {
            _tone.Start(key);
        }

        _tone.Read(_output);
        Outlet.SendFrame(_output);
        return true;
    }
}
