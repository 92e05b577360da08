namespace Sift.Protocols.Sip.UserAgent;

/// <summary>Why a message was refused or dropped without the host having a say. For counters and logs.</summary>
public enum SipRefusal
{
    /// <summary>400: unreadable, or a mandatory header is missing.</summary>
    Malformed,

    /// <summary>505.</summary>
    VersionNotSupported,

    /// <summary>405: a method we know and do not take.</summary>
    MethodNotAllowed,

    /// <summary>501: a method we do not know.</summary>
    MethodUnknown,

    /// <summary>416.</summary>
    UriScheme,

    /// <summary>420.</summary>
    BadExtension,

    /// <summary>415.</summary>
    MediaType,

    /// <summary>406.</summary>
    NotAcceptable,

    /// <summary>422.</summary>
    SessionIntervalTooSmall,

    /// <summary>481.</summary>
    UnknownDialog,

    /// <summary>482: the same request over two paths.</summary>
    Merged,

    /// <summary>483.</summary>
    TooManyHops,

    /// <summary>491: both ends changed the session at once.</summary>
    Glare,

    /// <summary>500 with Retry-After: out of order, or a change while another is open.</summary>
    OutOfOrder,

    /// <summary>503: the host drains, or has too many calls.</summary>
    Overloaded,

    /// <summary>A response or ACK that belongs to nothing: dropped.</summary>
    Stray,
}
