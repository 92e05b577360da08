using System.Net;

namespace Sift.Media.Rtp;

/// <summary>Settings of the media engine (<c>Sift:Media</c>).</summary>
public sealed class MediaEngineOptions
{
    /// <summary>The address RTP sockets are bound to.</summary>
    public IPAddress BindAddress { get; set; } = IPAddress.Loopback;

    /// <summary>The lowest RTP port; rounded up to an even one.</summary>
    public int PortMin { get; set; } = 20000;

    /// <summary>The highest port used, RTCP ports included.</summary>
    public int PortMax { get; set; } = 29999;

    /// <summary>How long a freed port pair rests before another call gets it, so that late packets of the old call are not heard in the new one.</summary>
    public TimeSpan PortReuseDelay { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Pacing threads; 0 for one less than the number of cores, at least one.</summary>
    public int Threads { get; set; }

    /// <summary>Silence from the far end after which the owner is warned.</summary>
    public TimeSpan MediaLossWarning { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Silence from the far end after which the owner is told that media is gone.</summary>
    public TimeSpan MediaLossTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Differentiated services code point of RTP packets; 46 is Expedited Forwarding (RFC 3246).</summary>
    public int DifferentiatedServices { get; set; } = 46;
}
