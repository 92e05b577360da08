using System.Net;
using System.Net.Sockets;
using System.Text;
using Sift.Activities.Tests.Fixtures;
using Sift.Activities.Webhooks;

namespace Sift.Activities.Tests.Webhooks;

/// <summary>The one place where bytes really leave: a server made of a socket shows exactly what is sent.</summary>
public sealed class HttpWebhookSenderTests : IWebhookSecrets
{
    private static readonly byte[] Key = [.. Enumerable.Range(1, 24).Select(static number => (byte)number)];

    [Fact]
    public async Task Sends_the_body_as_json_with_id_timestamp_and_signature()
    {
        var (answer, request) = await ExchangeAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");

        Assert.Null(answer.Error);
        Assert.Equal("{}", Encoding.UTF8.GetString(answer.Body.Span));
        Assert.StartsWith("POST /hook?x=1 HTTP/1.1\r\n", request);
        Assert.Contains("Content-Type: application/json\r\n", request);
        Assert.Contains("webhook-id: 0123456789abcdef\r\n", request);
        Assert.Contains("webhook-timestamp: 1772600767\r\n", request);
        var signature = WebhookSigner.Sign("0123456789abcdef", 1772600767, "{\"a\":1}"u8, [new WebhookSecret(Key)]);
        Assert.Contains($"webhook-signature: {signature}\r\n", request);
        Assert.EndsWith("\r\n\r\n{\"a\":1}", request);
    }

    [Theory]
    [InlineData("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", "HTTP 500", false)]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n", "HTTP 302: redirects are not followed", false)]
    [InlineData("HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n", "HTTP 410", true)]
    [InlineData("HTTP/1.1 503 Busy\r\nwebhook-delivery: abort-message\r\nContent-Length: 0\r\n\r\n", "HTTP 503", true)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n", "the reply is larger than 1 MiB", false)]
    public async Task Anything_but_2xx_is_no_answer(string response, string error, bool isAbort)
    {
        var (answer, _) = await ExchangeAsync(response);

        Assert.Equal((error, isAbort), (answer.Error, answer.IsAbort));
    }

    [Fact]
    public async Task A_reply_of_unknown_length_is_cut_off_at_the_limit()
    {
        var (answer, _) = await ExchangeAsync("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + new string('x', HttpWebhookSender.MaxReply + 1));

        Assert.Equal("the reply is larger than 1 MiB", answer.Error);
    }

    [Fact]
    public async Task A_receiver_that_never_answers_is_given_up_after_15_seconds()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var time = new ManualTime();
        using var sender = Sender(time);
        var sending = sender.SendAsync(Delivery(listener, time), default);
        using var connection = await listener.AcceptTcpClientAsync();

        await time.AdvanceToAlarmAsync(TimeSpan.FromSeconds(15));

        Assert.Equal("no answer within 15 s", (await Soon.Within(sending, "the answer")).Error);
    }

    [Fact]
    public async Task Nobody_listening_is_an_answer_of_its_own()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var delivery = Delivery(listener, new ManualTime());
        listener.Stop();
        using var sender = Sender(new ManualTime());

        var answer = await sender.SendAsync(delivery, default);

        Assert.Null(answer.Status);
        Assert.StartsWith("no connection", answer.Error);
    }

    [Fact]
    public async Task What_the_guard_refuses_is_not_sent()
    {
        using var sender = new HttpWebhookSender(new CallbackAddressGuard(false, TimeSpan.FromSeconds(5)), this, new ManualTime());

        var answer = await sender.SendAsync(New("http://127.0.0.1:8080/hook", new ManualTime()), default);

        Assert.Equal("refused: 127.0.0.1 is a loopback address", answer.Error);
    }

    public ValueTask<IReadOnlyList<WebhookSecret>> ForAccountAsync(string accountId, CancellationToken cancellationToken) => new([new WebhookSecret(Key)]);

    private async Task<(WebhookAnswer Answer, string Request)> ExchangeAsync(string response)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var time = new ManualTime();
        using var sender = Sender(time);
        var serving = ServeAsync(listener, response);
        var answer = await Soon.Within(sender.SendAsync(Delivery(listener, time), default), "the answer");
        return (answer, await serving);
    }

    private HttpWebhookSender Sender(TimeProvider time) => new(new CallbackAddressGuard(true, TimeSpan.FromSeconds(5)), this, time);

    private static Delivery Delivery(TcpListener listener, TimeProvider time) => New($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/hook?x=1", time);

    private static Delivery New(string url, TimeProvider time) =>
        new("0123456789abcdef", CallBench.Account, null, null, "status", url, "{\"a\":1}"u8.ToArray(), DeliveryMode.Event, time.GetUtcNow());

    private static async Task<string> ServeAsync(TcpListener listener, string response)
    {
        using var connection = await listener.AcceptTcpClientAsync();
        var stream = connection.GetStream();
        var request = "";
        var buffer = new byte[4096];
        while (!request.EndsWith("{\"a\":1}", StringComparison.Ordinal))
        {
            request += Encoding.ASCII.GetString(buffer, 0, await stream.ReadAsync(buffer));
        }

        try
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(response));
        }
        catch (IOException)
        {
            // The sender has heard enough.
        }

        return request;
    }
}
