using System.Net;
using System.Text;

namespace Sift.Testing.World;

/// <summary>The rest of the web: notes what Sift sends and lets the test answer it, in virtual time.</summary>
internal sealed class SimulatedWeb(SimulatedNetwork network, WorkPump pump, SimulationOptions options, Func<SimulatedStorage> storage) : HttpMessageHandler
{
    private static readonly AsyncLocal<bool> Answering = new();

    private readonly List<HttpExchange> _exchanges = [];

    public IReadOnlyList<HttpExchange> Exchanges => _exchanges;

    /// <summary>Makes the answers; exactly one of the two is set.</summary>
    public Func<HttpExchange, ValueTask<Reply>> Answer { get; set; } = static _ => new(Reply.Empty);

    /// <summary>A real program that answers instead.</summary>
    public HttpMessageInvoker? Program { get; set; }

    /// <summary>True in code that a test runs to make an answer: it must not wait for the simulation, which waits for it.</summary>
    public static bool IsAnswering => Answering.Value;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var content = request.Content is null ? "" : Encoding.UTF8.GetString(Read(request.Content));
        var exchange = Describe(request, content);
        _exchanges.Add(exchange);
        network.Note("Sift", $"sends {exchange.Kind ?? exchange.Method} to {exchange.Url}");
        var answered = new TaskCompletionSource<HttpResponseMessage>();
        var cancelled = cancellationToken.UnsafeRegister(static (state, token) => ((TaskCompletionSource<HttpResponseMessage>)state!).TrySetCanceled(token), answered);
        _ = answered.Task.ContinueWith(_ => cancelled.Dispose(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        Begin(exchange, request, content, answered, cancellationToken);
        return answered.Task;
    }

    protected override void Dispose(bool disposing)
    {
        Program?.Dispose();
        base.Dispose(disposing);
    }

    private void Begin(HttpExchange exchange, HttpRequestMessage request, string content, TaskCompletionSource<HttpResponseMessage> answered, CancellationToken cancellationToken)
    {
        var answer = Program is { } program ? AskAsync(program, request, content, cancellationToken) : AskAsync(exchange);
        if (answer.IsCompleted)
        {
            Deliver(exchange, answer, answered);
            return;
        }

        pump.BeginOutside();
        _ = answer.ContinueWith(
            done => pump.EndOutside(() => Deliver(exchange, done, answered)), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private async Task<(HttpResponseMessage Response, TimeSpan Delay)> AskAsync(HttpExchange exchange)
    {
        Reply reply;
        Answering.Value = true;
        try
        {
            reply = await Answer(exchange).ConfigureAwait(false);
        }
        finally
        {
            Answering.Value = false;
        }

        if (reply.StatusCode is not { } status)
        {
            throw new HttpRequestException("Connection refused (simulated)");
        }

        var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(reply.Content, Encoding.UTF8, "application/json") };
        return (response, reply.Delay);
    }

    // A real program may keep what it is given, so it gets a request of its own; the answer is read whole, because virtual time stands still meanwhile.
    private static async Task<(HttpResponseMessage Response, TimeSpan Delay)> AskAsync(HttpMessageInvoker program, HttpRequestMessage request, string content, CancellationToken cancellationToken)
    {
        using var copy = new HttpRequestMessage(request.Method, request.RequestUri);
        if (request.Content is { } original)
        {
            copy.Content = new StringContent(content, Encoding.UTF8);
            copy.Content.Headers.ContentType = original.Headers.ContentType;
        }

        foreach (var (name, values) in request.Headers)
        {
            copy.Headers.TryAddWithoutValidation(name, values);
        }

        using var response = await program.SendAsync(copy, cancellationToken).ConfigureAwait(false);
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        var answer = new HttpResponseMessage(response.StatusCode) { Content = new ByteArrayContent(body) };
        answer.Content.Headers.ContentType = response.Content.Headers.ContentType;
        foreach (var (name, values) in response.Headers)
        {
            answer.Headers.TryAddWithoutValidation(name, values);
        }

        return (answer, TimeSpan.Zero);
    }

    private void Deliver(HttpExchange exchange, Task<(HttpResponseMessage Response, TimeSpan Delay)> answer, TaskCompletionSource<HttpResponseMessage> answered)
    {
        var delay = answer.IsCompletedSuccessfully ? answer.Result.Delay : TimeSpan.Zero;
        if (delay == Timeout.InfiniteTimeSpan)
        {
            return;
        }

        network.After(delay + network.Latency(), () =>
        {
            if (answer.IsCompletedSuccessfully)
            {
                network.Note(exchange.Url.Host, $"answers {(int)answer.Result.Response.StatusCode}");
                answered.TrySetResult(answer.Result.Response);
            }
            else if (answer.Exception?.GetBaseException() is { } problem)
            {
                network.Note(exchange.Url.Host, $"does not answer: {problem.Message}");
                answered.TrySetException(problem is HttpRequestException ? problem : new HttpRequestException(problem.Message, problem));
            }
        });
    }

    private HttpExchange Describe(HttpRequestMessage request, string content)
    {
        var headers = request.Headers.Concat(request.Content?.Headers.AsEnumerable() ?? [])
            .ToDictionary(static header => header.Key, static header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        var id = headers.GetValueOrDefault("webhook-id");
        var delivery = id is null ? null : storage().FindDelivery(id);
        return new HttpExchange(network.Now - options.Start, request.Method.Method, request.RequestUri!, content, headers)
        {
            WebhookId = id,
            Kind = delivery?.Kind,
            ConnectionId = delivery?.ConnectionId,
        };
    }

    // Webhooks and HttpCalls have their bodies in memory.
    private static byte[] Read(HttpContent content)
    {
        using var copy = new MemoryStream();
        content.CopyTo(copy, null, CancellationToken.None);
        return copy.ToArray();
    }
}
