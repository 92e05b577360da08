using System.Net;

namespace Sift.Media.Rtp;

/// <summary>Which way audio may flow, seen from this host.</summary>
internal enum MediaDirection { SendReceive, SendOnly, ReceiveOnly, Inactive }

/// <summary>How far a packet's source address may differ from the address that signalling gave.</summary>
internal enum LatchPolicy
{
    /// <summary>Send to the signalled address and accept from nowhere else.</summary>
    SignalledOnly,

    /// <summary>Follow the first valid packets to another port of the signalled host.</summary>
    SignalledHost,

    /// <summary>Follow the first valid packets wherever they come from (a phone behind NAT signals a private address).</summary>
    AnyHost,
}

/// <summary>What offer and answer agreed on for one audio stream. Immutable: a re-INVITE configures a new one.</summary>
internal sealed record MediaParameters
{
    /// <summary>Where RTP goes until latching learns better. Port 0 or the unspecified address (old-style hold) means: send nothing.</summary>
    public required IPEndPoint Remote { get; init; }

    /// <summary>Where RTCP goes; null for the port after <see cref="Remote"/>.</summary>
    public IPEndPoint? RemoteControl { get; init; }

    /// <summary>The encoding sent, with the payload type that the far end expects.</summary>
    public required AudioFormat Format { get; init; }

    /// <summary>Payload type the far end uses for the same encoding when it differs (RFC 3264 6.1 allows asymmetry); null when equal.</summary>
    public byte? ReceivePayloadType { get; init; }

    /// <summary>Payload type of telephone-event (RFC 4733) as sent to the far end; null when it was not negotiated.</summary>
    public byte? TelephoneEventPayloadType { get; init; }

    /// <summary>Payload type of telephone-event as received; null when equal to the sent one.</summary>
    public byte? ReceiveTelephoneEventPayloadType { get; init; }

    public MediaDirection Direction { get; init; } = MediaDirection.SendReceive;

    /// <summary>Milliseconds of audio per packet sent: 10, 20, 30, 40 or 60 (the far end's <c>a=ptime</c>). Any length is accepted when received.</summary>
    public int SendPtime { get; init; } = 20;

    /// <summary>RTCP shares the RTP port (RFC 5761).</summary>
    public bool RtcpMux { get; init; }

    public LatchPolicy Latch { get; init; } = LatchPolicy.AnyHost;

    /// <summary>Keeps <see cref="MediaSession.InputLevel"/> and <see cref="MediaSession.OutputLevel"/> up to date (costs a decode per packet).</summary>
    public bool MeterLevels { get; init; }

    public bool MaySend => Direction is MediaDirection.SendReceive or MediaDirection.SendOnly
        && Remote.Port != 0 && !Remote.Address.Equals(IPAddress.Any) && !Remote.Address.Equals(IPAddress.IPv6Any);

    public bool ExpectsMedia => Direction is MediaDirection.SendReceive or MediaDirection.ReceiveOnly;
}
