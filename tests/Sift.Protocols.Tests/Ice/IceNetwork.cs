using System.Buffers.Binary;
using System.Net;
using Sift.Protocols.Ice;
using Sift.Protocols.Rtp;
using Sift.Protocols.Stun;
using Sift.Protocols.Tests.Rtp;

namespace Sift.Protocols.Tests.Ice;

internal enum NatFilter
{
    /// <summary>Whoever knows the mapping gets through (RFC 4787: endpoint-independent filtering).</summary>
    None,

    /// <summary>Only those whom the inside has sent something.</summary>
    AddressAndPort,
}

/// <summary>A NAT in front of one host.</summary>
/// <param name="symmetric">Another mapping for each destination (address- and port-dependent mapping).</param>
internal sealed class Nat(IPAddress outside, NatFilter filter, bool symmetric = false)
{
    private readonly Dictionary<(TransportAddress Inner, TransportAddress? To), TransportAddress> _mappings = [];
    private readonly HashSet<(TransportAddress Outer, TransportAddress Peer)> _sentTo = [];
    private int _port = 40_000;

    public TransportAddress Outbound(TransportAddress inner, TransportAddress to)
    {
        var key = (inner, symmetric ? to : (TransportAddress?)null);
        if (!_mappings.TryGetValue(key, out var outer))
        {
            _mappings[key] = outer = TransportAddress.From(new IPEndPoint(outside, _port++));
        }

        _sentTo.Add((outer, to));
        return outer;
    }

    public TransportAddress? Inbound(TransportAddress outer, TransportAddress from) =>
        filter == NatFilter.None || _sentTo.Contains((outer, from))
            ? _mappings.Where(m => m.Value == outer).Select(static m => (TransportAddress?)m.Key.Inner).FirstOrDefault()
            : null;

    /// <summary>The NAT was restarted: nothing it knew holds any more.</summary>
    public void Forget()
    {
        _mappings.Clear();
        _sentTo.Clear();
    }
}

/// <summary>Hosts, NATs, delay and loss between agents, on one virtual clock.</summary>
internal sealed class IceNetwork(int seed = 1)
{
    private const int MostSteps = 1_000_000;

    private readonly Random _random = new(seed);
    private readonly Dictionary<TransportAddress, (Action<byte[], TransportAddress> Receive, Nat? Nat)> _hosts = [];
    private readonly List<Nat> _nats = [];
    private readonly PriorityQueue<Action, TimeSpan> _under = new();
    private readonly List<IcePeer> _peers = [];

    public TimeSpan Now { get; private set; }

    public double Loss { get; set; }

    public TimeSpan Delay { get; set; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Whether a datagram gets lost, by its ends as the wire shows them.</summary>
    public Func<TransportAddress, TransportAddress, bool> Loses { get; set; } = static (_, _) => false;

    /// <summary>What was sent, before loss: when, from which host, to where.</summary>
    public List<(TimeSpan At, TransportAddress From, TransportAddress To, byte[] Message)> Sent { get; } = [];

    public void Attach(TransportAddress at, Action<byte[], TransportAddress> receive, Nat? nat = null)
    {
        _hosts[at] = (receive, nat);
        if (nat is not null && !_nats.Contains(nat))
        {
            _nats.Add(nat);
        }
    }

    public void Detach(TransportAddress at) => _hosts.Remove(at);

    public void Add(IcePeer peer) => _peers.Add(peer);

    /// <summary>A public STUN server.</summary>
    public void AddStunServer(TransportAddress at) => Attach(at, (datagram, from) =>
    {
        Assert.True(StunMessage.TryParse(datagram, out var request));
        var buffer = new byte[548];
        var writer = new StunWriter(buffer, StunMessageType.BindingSuccess, request.TransactionId);
        writer.AddXorMappedAddress(from.ToEndPoint());
        Send(at, from, buffer.AsSpan(0, writer.Seal([])));
    });

    public void Send(TransportAddress from, TransportAddress to, ReadOnlySpan<byte> message)
    {
        var bytes = message.ToArray();
        Sent.Add((Now, from, to, bytes));
        var nat = _hosts.TryGetValue(from, out var sender) ? sender.Nat : null;
        var seen = nat?.Outbound(from, to) ?? from;
        if (_random.NextDouble() < Loss || Loses(seen, to))
        {
            return;
        }

        _under.Enqueue(() => Arrive(seen, to, bytes), Now + Delay);
    }

    /// <summary>Lets time pass until something is so, or at most that long.</summary>
    public bool Run(TimeSpan atMost, Func<bool>? until = null)
    {
        var end = Now + atMost;
        var steps = 0;
        while (until?.Invoke() != true)
        {
            Assert.True(++steps < MostSteps, "an agent asks to be called again and again");
            var next = end;
            if (_under.TryPeek(out _, out var arrival) && arrival < next)
            {
                next = arrival;
            }

            foreach (var peer in _peers)
            {
                if (peer.Deadline is { } due && due < next)
                {
                    next = due;
                }
            }

            if (next >= end)
            {
                Now = end;
                return until is null;
            }

            Now = next > Now ? next : Now;
            while (_under.TryPeek(out _, out var at) && at <= Now)
            {
                _under.Dequeue()();
            }

            foreach (var peer in _peers)
            {
                peer.OnTime();
            }
        }

        return true;
    }

    private void Arrive(TransportAddress from, TransportAddress to, byte[] bytes)
    {
        foreach (var nat in _nats)
        {
            if (nat.Inbound(to, from) is { } inner && _hosts.TryGetValue(inner, out var behind))
            {
                behind.Receive(bytes, from);
                return;
            }
        }

        // A private address is no way in from outside.
        if (_hosts.TryGetValue(to, out var host) && host.Nat is null)
        {
            host.Receive(bytes, from);
        }
    }
}

/// <summary>One agent with its socket on the network.</summary>
internal sealed class IcePeer : IIceOutput, IGathererOutput
{
    private const uint GathererTag = 1;

    private readonly IceNetwork _network;
    private readonly SeededEntropy _entropy;
    private readonly Nat? _nat;
    private readonly List<IceCandidate> _candidates;
    private readonly ReflexiveGatherer _gatherer;

    public IcePeer(IceNetwork network, string address, int seed, Nat? nat = null)
    {
        _network = network;
        _entropy = new SeededEntropy(seed);
        _nat = nat;
        _gatherer = new ReflexiveGatherer(GathererTag, _entropy);
        Address = At(address);
        Credentials = IceCredentials.Create(_entropy);
        _candidates = [new IceCandidate("1", IceCandidate.PriorityOf((int)IceCandidateType.Host, ushort.MaxValue), Address, IceCandidateType.Host)];
        network.Attach(Address, Receive, nat);
        network.Add(this);
    }

    public TransportAddress Address { get; private set; }

    public IceCredentials Credentials { get; set; }

    /// <summary>Of the agent at its beginning; random when null.</summary>
    public ulong? TieBreaker { get; init; }

    public IReadOnlyList<IceCandidate> Candidates => _candidates;

    public ReflexiveGatherer Gatherer => _gatherer;

    public IIceAgent Agent { get; private set; } = null!;

    public IceAgent Full => (IceAgent)Agent;

    public List<TransportAddress> Validated { get; } = [];

    public List<TransportAddress> Selections { get; } = [];

    public int ConsentLosses { get; private set; }

    public IceRefusal LastRefusal { get; private set; }

    public TimeSpan? Deadline => (Agent?.Deadline, _gatherer.Deadline) switch
    {
        ({ } agent, { } gatherer) => agent < gatherer ? agent : gatherer,
        var (agent, gatherer) => agent ?? gatherer,
    };

    public static TransportAddress At(string address) => TransportAddress.From(IPEndPoint.Parse(address));

    /// <summary>Asks a STUN server and waits for its answer.</summary>
    public void Gather(TransportAddress server)
    {
        _gatherer.Add(server, _network.Now);
        Assert.True(_network.Run(TimeSpan.FromSeconds(60), () => _gatherer.IsSettled));
        foreach (var mapped in _gatherer.Addresses)
        {
            _candidates.Add(new IceCandidate("2", IceCandidate.PriorityOf((int)IceCandidateType.ServerReflexive, ushort.MaxValue), mapped, IceCandidateType.ServerReflexive));
        }
    }

    public void Begin(IceRole role, IcePeer other) => Agent = new IceAgent(role, Credentials, other.Credentials, _candidates, 77, TieBreaker is { } tie ? new FirstFixed(tie, _entropy) : _entropy);

    public void BeginLite(IcePeer other) => Agent = new IceLiteAgent(Credentials, other.Credentials);

    public void Learn(IcePeer other)
    {
        foreach (var candidate in other.Candidates)
        {
            Agent.AddRemote(candidate);
        }
    }

    public void NewCredentials() => Credentials = IceCredentials.Create(_entropy);

    /// <summary>Another network: what was sent to the old address is lost.</summary>
    public void MoveTo(string address)
    {
        _network.Detach(Address);
        Address = At(address);
        _network.Attach(Address, Receive, _nat);
        _candidates.Clear();
        _candidates.Add(new IceCandidate("1", IceCandidate.PriorityOf((int)IceCandidateType.Host, ushort.MaxValue), Address, IceCandidateType.Host));
    }

    public void Receive(byte[] datagram, TransportAddress from)
    {
        Assert.True(StunMessage.TryParse(datagram, out var message));
        var self = this;
        LastRefusal = message.Type is not StunMessageType.BindingRequest && IceAgent.TagOf(message.TransactionId) == GathererTag
            ? _gatherer.OnDatagram(datagram, from, _network.Now, ref self)
            : Agent.OnDatagram(datagram, from, _network.Now, ref self);
    }

    public void OnTime()
    {
        var self = this;
        if (_gatherer.Deadline <= _network.Now)
        {
            _gatherer.OnTimer(_network.Now, ref self);
        }

        if (Agent?.Deadline <= _network.Now)
        {
            Agent.OnTimer(_network.Now, ref self);
        }
    }

    public void SendStun(scoped ReadOnlySpan<byte> message, TransportAddress to) => _network.Send(Address, to, message);

    public void OnValidated(TransportAddress remote) => Validated.Add(remote);

    public void OnSelected(TransportAddress remote) => Selections.Add(remote);

    public void OnConsentLost() => ConsentLosses++;

    public void OnReflexiveChanged()
    {
    }

    private sealed class FirstFixed(ulong first, IEntropy then) : IEntropy
    {
        private bool _taken;

        public void Fill(Span<byte> bytes)
        {
            if (_taken)
            {
                then.Fill(bytes);
                return;
            }

            _taken = true;
            BinaryPrimitives.WriteUInt64BigEndian(bytes, first);
        }
    }
}
