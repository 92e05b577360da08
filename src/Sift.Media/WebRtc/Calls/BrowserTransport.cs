using Sift.Media.Legs;
using Sift.Media.Sip;
using Sift.Media.WebRtc.Dtls;
using Sift.Protocols.Ice;
using Sift.Protocols.Rtp;
using Sift.Protocols.Sdp;

namespace Sift.Media.WebRtc.Calls;

/// <summary>ICE and DTLS of one browser leg: proves addresses, shakes hands, gives keys to the media session.</summary>
internal sealed class BrowserTransport : IIceOutput
{
    private static readonly TimeSpan HandshakeStep = TimeSpan.FromMilliseconds(50);

    private readonly IBrowserHost _host;
    private readonly BrowserLeg _leg;
    private readonly DtlsIdentity _identity;
    private IceLiteAgent? _ice;
    private IceCredentials? _remote;
    private DtlsSession? _dtls;
    private RemoteSecurity? _security;
    private ReactorTimer? _consent;
    private ReactorTimer? _step;
    private TransportAddress _dtlsPeer;
    private bool _restartedSinceHandshake;
    private bool _closed;

    public BrowserTransport(IBrowserHost host, BrowserLeg leg)
    {
        _host = host;
        _leg = leg;
        _identity = host.Identity;
    }

    /// <summary>Of our certificate, for every answer of the leg.</summary>
    public string Fingerprint => _identity.Fingerprint;

    /// <summary>
    /// Our credentials for the answer to an offer: new ones when the peer changed its own, which is how an ICE restart is asked for
    /// (RFC 8839 4.4.1.1), else those in use.
    /// </summary>
    public IceCredentials CredentialsFor(SessionDescription offer)
    {
        var media = offer.Media.FirstOrDefault(m => m is { Type: "audio", Port: not 0 });
        if (_ice is { } ice && _remote is { } remote && media is not null
            && offer.IceUfragOf(media) == remote.Ufrag && offer.IcePwdOf(media) == remote.Password)
        {
            return ice.Local;
        }

        return _host.NewCredentials();
    }

    /// <summary>Takes on what an answer settled.</summary>
    /// <returns>True when a new DTLS association has to come up.</returns>
    public bool Apply(RemoteSecurity security, IceCredentials local)
    {
        var remote = new IceCredentials(security.IceUfrag, security.IcePwd);
        if (_ice is null)
        {
            _ice = new IceLiteAgent(local, remote);
        }
        else if (remote != _remote)
        {
            _ice.Restart(local, remote);
            _restartedSinceHandshake = true;
        }

        _remote = remote;
        _host.Route(local.Ufrag, _leg);

        // RFC 8842 5.5: the same fingerprints and role mean that the association goes on.
        var renewed = _security is null || _security.LocalSetup != security.LocalSetup
            || !_security.Fingerprints.SequenceEqual(security.Fingerprints);
        _security = security;
        if (renewed)
        {
            Begin();
        }

        return renewed;
    }

    /// <summary>A STUN datagram whose user is this leg.</summary>
    public IceRefusal OnStun(ReadOnlySpan<byte> datagram, TransportAddress from)
    {
        var self = this;
        var refusal = _ice?.OnDatagram(datagram, from, _host.Now, ref self) ?? IceRefusal.WrongUser;
        if (refusal == IceRefusal.None && !_closed && _ice!.IsValidated(from))
        {
            _host.Bind(from, _leg);
            _consent ??= _host.After(IceLiteAgent.ConsentTimeout, WatchConsent);
            StartAsClient(from);
        }

        return refusal;
    }

    /// <summary>A DTLS datagram from an address that was bound to this leg.</summary>
    public void OnDtls(ReadOnlySpan<byte> datagram, TransportAddress from)
    {
        if (_dtls is null || _closed || _ice is not { } ice || !ice.IsValidated(from))
        {
            _host.Counters.UnknownSource++;
            return;
        }

        var hello = IsClientHello(datagram);
        if (hello && !_host.Handshakes.TryBegin(from, _host.Now))
        {
            _host.Counters.HandshakesLimited++;
            return;
        }

        // After an ICE restart a page may come with a new association under the old certificate; its hello says so.
        if (hello && _restartedSinceHandshake && _dtls.State is DtlsState.Connected or DtlsState.Closed)
        {
            Begin();
        }

        _dtlsPeer = from;
        var before = _dtls.State;
        _dtls.Receive(datagram);
        Settle(before);
    }

    /// <summary>Why the leg did not come up in time.</summary>
    public string WhatIsMissing(TimeSpan limit) => _ice?.Selected is null
        ? $"no connectivity check of the browser arrived within {limit.TotalSeconds:0} s"
        : $"the DTLS handshake did not finish within {limit.TotalSeconds:0} s";

    /// <summary>Says goodbye and frees what is native.</summary>
    public void Close()
    {
        if (_closed)
        {
            return;
        }

        _closed = true;
        _consent?.Cancel();
        _step?.Cancel();
        _dtls?.Close();
        _dtls?.Dispose();
        _dtls = null;
    }

    public void SendStun(scoped ReadOnlySpan<byte> message, TransportAddress to) => _host.Port.Send(message, to);

    public void OnSelected(TransportAddress remote) => _leg.OnSelected(remote);

    public void OnConsentLost()
    {
        _leg.Media?.Socket.SendTo(null);
        _leg.OnTransportFailed(LegEndCause.MediaTimeout, "the browser's connectivity checks stopped");
    }

    private void StartAsClient(TransportAddress proven)
    {
        if (_security is { LocalSetup: DtlsSetup.Active } && _dtls is { State: DtlsState.Handshaking } dtls && _dtlsPeer.IsEmpty)
        {
            // RFC 8842: our hello could not leave before an address was proven.
            _dtlsPeer = proven;
            dtls.Start();
        }
    }

    private void Begin()
    {
        _dtls?.Dispose();
        var expected = _security!.Fingerprints.Select(f => new DtlsFingerprint(f.Hash, f.Value)).ToArray();
        _dtlsPeer = default;
        _restartedSinceHandshake = false;
        _dtls = new DtlsSession(_identity, expected, _security.LocalSetup != DtlsSetup.Active, SendDtls);
        _step ??= _host.After(HandshakeStep, Step);
    }

    // OpenSSL repeats its flights by its own clock; somebody has to look at it.
    private void Step()
    {
        _step = null;
        if (_dtls is { State: DtlsState.Handshaking } dtls && !_closed)
        {
            if (!_dtlsPeer.IsEmpty)
            {
                dtls.OnTick();
            }

            _step = _host.After(HandshakeStep, Step);
        }
    }

    private void Settle(DtlsState before)
    {
        var dtls = _dtls!;
        if (dtls.State == before)
        {
            return;
        }

        switch (dtls.State)
        {
            case DtlsState.Connected:
                _host.Counters.Handshakes++;
                _leg.Media!.Socket.Use(dtls.Srtp!);
                _leg.OnSecured();
                break;
            case DtlsState.Closed:
                _leg.OnGoodbye();
                break;
            case DtlsState.Failed:
                _host.Counters.HandshakesFailed++;
                _leg.OnTransportFailed(LegEndCause.Error, dtls.Error ?? "DTLS failed");
                break;
            case DtlsState.Handshaking:
                break;
        }
    }

    private void WatchConsent()
    {
        _consent = null;
        if (_closed || _ice is not { } ice)
        {
            return;
        }

        var self = this;
        ice.OnTimer(_host.Now, ref self);
        if (!_closed && ice.Deadline is { } deadline)
        {
            _consent = _host.After(deadline - _host.Now, WatchConsent);
        }
    }

    private void SendDtls(ReadOnlyMemory<byte> datagram)
    {
        var to = !_dtlsPeer.IsEmpty ? _dtlsPeer : _ice?.Selected ?? default;
        if (!to.IsEmpty)
        {
            _host.Port.Send(datagram.Span, to);
        }
    }

    // RFC 6347 4.1 and 4.2.2: a handshake record (22) of epoch 0 with the beginning of a client_hello (1, fragment offset 0).
    private static bool IsClientHello(ReadOnlySpan<byte> datagram) =>
        datagram.Length >= 25 && datagram[0] == 22 && datagram[3] == 0 && datagram[4] == 0 && datagram[13] == 1
        && !datagram.Slice(19, 3).ContainsAnyExcept((byte)0);
}
