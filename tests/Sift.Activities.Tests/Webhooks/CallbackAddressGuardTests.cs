using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using Sift.Activities.Webhooks;

namespace Sift.Activities.Tests.Webhooks;

public sealed class CallbackAddressGuardTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData("http://127.0.0.1/", "loopback")]
    [InlineData("http://127.8.9.1/", "loopback")]
    [InlineData("http://[::1]/", "loopback")]
    [InlineData("http://10.1.2.3/", "private")]
    [InlineData("http://172.16.0.1/", "private")]
    [InlineData("http://172.31.255.255/", "private")]
    [InlineData("http://192.168.1.1/", "private")]
    [InlineData("http://100.64.0.1/", "private")]
    [InlineData("http://169.254.169.254/latest", "link-local")]
    [InlineData("http://[fe80::1]/", "link-local")]
    [InlineData("http://[fd00::1]/", "private")]
    [InlineData("http://[::ffff:127.0.0.1]/", "loopback")]
    [InlineData("http://[::ffff:10.0.0.1]/", "private")]
    [InlineData("http://[64:ff9b::127.0.0.1]/", "loopback")]
    [InlineData("http://[64:ff9b::a00:1]/", "private")]
    [InlineData("http://[64:ff9b:1::1]/", "private")]
    [InlineData("http://[2002:7f00:1::]/", "loopback")]
    [InlineData("http://[2001:0:1::1]/", "reserved")]
    [InlineData("http://[::127.0.0.1]/", "reserved")]
    [InlineData("http://0.0.0.0/", "reserved")]
    [InlineData("http://[::]/", "reserved")]
    [InlineData("http://224.0.0.1/", "multicast")]
    [InlineData("http://255.255.255.255/", "reserved")]
    [InlineData("http://2130706433/", "127.0.0.1 in disguise")]
    [InlineData("http://0x7f000001/", "127.0.0.1 in disguise")]
    [InlineData("http://0177.0.0.1/", "127.0.0.1 in disguise")]
    [InlineData("http://127.1/", "127.0.0.1 in disguise")]
    [InlineData("http://134744072/", "8.8.8.8 in disguise")]
    [InlineData("http://user:secret@example.com/", "credentials")]
    [InlineData("ftp://example.com/", "http or https")]
    [InlineData("file:///etc/passwd", "http or https")]
    [InlineData("http://example.com:22/", "port 22")]
    [InlineData("http://example.com:25/", "port 25")]
    public void Refuses_what_is_not_the_customers_to_reach(string url, string reason) =>
        Assert.Contains(reason, new CallbackAddressGuard(false, Timeout).Refuse(new Uri(url)));

    [Theory]
    [InlineData("http://8.8.8.8/")]
    [InlineData("https://example.com/hooks")]
    [InlineData("http://example.com:8080/")]
    [InlineData("http://[2606:4700::1111]/")]
    [InlineData("http://172.32.0.1/")]
    [InlineData("http://100.128.0.1/")]
    [InlineData("http://[64:ff9b::808:808]/")]
    public void Lets_public_places_pass(string url) => Assert.Null(new CallbackAddressGuard(false, Timeout).Refuse(new Uri(url)));

    [Theory]
    [InlineData("http://127.0.0.1:5000/", true)]
    [InlineData("http://192.168.1.1:99/", true)]
    [InlineData("http://[::1]:5000/", true)]
    [InlineData("http://169.254.169.254/", false)]
    [InlineData("http://0.0.0.0/", false)]
    [InlineData("http://2130706433/", false)]
    public void Private_networks_can_be_opened_but_not_the_metadata_service(string url, bool allowed) =>
        Assert.Equal(allowed, new CallbackAddressGuard(true, Timeout).Refuse(new Uri(url)) is null);

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData("8.8.8.8,127.0.0.1")]
    public async Task A_name_that_leads_inside_is_refused_when_the_connection_is_made(string addresses)
    {
        var guard = new CallbackAddressGuard(false, Timeout, (_, _) => Task.FromResult(addresses.Split(',').Select(IPAddress.Parse).ToArray()));
        Assert.Null(guard.Refuse(new Uri("http://innocent.example/")));
        using var client = new HttpClient(guard.CreateHandler());

        var problem = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("http://innocent.example/"));

        Assert.IsType<CallbackRefusedException>(problem.GetBaseException());
    }

    [Fact]
    public async Task The_connection_goes_to_the_address_that_was_checked_and_the_name_is_looked_up_once()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var lookups = 0;
        var guard = new CallbackAddressGuard(true, Timeout, (_, _) => Task.FromResult<IPAddress[]>([lookups++ == 0 ? IPAddress.Loopback : IPAddress.Parse("169.254.169.254")]));
        using var client = new HttpClient(guard.CreateHandler());
        var serving = ServeAsync(listener, "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n");

        var response = await client.GetAsync($"http://rebinding.example:{port}/");

        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
        Assert.Equal(1, lookups);
        await serving;
    }

    private static async Task ServeAsync(TcpListener listener, string response)
    {
        using var connection = await listener.AcceptTcpClientAsync();
        var stream = connection.GetStream();
        _ = await stream.ReadAsync(new byte[4096]);
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(response));
    }
}
