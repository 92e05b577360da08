using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Sift.Activities.Http;
using Sift.Activities.Tests.Fixtures;
using Sift.Activities.Webhooks;
using Sift.Workflows.Activities;
using Sift.Workflows.Engine;

namespace Sift.Activities.Tests.Webhooks;

/// <summary>
/// Every door through which a URL of a customer leads out: callbacks (with fallback and event URLs), the HTTP call of drawn flows, and sounds. None
/// leads inside, and each refusal is explained and counted.
/// </summary>
public sealed class CustomerUrlTests : IWebhookSecrets
{
    private static readonly string[] Refused =
    [
        "http://127.0.0.1:{0}/", "http://[::1]:{0}/", "http://10.0.0.1/", "http://172.16.0.1/", "http://192.168.0.1/", "http://169.254.169.254/", "http://100.64.0.1/",
        "http://[fd00::1]/", "http://[::ffff:127.0.0.1]:{0}/", "http://2130706433:{0}/", "http://0x7f000001:{0}/", "http://0177.0.0.1:{0}/", "http://user:secret@example.com/",
        "http://inside.example:{0}/", "http://changing.example:{0}/",
    ];

    public enum Door { Callback, HttpCall, Sound }

    public static TheoryData<Door, string> Table()
    {
        var table = new TheoryData<Door, string>();
        foreach (var door in Enum.GetValues<Door>())
        {
            foreach (var url in Refused)
            {
                table.Add(door, url);
            }
        }

        return table;
    }

    [Theory]
    [MemberData(nameof(Table))]
    public async Task No_door_leads_inside(Door door, string pattern)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var url = string.Format(System.Globalization.CultureInfo.InvariantCulture, pattern, ((IPEndPoint)listener.LocalEndpoint).Port);
        var guard = new CallbackAddressGuard(false, TimeSpan.FromSeconds(5), Resolve);
        var before = Counted();

        var reason = await ProblemAsync(door, guard, url);

        Assert.NotNull(reason);
        Assert.Matches("(loopback|private|link-local) |in a private network|in disguise|credentials", reason + " ");
        Assert.False(listener.Pending());
        Assert.True(Counted() > before, "the refusal was not counted");
    }

    [Theory]
    [InlineData(Door.Callback)]
    [InlineData(Door.HttpCall)]
    [InlineData(Door.Sound)]
    public async Task A_redirect_is_not_followed(Door door)
    {
        using var outside = new TcpListener(IPAddress.Loopback, 0);
        using var inside = new TcpListener(IPAddress.Loopback, 0);
        outside.Start();
        inside.Start();
        var redirecting = RedirectAsync(outside, $"http://127.0.0.1:{((IPEndPoint)inside.LocalEndpoint).Port}/");

        var problem = await ProblemAsync(door, new CallbackAddressGuard(true, TimeSpan.FromSeconds(5)), $"http://127.0.0.1:{((IPEndPoint)outside.LocalEndpoint).Port}/");

        Assert.Contains("302", problem);
        Assert.False(inside.Pending());
        await redirecting;
    }

    public ValueTask<IReadOnlyList<WebhookSecret>> ForAccountAsync(string accountId, CancellationToken cancellationToken) => new([]);

    // A name that changes is public when the URL is looked at; the answer that counts is the one the connection is made with.
    private static Task<IPAddress[]> Resolve(string host, CancellationToken cancellationToken) =>
        Task.FromResult<IPAddress[]>(host == "inside.example" ? [IPAddress.Parse("10.1.2.3")] : [IPAddress.Parse("93.184.216.34"), IPAddress.Loopback]);

    private async Task<string?> ProblemAsync(Door door, CallbackAddressGuard guard, string url)
    {
        switch (door)
        {
            case Door.Callback:
                using (var sender = new HttpWebhookSender(guard, this, TimeProvider.System))
                {
                    var delivery = new Delivery("0123456789abcdef", CallBench.Account, null, null, "status", url, "{}"u8.ToArray(), DeliveryMode.Event, default);
                    return (await sender.SendAsync(delivery, default)).Error;
                }

            case Door.HttpCall:
                var signals = Channel.CreateUnbounded<InstanceSignal>();
                using (var handler = new HttpCallHandler(guard, () => new RecordingRuntime(signals.Writer), TimeProvider.System))
                {
                    var call = new JsonObject { ["url"] = url, ["method"] = "GET", ["seconds"] = 10.0 };
                    handler.Execute("i", new EffectId("i:1"), new Effect("http.call", call, EffectGuarantee.Committed), EffectDelivery.First);
                    var answer = (await Soon.Within(signals.Reader.ReadAsync().AsTask(), "the answer")).Payload!;
                    return (string?)answer["problem"] ?? answer["status"]!.ToString();
                }

            default:
                using (var client = new HttpMessageInvoker(new GuardedHandler(guard)))
                {
                    try
                    {
                        using var response = await client.SendAsync(new HttpRequestMessage(HttpMethod.Get, url), default);
                        return ((int)response.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture);
                    }
                    catch (HttpRequestException problem)
                    {
                        return problem.GetBaseException().Message;
                    }
                }
        }
    }

    private static async Task RedirectAsync(TcpListener listener, string to)
    {
        using var connection = await listener.AcceptTcpClientAsync();
        var stream = connection.GetStream();
        _ = await stream.ReadAsync(new byte[4096]);
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
    }

    private static long s_counted;
    private static readonly MeterListener s_listener = Listen();

    private static long Counted()
    {
        Assert.NotNull(s_listener);
        return Interlocked.Read(ref s_counted);
    }

    private static MeterListener Listen()
    {
        var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, self) =>
            {
                if (instrument.Name == "sift.webhooks.refused")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>(static (_, value, _, _) => Interlocked.Add(ref s_counted, value));
        listener.Start();
        return listener;
    }
}
