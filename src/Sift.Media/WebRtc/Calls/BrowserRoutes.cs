using System.Text;
using Sift.Protocols;
using Sift.Protocols.Ice;
using Sift.Protocols.Rtp;
using Sift.Protocols.Stun;

namespace Sift.Media.WebRtc.Calls;

/// <summary>Which leg a datagram of the shared port is for: by ufrag, by the tag of our own check, by the address it comes from.</summary>
internal sealed class BrowserRoutes
{
    // A leg has one address, two while it moves; a peer that proves ever more of them loses the oldest.
    private const int MostAddresses = 32;

    private readonly IEntropy _entropy;
    private readonly Dictionary<string, BrowserLeg> _byUser = new(StringComparer.Ordinal);
    private readonly Dictionary<string, BrowserLeg>.AlternateLookup<ReadOnlySpan<char>> _byUserText;
    private readonly Dictionary<TransportAddress, BrowserLeg> _bySource = [];
    private readonly Dictionary<uint, BrowserLeg> _byTag = [];
    private readonly Dictionary<BrowserLeg, LegRoutes> _routes = [];

    public BrowserRoutes(IEntropy entropy)
    {
        _entropy = entropy;
        _byUserText = _byUser.GetAlternateLookup<ReadOnlySpan<char>>();
        GathererTag = RandomTag();
    }

    /// <summary>Of the questions to STUN servers, which belong to no leg.</summary>
    public uint GathererTag { get; }

    /// <summary>Fresh credentials whose ufrag no leg has.</summary>
    public IceCredentials NewCredentials()
    {
        while (true)
        {
            var credentials = IceCredentials.Create(_entropy);
            if (!_byUser.ContainsKey(credentials.Ufrag))
            {
                return credentials;
            }
        }
    }

    /// <summary>A tag for the leg's own checks: their answers come to it from now on.</summary>
    public uint NewTag(BrowserLeg leg)
    {
        while (true)
        {
            var tag = RandomTag();
            if (tag != GathererTag && _byTag.TryAdd(tag, leg))
            {
                RoutesOf(leg).Tag = tag;
                return tag;
            }
        }
    }

    /// <summary>Checks for that ufrag of ours come to that leg.</summary>
    public void Route(string user, BrowserLeg leg)
    {
        if (!_byUser.TryAdd(user, leg))
        {
            return;
        }

        // Checks under the credentials before these are still answered; older ones are gone.
        var users = RoutesOf(leg).Users;
        users.Enqueue(user);
        if (users.Count > 2)
        {
            _byUser.Remove(users.Dequeue());
        }
    }

    /// <summary>Datagrams from there are for that leg.</summary>
    public void Bind(TransportAddress source, BrowserLeg leg)
    {
        if (_bySource.TryGetValue(source, out var bound))
        {
            if (bound == leg)
            {
                return;
            }

            // Whoever proved the address last has it: a browser reuses a port for its next call.
            RoutesOf(bound).Sources.Remove(source);
        }

        var routes = RoutesOf(leg);
        _bySource[source] = leg;
        routes.Sources.Add(source);
        if (routes.Sources.Count > MostAddresses)
        {
            _bySource.Remove(routes.Sources[0]);
            routes.Sources.RemoveAt(0);
        }
    }

    /// <summary>No datagram is for that leg any more.</summary>
    public void Remove(BrowserLeg leg)
    {
        if (!_routes.Remove(leg, out var routes))
        {
            return;
        }

        foreach (var user in routes.Users)
        {
            _byUser.Remove(user);
        }

        foreach (var source in routes.Sources)
        {
            _bySource.Remove(source);
        }

        if (routes.Tag is { } tag)
        {
            _byTag.Remove(tag);
        }
    }

    public BrowserLeg? Find(TransportAddress source) => _bySource.GetValueOrDefault(source);

    /// <summary>The leg that a STUN message is for: a response by our own transaction id, a request by USERNAME up to the colon (RFC 8445 7.2.2).</summary>
    public BrowserLeg? Find(scoped StunMessage message)
    {
        if (message.IsResponse)
        {
            return _byTag.GetValueOrDefault(IceAgent.TagOf(message.TransactionId));
        }

        const int longestUser = 64;
        if (!message.TryGet(StunAttribute.Username, out var user))
        {
            return null;
        }

        var colon = user.IndexOf((byte)':');
        if (colon is <= 0 or > longestUser)
        {
            return null;
        }

        Span<char> text = stackalloc char[longestUser];
        var length = Encoding.ASCII.GetChars(user[..colon], text);
        return _byUserText.TryGetValue(text[..length], out var leg) ? leg : null;
    }

    private LegRoutes RoutesOf(BrowserLeg leg)
    {
        if (!_routes.TryGetValue(leg, out var routes))
        {
            _routes[leg] = routes = new LegRoutes();
        }

        return routes;
    }

    private uint RandomTag()
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        _entropy.Fill(bytes);
        return IceAgent.TagOf(bytes);
    }

    private sealed class LegRoutes
    {
        public Queue<string> Users { get; } = new();

        public List<TransportAddress> Sources { get; } = [];

        public uint? Tag { get; set; }
    }
}
