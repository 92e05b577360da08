using Microsoft.Extensions.Logging;
using Sift.Media.Audio;
using Sift.Media.Rtp;
using Sift.Media.WebRtc;

namespace Sift.Media;

/// <summary>Makes the browser side with the system's random source, for hosts that know nothing of the protocol cores.</summary>
public static class BrowserTelephony
{
    /// <summary>The legs, not started, on an engine that may carry telephones too.</summary>
    public static BrowserLegs Create(BrowserOptions options, MediaEngine engine, IAudioSources sources, TimeProvider time, ILoggerFactory loggers)
        => new(options, engine, sources, new SystemEntropy(), time, loggers.CreateLogger<BrowserLegs>());
}
