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

    // What a browser trickles while its call rings; it has a dozen.
    private const int MostEarlyCandidates = 32;

    // A hello with post-quantum keys takes two datagrams.
    private const int MostParked = 4;

    private readonly IBrowserHost _host;
    private readonly BrowserLeg _leg;
    private readonly DtlsIdentity _identity;
    private readonly List<IceCandidate> _early = [];
    private readonly List<(TransportAddress From, byte[] Datagram)> _parked = [];
    private IIceAgent? _ice;
    private IceCredentials? _remote;
    private DtlsSession? _dtls;
    private RemoteSecurity? _security;
    private ReactorTimer? _iceTimer;
    private TimeSpan _iceDue;
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

        return _host.Routes.NewCredentials();
    }

    /// <summary>Takes on what an answer settled.</summary>
    /// <returns>True when a new DTLS association has to come up.</returns>
    public bool Apply(RemoteSecurity security, IceCredentials local)
    {
        var remote = new IceCredentials(security.IceUfrag, security.IcePwd);
        if (_ice is null)
        {
            _ice = NewAgent(local, remote, security.IceLite);
        }
        else if (remote != _remote)
        {
            _ice.Restart(local, remote);
            _restartedSinceHandshake = true;
        }

        _remote = remote;
        _host.Routes.Route(local.Ufrag, _leg);
        LearnCandidates(security);

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

    /// <summary>A trickled candidate; one that comes before the offer it belongs to was answered is kept until then.</summary>
    public void AddCandidate(IceCandidate candidate)
    {
        if (_ice is null)
        {
            if (_early.Count < MostEarlyCandidates)
            {
                _early.Add(candidate);
            }
        }
        else if (IsOfThisGeneration(candidate))
        {
            _ice.AddRemote(candidate);
            ArmIce();
        }
    }

    /// <summary>A STUN datagram that is for this leg.</summary>
    public IceRefusal OnStun(ReadOnlySpan<byte> datagram, TransportAddress from)
    {
        var self = this;
        var refusal = _ice?.OnDatagram(datagram, from, _host.Now, ref self) ?? IceRefusal.WrongUser;
        if (refusal == IceRefusal.None && !_closed)
        {
            _host.Routes.Bind(from, _leg);
        }

        ArmIce();

        return refusal;
    }

    /// <summary>A DTLS datagram from an address that was bound to this leg.</summary>
    public void OnDtls(ReadOnlySpan<byte> datagram, TransportAddress from)
    {
        if (_dtls is null || _closed || _ice is not { } ice)
        {
            _host.Counters.UnknownSource++;
        }
        else if (ice.IsValidated(from))
        {
            Receive(datagram, from);
        }
        else if (ice is IceAgent && _parked.Count < MostParked)
        {
            // A browser says hello as soon as its check is answered, which is a moment before it answers ours. Nothing is sent there until then.
            _parked.Add((from, datagram.ToArray()));
        }
        else
        {
            _host.Counters.UnknownSource++;
        }
    }

    private void Receive(ReadOnlySpan<byte> datagram, TransportAddress from)
    {
        var hello = IsClientHello(datagram);
        if (hello && !_host.Handshakes.TryBegin(from, _host.Now))
        {
            _host.Counters.HandshakesLimited++;
            return;
        }

        // After an ICE restart a page may come with a new association under the old certificate; its hello says so.
        if (hello && _restartedSinceHandshake && _dtls!.State is DtlsState.Connected or DtlsState.Closed)
        {
            Begin();
        }

        _dtlsPeer = from;
        var before = _dtls!.State;
        _dtls.Receive(datagram);
        Settle(before);
    }

    /// <summary>Why the leg did not come up in time.</summary>
    public string WhatIsMissing(TimeSpan limit) => _ice?.Selected is null
        ? $"no connectivity check {(_ice is IceAgent ? "between the server and the browser got through" : "of the browser arrived")} within {limit.TotalSeconds:0} s"
        : $"the DTLS handshake did not finish within {limit.TotalSeconds:0} s";

    /// <summary>Says goodbye and frees what is native.</summary>
    public void Close()
    {
        if (_closed)
        {
            return;
        }

        _closed = true;
        _iceTimer?.Cancel();
        _parked.Clear();
        _step?.Cancel();
        _dtls?.Close();
        _dtls?.Dispose();
        _dtls = null;
    }

    public void SendStun(scoped ReadOnlySpan<byte> message, TransportAddress to) => _host.Port.Send(message, to);

    public void OnValidated(TransportAddress remote)
    {
        _host.Routes.Bind(remote, _leg);
        StartAsClient(remote);
        var waiting = _parked.Where(p => p.From == remote).ToArray();
        _parked.RemoveAll(p => p.From == remote);
        foreach (var (from, datagram) in waiting)
        {
            OnDtls(datagram, from);
        }
    }

    public void OnSelected(TransportAddress remote) => _leg.OnSelected(remote);

    public void OnConsentLost()
    {
        _leg.Socket?.SendTo(null);
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
        _parked.Clear();
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
                _leg.Socket!.Use(dtls.Srtp!);
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

    /// <summary>The browser offers and so controls (RFC 8445 6.1.1), unless it is lite.</summary>
    private IIceAgent NewAgent(IceCredentials local, IceCredentials remote, bool peerIsLite) => _host.Options.Ice == IceMode.Full
        ? new IceAgent(peerIsLite ? IceRole.Controlling : IceRole.Controlled, local, remote, _host.Candidates.All, _host.Routes.NewTag(_leg), _host.Entropy)
        : new IceLiteAgent(local, remote);

    private void LearnCandidates(RemoteSecurity security)
    {
        foreach (var text in security.Candidates)
        {
            if (IceCandidate.TryParse(text, out var candidate))
            {
                _ice!.AddRemote(candidate);
            }
        }

        foreach (var candidate in _early.Where(IsOfThisGeneration))
        {
            _ice!.AddRemote(candidate);
        }

        _early.Clear();
        ArmIce();
    }

    private bool IsOfThisGeneration(IceCandidate candidate) => candidate.Ufrag is null || candidate.Ufrag == _remote!.Ufrag;

    private void ArmIce()
    {
        if (_closed || _ice?.Deadline is not { } due || (_iceTimer is not null && _iceDue <= due))
        {
            return;
        }

        _iceTimer?.Cancel();
        _iceDue = due;
        _iceTimer = _host.After(due > _host.Now ? due - _host.Now : TimeSpan.Zero, OnIceTimer);
    }

    private void OnIceTimer()
    {
        _iceTimer = null;
        if (!_closed)
        {
            var self = this;
            _ice!.OnTimer(_host.Now, ref self);
            ArmIce();
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
