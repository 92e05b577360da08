using Sift.Protocols.Rtp;

namespace Sift.Protocols.Ice;

/// <summary>Where STUN messages leave.</summary>
public interface IStunOutput
{
    /// <summary>Send these bytes to that address from the shared socket, or on the stream that the address names.</summary>
    void SendStun(scoped ReadOnlySpan<byte> message, TransportAddress to);
}

/// <summary>What an agent asks its host to do.</summary>
public interface IIceOutput : IStunOutput
{
    /// <summary>That address has proven itself: DTLS from there may be listened to and answered.</summary>
    void OnValidated(TransportAddress remote);

    /// <summary>Media and DTLS go there from now on.</summary>
    void OnSelected(TransportAddress remote);

    /// <summary>The peer did not consent for 30 s (RFC 7675 5.1): the host must stop sending.</summary>
    void OnConsentLost();
}

/// <summary>Why a datagram was not used, for counters.</summary>
public enum IceRefusal
{
    None,
    NotStun,
    WrongUser,
    NotAuthentic,
    Unexpected,
}

/// <summary>One side of ICE for one component. Sans-IO: datagrams and times in, calls on <see cref="IIceOutput"/> out.</summary>
public interface IIceAgent
{
    IceCredentials Local { get; }

    /// <summary>Where to send; null until an address has proven itself.</summary>
    TransportAddress? Selected { get; }

    /// <summary>When <see cref="OnTimer"/> wants to be called; null for not at all. A time that has passed means at once.</summary>
    TimeSpan? Deadline { get; }

    /// <summary>Whether <see cref="IIceOutput.OnValidated"/> was said of that address since the last restart.</summary>
    bool IsValidated(TransportAddress from);

    /// <summary>Where the peer says it can be reached. An address that cannot be used, or one too many, is passed over.</summary>
    void AddRemote(IceCandidate candidate);

    /// <summary>
    /// Takes new credentials (RFC 8445 9): checks must use them from now on, while media keeps flowing to the old address until a new one has
    /// proven itself. Checks with the old ones, still on their way, are answered but change nothing.
    /// </summary>
    void Restart(IceCredentials local, IceCredentials remote);

    /// <summary>Handles one STUN datagram. <see cref="IceRefusal.None"/> means that its sender knows the credentials.</summary>
    IceRefusal OnDatagram<TOutput>(scoped ReadOnlySpan<byte> datagram, TransportAddress from, TimeSpan now, ref TOutput output)
        where TOutput : IIceOutput, allows ref struct;

    void OnTimer<TOutput>(TimeSpan now, ref TOutput output)
        where TOutput : IIceOutput, allows ref struct;
}
