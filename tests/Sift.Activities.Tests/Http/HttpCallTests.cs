using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Sift.Activities.Http;
using Sift.Activities.Tests.Fixtures;
using Sift.Activities.Webhooks;
using Sift.Workflows.Activities;
using Sift.Workflows.Engine;

namespace Sift.Activities.Tests.Http;

public sealed class HttpCallTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task The_answer_comes_back_as_a_signal_for_that_request()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var request = AnswerOnceAsync(listener, "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{\"ok\":true}");

        var signal = await CallAsync(listener, allowPrivateNetworks: true);

        Assert.Equal("i:7", signal.Key);
        Assert.Equal(201, (int)signal.Payload!["status"]!);
        Assert.True((bool)signal.Payload["body"]!["ok"]!);
        var sent = await request;
        Assert.StartsWith("POST /x HTTP/1.1", sent, StringComparison.Ordinal);
        Assert.Contains("Idempotency-Key: i:7", sent, StringComparison.Ordinal);
        Assert.Contains("X-Test: 1", sent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Private_networks_are_out_of_reach()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        var signal = await CallAsync(listener, allowPrivateNetworks: false);

        Assert.Equal(0, (int)signal.Payload!["status"]!);
        Assert.Contains("127.0.0.1", (string)signal.Payload["problem"]!, StringComparison.Ordinal);
        Assert.False(listener.Pending());
    }

    [Fact]
    public async Task No_answer_is_an_answer_too()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        var signal = await CallAsync(listener, allowPrivateNetworks: true, seconds: 0.2);

        Assert.Equal("no answer in time", (string)signal.Payload!["problem"]!);
    }

    private static async Task<InstanceSignal> CallAsync(TcpListener listener, bool allowPrivateNetworks, double seconds = 5)
    {
        var signals = Channel.CreateUnbounded<InstanceSignal>();
        var runtime = new RecordingRuntime(signals.Writer);
        using var handler = new HttpCallHandler(new CallbackAddressGuard(allowPrivateNetworks, TimeSpan.FromSeconds(2)), () => runtime, TimeProvider.System);
        var payload = new JsonObject
        {
            ["url"] = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/x",
            ["method"] = "POST",
            ["headers"] = new JsonObject { ["X-Test"] = "1" },
            ["body"] = new JsonObject { ["a"] = 1 },
            ["seconds"] = seconds,
        };
        handler.Execute("i", new EffectId("i:7"), new Effect("http.call", payload, EffectGuarantee.Committed), EffectDelivery.First);
        using var limit = new CancellationTokenSource(Limit);
        return await signals.Reader.ReadAsync(limit.Token);
    }

    private static async Task<string> AnswerOnceAsync(TcpListener listener, string answer)
    {
        using var client = await listener.AcceptTcpClientAsync();
        var stream = client.GetStream();
        var buffer = new byte[8192];
        var text = new StringBuilder();
        while (!text.ToString().Contains("{\"a\":1}", StringComparison.Ordinal))
        {
            var read = await stream.ReadAsync(buffer);
            if (read == 0)
            {
                break;
            }

            text.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }

        await stream.WriteAsync(Encoding.ASCII.GetBytes(answer));
        return text.ToString();
    }
}
