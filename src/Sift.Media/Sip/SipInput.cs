using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Sip;

internal enum SipInputKind
{
    /// <summary>Payload is the parsed <see cref="SipMessage"/>.</summary>
    Message,

    /// <summary>Payload is what could be read, or null.</summary>
    Unparsable,

    FlowClosed,

    /// <summary>Payload is an <see cref="Action"/> to run on the reactor: a leg command, a media event, the end of a look-up.</summary>
    Work,
}

/// <summary>One entry of the reactor's mailbox.</summary>
internal readonly record struct SipInput(SipInputKind Kind, object? Payload, SipFlow Flow, SipParseError Error);
