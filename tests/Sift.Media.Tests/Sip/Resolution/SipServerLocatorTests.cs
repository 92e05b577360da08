using System.Net;
using Sift.Media.Sip.Resolution;
using Sift.Media.Tests.Rtp;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Tests.Sip.Resolution;

public sealed class SipServerLocatorTests : IDnsRecords
{
    private readonly Dictionary<string, IPAddress[]> _addresses = [];
    private readonly Dictionary<string, SrvRecord[]> _services = [];
    private readonly Dictionary<string, NaptrRecord[]> _pointers = [];
    private readonly List<string> _asked = [];
    private TimeSpan _servicesValidFor = TimeSpan.FromMinutes(10);

    [Fact]
    public void An_address_is_used_without_asking()
    {
        Assert.Equal(["Udp:192.0.2.1:5060"], Locate("192.0.2.1"));
        Assert.Equal(["Tls:[2001:db8::1]:5061"], Locate("2001:db8::1", transport: SipTransport.Tls));
        Assert.Equal(["Tcp:192.0.2.1:5080"], Locate("192.0.2.1", 5080, SipTransport.Tcp));
        Assert.Empty(_asked);
    }

    [Fact]
    public void A_domain_costs_a_limited_number_of_look_ups()
    {
        _pointers["example"] = [.. Enumerable.Range(0, 8).Select(static i => new NaptrRecord(i, 1, "s", "SIP+D2U", $"_sip{i}.example"))];
        for (var i = 0; i < 8; i++)
        {
            _services[$"_sip{i}.example"] = [.. Enumerable.Range(0, 16).Select(n => new SrvRecord(n, 1, 5060, $"nowhere{i}-{n}.example"))];
        }

        Assert.Empty(Locate("example"));
        Assert.Equal(SipServerLocator.MostQuestions, _asked.Count);
    }

    [Fact]
    public void With_a_port_the_name_is_a_host()
    {
        Host("proxy.example", "192.0.2.1", "192.0.2.2");
        _services["_sip._udp.proxy.example"] = [new(1, 1, 5099, "other.example")];

        Assert.Equal(["Udp:192.0.2.1:5080", "Udp:192.0.2.2:5080"], Locate("proxy.example", 5080));
        Assert.Equal(["proxy.example"], _asked);
    }

    [Fact]
    public void Pointers_choose_the_transport_by_order_and_preference()
    {
        Host("one.example", "192.0.2.1");
        Host("two.example", "192.0.2.2");
        _pointers["example"] =
        [
            new(50, 90, "s", "SIP+D2U", "_sip._udp.example"),
            new(50, 50, "s", "SIP+D2T", "_sip._tcp.example"),
            new(40, 90, "S", "SIPS+D2T", "_sips._tcp.elsewhere"),
        ];
        _services["_sip._udp.example"] = [new(1, 1, 5060, "one.example")];
        _services["_sip._tcp.example"] = [new(1, 1, 5070, "two.example")];
        _services["_sips._tcp.elsewhere"] = [new(1, 1, 5071, "two.example")];

        Assert.Equal(["Tls:192.0.2.2:5071", "Tcp:192.0.2.2:5070", "Udp:192.0.2.1:5060"], Locate("example"));
    }

    [Fact]
    public void Pointers_to_services_that_we_do_not_speak_count_as_none()
    {
        Host("one.example", "192.0.2.1");
        _pointers["example"] =
        [
            new(10, 10, "s", "SIP+D2S", "_sip._sctp.example"),
            new(20, 10, "u", "E2U+sip", ""),
        ];
        _services["_sip._udp.example"] = [new(1, 1, 5090, "one.example")];

        Assert.Equal(["Udp:192.0.2.1:5090"], Locate("example"));
    }

    [Fact]
    public void A_transport_that_the_address_names_asks_for_its_services_only()
    {
        Host("one.example", "192.0.2.1");
        _pointers["example"] = [new(10, 10, "s", "SIP+D2U", "_sip._udp.example")];
        _services["_sip._udp.example"] = [new(1, 1, 5060, "one.example")];
        _services["_sip._tcp.example"] = [new(1, 1, 5061, "one.example")];

        Assert.Equal(["Tcp:192.0.2.1:5061"], Locate("example", transport: SipTransport.Tcp));
    }

    [Fact]
    public void Without_services_the_host_itself_is_the_server()
    {
        Host("example", "192.0.2.1");

        Assert.Equal(["Udp:192.0.2.1:5060"], Locate("example"));
        Assert.Equal(["Tls:192.0.2.1:5061"], Locate("example", transport: SipTransport.Tls));
    }

    [Fact]
    public void A_service_that_is_decidedly_not_offered_is_not_looked_for_at_the_host()
    {
        Host("example", "192.0.2.1");
        _services["_sip._udp.example"] = [new(0, 0, 0, "")];

        Assert.Empty(Locate("example", transport: SipTransport.Udp));
    }

    [Fact]
    public void Lower_priorities_come_first_whatever_their_weight()
    {
        Host("backup.example", "192.0.2.9");
        Host("one.example", "192.0.2.1");
        _services["_sip._udp.example"] = [new(20, 65535, 5060, "backup.example"), new(10, 0, 5060, "one.example")];

        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(["Udp:192.0.2.1:5060", "Udp:192.0.2.9:5060"], Locate("example", transport: SipTransport.Udp, seed: i));
        }
    }

    [Fact]
    public void Equal_priorities_share_the_load_by_weight()
    {
        const int draws = 2_000;
        SrvRecord[] records = [new(1, 30, 5060, "light"), new(1, 90, 5060, "heavy"), new(1, 0, 5060, "spare")];
        var entropy = new SeededEntropy(7);
        var first = new Dictionary<string, int>();
        for (var i = 0; i < draws; i++)
        {
            var drawn = SrvOrder.Draw(records, entropy);
            Assert.Equal(records.Length, drawn.Distinct().Count());
            first[drawn[0].Target] = first.GetValueOrDefault(drawn[0].Target) + 1;
        }

        Assert.InRange(first["heavy"], draws * 70 / 100, draws * 79 / 100);
        Assert.InRange(first["light"], draws * 20 / 100, draws * 29 / 100);
        Assert.InRange(first.GetValueOrDefault("spare"), 1, draws * 3 / 100);
    }

    [Fact]
    public void The_shortest_time_to_live_of_the_chain_counts()
    {
        Host("one.example", "192.0.2.1");
        _servicesValidFor = TimeSpan.FromSeconds(42);
        _services["_sip._udp.example"] = [new(1, 1, 5060, "one.example")];

        Assert.Equal(TimeSpan.FromSeconds(42), Find(new("example", null, SipTransport.Udp), 1).ValidFor);
    }

    [Fact]
    public void A_domain_cannot_make_us_try_without_end()
    {
        Host("many.example", [.. Enumerable.Range(1, 200).Select(static i => $"198.51.100.{i}")]);
        _services["_sip._udp.example"] = [.. Enumerable.Range(1, 200).Select(static i => new SrvRecord(i, 1, i, "many.example"))];

        Assert.Equal(SipServerLocator.MostServers, Locate("example", transport: SipTransport.Udp).Count);
    }

    Task<DnsAnswer<IPAddress>> IDnsRecords.AddressesAsync(string name, CancellationToken cancellationToken) =>
        Answer(_addresses, name, TimeSpan.FromMinutes(30));

    Task<DnsAnswer<SrvRecord>> IDnsRecords.ServicesAsync(string name, CancellationToken cancellationToken) =>
        Answer(_services, name, _servicesValidFor);

    Task<DnsAnswer<NaptrRecord>> IDnsRecords.PointersAsync(string name, CancellationToken cancellationToken) =>
        Answer(_pointers, name, TimeSpan.FromHours(1));

    private void Host(string name, params string[] addresses) => _addresses[name] = [.. addresses.Select(IPAddress.Parse)];

    private List<string> Locate(string host, int? port = null, SipTransport? transport = null, int seed = 1) =>
        [.. Find(new(host, port, transport), seed).InOrder.Select(static server => server.ToString())];

    private SipServers Find(SipDomain domain, int seed)
    {
        var located = new SipServerLocator(this, new SeededEntropy(seed)).LocateAsync(domain, CancellationToken.None);
        Assert.True(located.IsCompletedSuccessfully);
        return located.GetAwaiter().GetResult();
    }

    private Task<DnsAnswer<T>> Answer<T>(Dictionary<string, T[]> records, string name, TimeSpan validFor)
    {
        _asked.Add(name);
        return Task.FromResult(records.TryGetValue(name, out var found) ? new DnsAnswer<T>(found, validFor) : DnsAnswer<T>.None);
    }
}
