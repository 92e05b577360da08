using Sift.Media.Sip.Sandbox;
using Sift.Media.Sip.Trunks;

namespace Sift.Media.Sip;

/// <summary>How the SIP side of the server listens and behaves. Bound from <c>Sift:Sip</c>, <c>Sift:Trunks</c> and <c>Sift:Sandbox</c>.</summary>
public sealed class SipOptions
{
    /// <summary>The address to listen on: a literal IPv4 or IPv6 address.</summary>
    public string Host { get; set; } = "127.0.0.1";

    /// <summary>The UDP and TCP port; 0 lets the system choose one (tests).</summary>
    public int Port { get; set; } = 5060;

    /// <summary>The TLS port, used only with <see cref="CertificatePath"/>.</summary>
    public int TlsPort { get; set; } = 5061;

    /// <summary>PEM or PKCS 12 file with the server certificate; null leaves TLS off.</summary>
    public string? CertificatePath { get; set; }

    /// <summary>PEM file with the private key, when the certificate file does not hold it.</summary>
    public string? CertificateKeyPath { get; set; }

    /// <summary>Password of the PKCS 12 file or of the key.</summary>
    public string? CertificatePassword { get; set; }

    /// <summary>The address or host name that other parties reach us at, written in Contact and Via; null for the listening address.</summary>
    public string? PublicAddress { get; set; }

    /// <summary>The address in SDP (<c>Sift:Media:PublicAddress</c>); null for the address the RTP sockets are bound to.</summary>
    public string? MediaAddress { get; set; }

    /// <summary>The realm of our challenges and the host part of the names we own.</summary>
    public string Realm { get; set; } = "sift";

    /// <summary>Value of User-Agent and Server; empty sends none.</summary>
    public string UserAgent { get; set; } = "Sift";

    /// <summary>How long an incoming call waits for a Ring, Answer or Reject before it is refused with 480.</summary>
    public TimeSpan IncomingTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Session interval offered (RFC 4028); zero turns session timers off for calls we place.</summary>
    public TimeSpan SessionInterval { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>The kernel receive buffer asked for on the UDP socket, in bytes.</summary>
    public int ReceiveBufferBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>Stream connections accepted in all.</summary>
    public int MaxConnections { get; set; } = 4096;

    /// <summary>Stream connections accepted from one address.</summary>
    public int MaxConnectionsPerAddress { get; set; } = 128;

    /// <summary>A stream connection without a byte for this long is closed.</summary>
    public TimeSpan ConnectionIdleTimeout { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Name servers to ask for carriers and for host names in calls, as <c>192.0.2.53</c> or <c>192.0.2.53:5353</c>; empty for those of the system.</summary>
    public IList<string> DnsServers { get; set; } = [];

    /// <summary>Bench mode (<c>SIFT_BENCH=1</c>): unauthenticated calls from loopback to say, play, bridge and hook are let in.</summary>
    public bool BenchEnabled { get; set; }

    /// <summary>The virtual carrier for development.</summary>
    public SandboxOptions Sandbox { get; set; } = new();

    /// <summary>Carriers, in order of preference among equal prefixes.</summary>
    public IList<TrunkOptions> Trunks { get; set; } = [];
}
