namespace Sift.Protocols.Ice;

/// <summary>Where an address was learnt (RFC 8445 4); the values are the recommended type preferences (5.1.2.1).</summary>
public enum IceCandidateType
{
    Relayed = 0,
    ServerReflexive = 100,
    PeerReflexive = 110,
    Host = 126,
}
