using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Sip.Resolution;

/// <summary>
/// The servers behind host names in Contact, Route and redirects (RFC 3263), for a core that cannot wait: what is known is given at once,
/// what is not is looked up meanwhile. Bounded, since peers choose the names. Touched on the reactor only.
/// </summary>
internal sealed class NextHops(SipServerLocator locator, ISipDriver driver, CancellationToken stopping)
{
    internal const int MostNames = 1024;
    internal const int MostLookUps = 16;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongestLookUp = TimeSpan.FromSeconds(10);

    /// <summary>Also of a name that has no servers.</summary>
    private static readonly TimeSpan ShortestValidity = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestValidity = TimeSpan.FromMinutes(5);

    /// <summary>How long a server that failed comes after the others (RFC 3263 4.3).</summary>
    private static readonly TimeSpan Penalty = TimeSpan.FromSeconds(30);

    private readonly Dictionary<SipDomain, Hop> _hops = [];
    private readonly Dictionary<SipServer, TimeSpan> _failedUntil = [];
    private int _lookUps;

    /// <summary>The servers of a domain in the order to try; empty while they are not known.</summary>
    public IReadOnlyList<SipServer> Find(SipDomain domain)
    {
        var servers = Look(domain)?.Servers ?? [];
        return _failedUntil.Count == 0 ? servers : [.. servers.OrderBy(IsPenalised)];
    }

    /// <summary>A server did not answer, or said that it is in trouble.</summary>
    public void Failed(SipServer server)
    {
        if (_failedUntil.Count >= MostNames)
        {
            foreach (var (known, until) in _failedUntil)
            {
                if (until <= driver.Now)
                {
                    _failedUntil.Remove(known);
                }
            }
        }

        if (_failedUntil.Count < MostNames)
        {
            _failedUntil[server] = driver.Now + Penalty;
        }
    }

    /// <summary>Calls back once all of the domains are known, or after a while without some of them.</summary>
    /// <returns>False when they are known already, or cannot be looked up now: then it is not called.</returns>
    public bool Await(IEnumerable<SipDomain> domains, Action known)
    {
        Hop[] open = [.. domains.Select(Look).OfType<Hop>().Where(static hop => hop is { IsLookedUp: true, Servers.Count: 0 })];
        if (open.Length == 0)
        {
            return false;
        }

        var left = open.Length;
        var timer = driver.After(Patience, Once);
        foreach (var hop in open)
        {
            hop.Waiting += () =>
            {
                if (--left == 0)
                {
                    timer.Cancel();
                    Once();
                }
            };
        }

        return true;

        void Once()
        {
            left = 0;
            known();
        }
    }

    /// <summary>What is known of a domain, asked anew when that is nothing or too old. Null when there is no room to ask.</summary>
    private Hop? Look(SipDomain domain)
    {
        if (!_hops.TryGetValue(domain, out var hop))
        {
            if (_lookUps >= MostLookUps)
            {
                return null;
            }

            MakeRoom();
            _hops.Add(domain, hop = new Hop());
        }

        if (!hop.IsLookedUp && hop.ValidUntil <= driver.Now && _lookUps < MostLookUps)
        {
            LookUp(domain, hop);
        }

        return hop;
    }

    private void LookUp(SipDomain domain, Hop hop)
    {
        hop.IsLookedUp = true;
        _lookUps++;
        var late = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var located = locator.LocateAsync(domain, late.Token);
        if (located.IsCompletedSuccessfully)
        {
            late.Dispose();
            OnFound(hop, located.Result);
            return;
        }

        var timer = driver.After(LongestLookUp, late.Cancel);
        _ = AwaitAsync();

        async Task AwaitAsync()
        {
            var servers = await located.ConfigureAwait(false);
            driver.Post(() =>
            {
                timer.Cancel();
                late.Dispose();
                OnFound(hop, servers);
            });
        }
    }

    private void OnFound(Hop hop, SipServers found)
    {
        hop.IsLookedUp = false;
        _lookUps--;
        var validity = found.InOrder.Count == 0 || found.ValidFor < ShortestValidity ? ShortestValidity
            : found.ValidFor < LongestValidity ? found.ValidFor : LongestValidity;
        hop.ValidUntil = driver.Now + validity;
        if (found.InOrder.Count > 0)
        {
            // A name that stops resolving keeps its last servers: a broken resolver must not cut calls that are up.
            hop.Servers = found.InOrder;
        }

        var waiting = hop.Waiting;
        hop.Waiting = null;
        waiting?.Invoke();
    }

    private void MakeRoom()
    {
        if (_hops.Count < MostNames)
        {
            return;
        }

        // The one that was asked for longest ago; those being asked are few and stay.
        _hops.Remove(_hops.Where(static entry => !entry.Value.IsLookedUp).MinBy(static entry => entry.Value.ValidUntil).Key);
    }

    private bool IsPenalised(SipServer server) => _failedUntil.TryGetValue(server, out var until) && until > driver.Now;

    private sealed class Hop
    {
        public IReadOnlyList<SipServer> Servers { get; set; } = [];

        public TimeSpan ValidUntil { get; set; } = TimeSpan.MinValue;

        public bool IsLookedUp { get; set; }

        public Action? Waiting { get; set; }
    }
}
