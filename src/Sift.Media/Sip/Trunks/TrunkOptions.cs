namespace Sift.Media.Sip.Trunks;

/// <summary>One carrier: how calls leave to it and how its calls are recognised.</summary>
public sealed class TrunkOptions
{
    /// <summary>Short name, seen in <c>LegIncoming.Origin</c> as <c>trunk:NAME</c> and in the console.</summary>
    public string Name { get; set; } = "";

    /// <summary>The carrier's domain, the host name of its proxy, or an address. A domain is looked up as RFC 3263 says.</summary>
    public string Host { get; set; } = "";

    /// <summary>Port; 0 is what the carrier's SRV records say, else 5060, or 5061 for TLS.</summary>
    public int Port { get; set; }

    /// <summary>udp, tcp, tls, or auto: what the carrier's NAPTR and SRV records say (RFC 3263 4.1).</summary>
    public string Transport { get; set; } = "udp";

    /// <summary>Digest user name; empty when the carrier trusts our address.</summary>
    public string Username { get; set; } = "";

    /// <summary>Digest password.</summary>
    public string Password { get; set; } = "";

    /// <summary>Registers with the carrier, so that it sends us calls.</summary>
    public bool Register { get; set; }

    /// <summary>Registration interval asked for.</summary>
    public TimeSpan RegisterInterval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How often OPTIONS asks whether the carrier is there; zero turns it off.</summary>
    public TimeSpan KeepAliveInterval { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long a server of the carrier may leave an INVITE without any answer before the next one is tried, while there is a next one.
    /// </summary>
    public TimeSpan FailoverAfter { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>Addresses or CIDR blocks that the carrier's calls come from; literal <see cref="Host"/> addresses count without being listed.</summary>
    public IList<string> SourceAddresses { get; set; } = [];

    /// <summary>User name with which the carrier authenticates its calls to us; empty when its addresses are proof enough.</summary>
    public string InboundUsername { get; set; } = "";

    /// <summary>Password to <see cref="InboundUsername"/>.</summary>
    public string InboundPassword { get; set; } = "";

    /// <summary>Number prefixes this trunk serves, with or without the plus; empty serves every number.</summary>
    public IList<string> Prefixes { get; set; } = [];

    /// <summary>How numbers are written towards the carrier.</summary>
    public NumberFormat NumberFormat { get; set; } = NumberFormat.Plus;

    /// <summary>Number or name shown when a call brings no caller id of its own; empty for anonymous.</summary>
    public string DefaultCallerId { get; set; } = "";

    /// <summary>Puts the caller id in P-Asserted-Identity too (RFC 3325).</summary>
    public bool AssertIdentity { get; set; }
}

/// <summary>How an E.164 number is written in a request URI.</summary>
public enum NumberFormat
{
    /// <summary>+15554443333.</summary>
    Plus,

    /// <summary>15554443333.</summary>
    Digits,

    /// <summary>0015554443333.</summary>
    DoubleZero,
}
