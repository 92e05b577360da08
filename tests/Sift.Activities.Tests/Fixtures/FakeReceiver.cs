using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Sift.Activities.Webhooks;

namespace Sift.Activities.Tests.Fixtures;

/// <summary>The customer's server: every attempt waits for the test's answer.</summary>
internal sealed class FakeReceiver : IWebhookSender
{
    private readonly Channel<Exchange> _exchanges = Channel.CreateUnbounded<Exchange>();
    private int _attempts;

    public int Attempts => _attempts;

    public bool HasNext => _exchanges.Reader.TryPeek(out _);

    public async Task<WebhookAnswer> SendAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _attempts);
        var exchange = new Exchange(delivery);
        _exchanges.Writer.TryWrite(exchange);
        return await exchange.Answered.WaitAsync(cancellationToken);
    }

    public Task<Exchange> NextAsync() => Soon.Within(_exchanges.Reader.ReadAsync().AsTask(), "a callback");

    public async Task<Exchange> NextAsync(string kind)
    {
        var exchange = await NextAsync();
        Assert.Equal(kind, exchange.Delivery.Kind);
        return exchange;
    }

    internal sealed class Exchange(Delivery delivery)
    {
        private readonly TaskCompletionSource<WebhookAnswer> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Delivery Delivery => delivery;

        public JsonObject Body => JsonNode.Parse(delivery.Body.Span)!.AsObject();

        public Task<WebhookAnswer> Answered => _answer.Task;

        public void Reply(string body = "") => _answer.TrySetResult(new WebhookAnswer(200, null, Encoding.UTF8.GetBytes(body), false));

        public void ReplyRoutine(string commands) => Reply($$"""{"routine":{{commands}}}""");

        public void Fail(int status = 503) => _answer.TrySetResult(new WebhookAnswer(status, $"HTTP {status}", default, status == 410));
    }
}
