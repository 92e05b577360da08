using Sift.Media.Sip.Transports;
using Sift.Protocols;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;
using Sift.Protocols.Sip.UserAgent;

namespace Sift.Media.Sip;

/// <summary>
/// What the parts of the driver (trunks, registrar, legs) share: the core, its clock and its timers. Touched on the reactor only,
/// except <see cref="IReactor.Post"/>.
/// </summary>
internal interface ISipDriver : IReactor
{
    SipOptions Options { get; }

    SipUserAgent Agent { get; }

    /// <summary>The output to hand to every call of <see cref="Agent"/>.</summary>
    ISipUserAgentOutput Output { get; }

    ISipTransports Transports { get; }

    IEntropy Entropy { get; }

    /// <summary>The reactor's clock, the same during one input.</summary>
    TimeSpan Now { get; }

    /// <summary>Wall clock, for people and snapshots.</summary>
    DateTimeOffset WallClock { get; }

    /// <summary>Sends a request outside a dialog; <paramref name="answered"/> gets null when nothing came.</summary>
    void Request(SipRequest request, in SipFlow flow, SipCredentials? credentials, Action<SipResponse?> answered);
}
