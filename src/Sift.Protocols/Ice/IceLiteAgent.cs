using System.Text;
using Sift.Protocols.Rtp;
using Sift.Protocols.Stun;

namespace Sift.Protocols.Ice;

/// <summary>What the agent asks its host to do.</summary>
public interface IIceOutput
{
    /// <summary>Send these bytes to that address from the socket the request came in on.</summary>
    void SendStun(scoped ReadOnlySpan<byte> message, TransportAddress to);

    /// <summary>Media and DTLS go there from now on.</summary>
    void OnSelected(TransportAddress remote);

    /// <summary>No valid check came for 30 s (RFC 7675 5.1): the host must stop sending.</summary>
    void OnConsentLost();
}

/// <summary>Why a datagram was not answered, for counters.</summary>
public enum IceRefusal
{
    None,
    NotStun,
    WrongUser,
    NotAuthentic,
    Unexpected,
}

/// <summary>
/// The lite side of ICE (RFC 8445 2.5): answers checks, learns where the controlling peer is, follows its nominations and watches its consent.
/// Sans-IO: datagrams and times in, calls on <see cref="IIceOutput"/> out.
/// </summary>
public sealed class IceLiteAgent
{
    /// <summary>Sending stops this long after the last valid check (RFC 7675 5.1).</summary>
    public static readonly TimeSpan ConsentTimeout = TimeSpan.FromSeconds(30);

    private const int MostAddresses = 16;
    private readonly List<TransportAddress> _validated = [];
    private byte[] _password = [];
    private byte[] _expectedUser = [];
    private byte[] _previousPassword = [];
    private byte[] _previousUser = [];
    private bool _nominated;
    private bool _consentLost;
    private TimeSpan? _lastCheck;

    public IceLiteAgent(IceCredentials local, IceCredentials remote)
    {
        Local = local;
        Restart(local, remote);
    }

    public IceCredentials Local { get; private set; }

    /// <summary>Where to send; null until a check proved an address.</summary>
    public TransportAddress? Selected { get; private set; }

    /// <summary>When <see cref="OnTimer"/> wants to be called; null before the first check and after consent was lost.</summary>
    public TimeSpan? Deadline => _lastCheck is { } last && !_consentLost ? last + ConsentTimeout : null;

    /// <summary>True when a valid check came from there: only then may DTLS be listened to.</summary>
    public bool IsValidated(TransportAddress from) => _validated.Contains(from);

    /// <summary>
    /// Takes new credentials (RFC 8445 9): checks must use them from now on, while media keeps flowing to the old address until one arrives. Checks
    /// with the old ones, still on their way, are answered but change nothing.
    /// </summary>
    public void Restart(IceCredentials local, IceCredentials remote)
    {
        _previousPassword = _password;
        _previousUser = _expectedUser;
        Local = local;
        _password = Encoding.UTF8.GetBytes(local.Password);
        _expectedUser = Encoding.UTF8.GetBytes($"{local.Ufrag}:{remote.Ufrag}");
        _validated.Clear();
        _nominated = false;
    }

    /// <summary>Handles one STUN datagram from <paramref name="from"/>.</summary>
    public IceRefusal OnDatagram<TOutput>(scoped ReadOnlySpan<byte> datagram, TransportAddress from, TimeSpan now, ref TOutput output)
        where TOutput : IIceOutput, allows ref struct
    {
        if (!StunMessage.TryParse(datagram, out var message))
        {
            return IceRefusal.NotStun;
        }

        if (message.Type == StunMessageType.BindingIndication)
        {
            return IceRefusal.None;
        }

        if (message.Type != StunMessageType.BindingRequest)
        {
            return IceRefusal.Unexpected;
        }

        if (!message.TryGet(StunAttribute.Username, out var user))
        {
            return IceRefusal.WrongUser;
        }

        var current = user.SequenceEqual(_expectedUser);
        if (!current && !(user.SequenceEqual(_previousUser) && _previousUser.Length > 0))
        {
            return IceRefusal.WrongUser;
        }

        var password = current ? _password : _previousPassword;
        if (!message.IsAuthentic(password))
        {
            return IceRefusal.NotAuthentic;
        }

        Span<byte> reply = stackalloc byte[548];
        Span<ushort> unknown = stackalloc ushort[8];
        var unknownCount = message.UnknownRequired(unknown);
        if (unknownCount > 0)
        {
            // RFC 8489 6.3.1.1: 420 with the list of what is not understood.
            var refusal = new StunWriter(reply, StunMessageType.BindingError, message.TransactionId);
            refusal.AddError(420, "Unknown Attribute"u8);
            Span<byte> list = stackalloc byte[16];
            for (var i = 0; i < unknownCount; i++)
            {
                list[2 * i] = (byte)(unknown[i] >> 8);
                list[(2 * i) + 1] = (byte)unknown[i];
            }

            refusal.Add(StunAttribute.UnknownAttributes, list[..(2 * unknownCount)]);
            output.SendStun(reply[..refusal.Seal(password)], from);
            return IceRefusal.None;
        }

        if (message.Has(StunAttribute.IceControlled))
        {
            // RFC 8445 7.3.1.1: a lite agent is always controlled, so a peer that says it is controlled too must change its role.
            var conflict = new StunWriter(reply, StunMessageType.BindingError, message.TransactionId);
            conflict.AddError(487, "Role Conflict"u8);
            output.SendStun(reply[..conflict.Seal(password)], from);
            return IceRefusal.None;
        }

        var success = new StunWriter(reply, StunMessageType.BindingSuccess, message.TransactionId);
        success.AddXorMappedAddress(from.ToEndPoint());
        output.SendStun(reply[..success.Seal(password)], from);
        if (current)
        {
            Learn(from, message.Has(StunAttribute.UseCandidate), now, ref output);
        }

        return IceRefusal.None;
    }

    public void OnTimer<TOutput>(TimeSpan now, ref TOutput output)
        where TOutput : IIceOutput, allows ref struct
    {
        if (Deadline is { } due && now >= due)
        {
            _consentLost = true;
            output.OnConsentLost();
        }
    }

    private void Learn<TOutput>(TransportAddress from, bool useCandidate, TimeSpan now, ref TOutput output)
        where TOutput : IIceOutput, allows ref struct
    {
        _lastCheck = now;
        _consentLost = false;
        if (!_validated.Contains(from))
        {
            if (_validated.Count == MostAddresses)
            {
                _validated.RemoveAt(0);
            }

            _validated.Add(from);
        }

        // Until the peer nominates, the first address that proved itself serves, so that DTLS need not wait; a later nomination moves it,
        // also in mid-call when the peer's network changed.
        if (useCandidate ? !from.Equals(Selected) : !_nominated && !from.Equals(Selected) && (Selected is null || _validated.Count == 1))
        {
            Selected = from;
            output.OnSelected(from);
        }

        _nominated |= useCandidate;
    }
}
