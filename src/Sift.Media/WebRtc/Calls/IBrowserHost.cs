using Sift.Media.Audio;
using Sift.Media.Legs;
using Sift.Media.Rtp;
using Sift.Media.Sip;
using Sift.Media.WebRtc.Dtls;
using Sift.Media.WebRtc.Transport;
using Sift.Protocols;

namespace Sift.Media.WebRtc.Calls;

/// <summary>What a browser leg needs of its host. Touched on the reactor only, except <see cref="IReactor.Post"/>.</summary>
internal interface IBrowserHost : ILegMediaHost
{
    BrowserOptions Options { get; }

    IAudioSources Sources { get; }

    IBrowserSignalling Signalling { get; }

    IEntropy Entropy { get; }

    BrowserPortCounters Counters { get; }

    /// <summary>The certificate for legs that begin now.</summary>
    DtlsIdentity Identity { get; }

    HandshakeLimiter Handshakes { get; }

    ISharedSocket Port { get; }

    /// <summary>The address in SDP.</summary>
    string Address { get; }

    LocalCandidates Candidates { get; }

    /// <summary>False while a STUN server may yet tell of another candidate.</summary>
    bool HasAllCandidates { get; }

    BrowserRoutes Routes { get; }

    bool OpusAvailable { get; }

    /// <summary>The reactor's clock.</summary>
    TimeSpan Now { get; }

    /// <summary>The leg said its last word.</summary>
    void Forget(BrowserLeg leg);
}
