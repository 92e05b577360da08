using System.Net;
using Sift.EndToEnd.Tests.Peers;
using Sift.TestKit;

namespace Sift.EndToEnd.Tests.Sip;

/// <summary>A carrier found through the domain name system (RFC 3263).</summary>
public sealed class ServerLocationTests
{
    [Fact]
    public async Task A_call_reaches_the_second_server_of_a_carrier_whose_first_is_dead()
    {
        var dead = Ports.Next();
        var living = Ports.Next();
        await using var dns = new DnsServer();
        dns.Pointer("carrier.test", 10, 10, "s", "SIP+D2U", "_sip._udp.carrier.test")
            .Service("_sip._udp.carrier.test", 10, 1, (ushort)dead, "edge.carrier.test")
            .Service("_sip._udp.carrier.test", 20, 1, (ushort)living, "edge.carrier.test")
            .Address("edge.carrier.test", IPAddress.Loopback);
        await using var server = await SiftServer.StartAsync(
            ("Sift__Sip__DnsServers__0", dns.EndPoint.ToString()),
            ("Sift__Trunks__0__Name", "carrier"),
            ("Sift__Trunks__0__Host", "carrier.test"),
            ("Sift__Trunks__0__Transport", "auto"),
            ("Sift__Trunks__0__KeepAliveInterval", "00:00:00"));
        await using var carrier = Sipp.Start(server.SipPort, "uas", out var directory, "-sn", "uas", "-p", living.ToString(), "-m", "2", "-mp", Ports.Range(4).ToString());
        await Eventually.True(() => !Ports.IsFree(living), TimeSpan.FromSeconds(10), () => $"sipp listens\n{carrier.Output}");
        var routine = """[{"name":"Pause","seconds":1},{"name":"HangUp"}]""";

        // The first call learns that the server is dead, the second knows it.
        foreach (var number in new[] { "+15556660001", "+15556660002" })
        {
            var created = await server.PostFormAsync("connections", ("phone_number", number), ("routine", routine));
            await server.ConnectionInAsync((string)created["connection_id"]!, "finished", TimeSpan.FromSeconds(30));
        }

        await carrier.WaitForExitAsync(TimeSpan.FromSeconds(20));
        var result = Sipp.SippResult.Read(directory, carrier.Output);
        Assert.True(result is { Successful: 2, Failed: 0 }, result.Errors + server.Output);
        Assert.True(dns.Asked("_sip._udp.carrier.test") > 0);
    }
}
