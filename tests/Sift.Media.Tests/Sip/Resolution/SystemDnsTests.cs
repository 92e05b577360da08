using System.Net;
using Sift.Media.Sip.Resolution;
using Sift.TestKit;

namespace Sift.Media.Tests.Sip.Resolution;

/// <summary>Against a name server in the test, over real datagrams.</summary>
public sealed class SystemDnsTests : IAsyncLifetime
{
    private readonly DnsServer _server = new();
    private SystemDns _dns = null!;

    public Task InitializeAsync()
    {
        _dns = new SystemDns([_server.EndPoint.ToString()]);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Reads_the_records_that_lead_to_a_sip_server()
    {
        _server.Pointer("carrier.test", 50, 10, "s", "SIP+D2U", "_sip._udp.carrier.test", 300)
            .Service("_sip._udp.carrier.test", 10, 60, 5080, "edge.carrier.test", 120)
            .Address("edge.carrier.test", IPAddress.Parse("192.0.2.7"), 30);

        var pointers = await _dns.PointersAsync("carrier.test", default);
        var services = await _dns.ServicesAsync("_sip._udp.carrier.test", default);
        var addresses = await _dns.AddressesAsync("edge.carrier.test", default);

        Assert.Equal(new NaptrRecord(50, 10, "s", "SIP+D2U", "_sip._udp.carrier.test"), Assert.Single(pointers.Records));
        Assert.Equal(TimeSpan.FromSeconds(300), pointers.ValidFor);
        Assert.Equal(new SrvRecord(10, 60, 5080, "edge.carrier.test"), Assert.Single(services.Records));
        Assert.Equal(TimeSpan.FromSeconds(120), services.ValidFor);
        Assert.Equal(IPAddress.Parse("192.0.2.7"), Assert.Single(addresses.Records));
        Assert.Equal(TimeSpan.FromSeconds(30), addresses.ValidFor);
    }

    [Fact]
    public async Task A_service_that_is_not_offered_has_an_empty_target()
    {
        _server.Service("_sip._udp.closed.test", 0, 0, 0, ".");

        Assert.Equal("", Assert.Single((await _dns.ServicesAsync("_sip._udp.closed.test", default)).Records).Target);
    }

    [Fact]
    public async Task Asks_once_while_the_records_live()
    {
        _server.Service("_sip._udp.cached.test", 1, 1, 5060, "a.test");

        await _dns.ServicesAsync("_sip._udp.cached.test", default);
        await _dns.ServicesAsync("_sip._udp.cached.test", default);

        Assert.Equal(1, _server.Asked("_sip._udp.cached.test"));
    }

    [Fact]
    public async Task An_unknown_name_is_an_empty_answer()
    {
        Assert.Empty((await _dns.AddressesAsync("nobody.test", default)).Records);
        Assert.Empty((await _dns.ServicesAsync("_sip._udp.nobody.test", default)).Records);
    }

    [Fact]
    public async Task Without_servers_of_its_own_it_knows_the_names_of_the_system() =>
        Assert.Contains(IPAddress.Loopback, (await new SystemDns([]).AddressesAsync("localhost", default)).Records);

    [Fact]
    public void A_name_server_is_an_address() =>
        Assert.Contains("192.0.2.53", Assert.Throws<ArgumentException>(static () => new SystemDns(["ns.example"])).Message, StringComparison.Ordinal);
}
