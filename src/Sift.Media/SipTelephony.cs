using Microsoft.Extensions.Logging;
using Sift.Media.Audio;
using Sift.Media.Rtp;
using Sift.Media.Sip;

namespace Sift.Media;

/// <summary>Makes the SIP side with the system's random source, for hosts that know nothing of the protocol cores.</summary>
public static class SipTelephony
{
    /// <summary>The engine and the legs it carries, neither started.</summary>
    public static (MediaEngine Engine, SipLegs Legs) Create(SipOptions sip, MediaEngineOptions media, IAudioSources sources, TimeProvider time, ILoggerFactory loggers, Sip.Tracing.ISipTrace? trace = null, Sip.Sandbox.IRegistrationStore? registrations = null)
    {
        var entropy = new SystemEntropy();
        var engine = new MediaEngine(media, entropy, time, loggers.CreateLogger<MediaEngine>());
        return (engine, new SipLegs(sip, engine, sources, entropy, time, loggers.CreateLogger<SipLegs>(), trace, registrations));
    }
}
