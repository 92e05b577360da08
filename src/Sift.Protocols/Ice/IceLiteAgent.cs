using Sift.Protocols.Rtp;
using Sift.Protocols.Stun;

namespace Sift.Protocols.Ice;

/// <summary>
/// The lite side of ICE (RFC 8445 2.5): answers checks, learns where the controlling peer is, follows its nominations and watches its consent.
/// </summary>
public sealed class IceLiteAgent : IIceAgent
{
    /// <summary>Sending stops this long after the last valid check (RFC 7675 5.1).</summary>
    public static readonly TimeSpan ConsentTimeout = TimeSpan.FromSeconds(30);

    private const int MostAddresses = 16;
    private readonly List<TransportAddress> _validated = [];
    private IceGeneration _generation;
    private IceGeneration? _previous;
    private bool _nominated;
    private bool _consentLost;
    private TimeSpan? _lastCheck;

    public IceLiteAgent(IceCredentials local, IceCredentials remote) => _generation = new IceGeneration(local, remote);

    public IceCredentials Local => _generation.Local;

    public TransportAddress? Selected { get; private set; }

    public TimeSpan? Deadline => _lastCheck is { } last && !_consentLost ? last + ConsentTimeout : null;

    public bool IsValidated(TransportAddress from) => _validated.Contains(from);

    /// <summary>Not needed: a lite agent learns addresses from the checks themselves.</summary>
    public void AddRemote(IceCandidate candidate)
    {
    }

    public void Restart(IceCredentials local, IceCredentials remote)
    {
        _previous = _generation;
        _generation = new IceGeneration(local, remote);
        _validated.Clear();
        _nominated = false;
    }

    public IceRefusal OnDatagram<TOutput>(scoped ReadOnlySpan<byte> datagram, TransportAddress from, TimeSpan now, ref TOutput output)
        where TOutput : IIceOutput, allows ref struct
    {
        if (!StunMessage.TryParse(datagram, out var message))
        {
            return IceRefusal.NotStun;
        }

        if (message.Type != StunMessageType.BindingRequest)
        {
            return IceRefusal.Unexpected;
        }

        var generation = _generation;
        var refusal = generation.Judge(message);
        if (refusal == IceRefusal.WrongUser && _previous is { } previous)
        {
            generation = previous;
            refusal = previous.Judge(message);
        }

        if (refusal != IceRefusal.None)
        {
            return refusal;
        }

        Span<byte> reply = stackalloc byte[IceReply.Longest];
        if (IceReply.UnknownAttributes(reply, message, generation.LocalKey) is > 0 and var unknown)
        {
            output.SendStun(reply[..unknown], from);
            return IceRefusal.None;
        }

        if (message.Has(StunAttribute.IceControlled))
        {
            // RFC 8445 7.3.1.1: a lite agent is always controlled, so a peer that says it is controlled too must change its role.
            output.SendStun(reply[..IceReply.RoleConflict(reply, message, generation.LocalKey)], from);
            return IceRefusal.None;
        }

        output.SendStun(reply[..IceReply.Success(reply, message, from, generation.LocalKey)], from);
        if (generation == _generation)
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
            output.OnValidated(from);
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
