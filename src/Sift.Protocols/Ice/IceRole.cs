namespace Sift.Protocols.Ice;

/// <summary>Who decides which pair is used (RFC 8445 6.1.1).</summary>
public enum IceRole
{
    /// <summary>Nominates: the side that offered, or a full agent whose peer is lite.</summary>
    Controlling,

    /// <summary>Follows the other side's nomination.</summary>
    Controlled,
}
