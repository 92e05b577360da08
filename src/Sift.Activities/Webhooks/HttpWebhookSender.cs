using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Sift.Activities.Webhooks;

/// <summary>What one attempt came to.</summary>
/// <param name="Status">The HTTP status; null when there was no answer.</param>
/// <param name="Error">Why the answer is not acceptable; null for 2xx.</param>
/// <param name="Body">The body of the answer; empty when there was none.</param>
/// <param name="IsAbort">The receiver wants no more of this: 410, or the header <c>webhook-delivery: abort-message</c>.</param>
public sealed record WebhookAnswer(int? Status, string? Error, ReadOnlyMemory<byte> Body, bool IsAbort)
{
    internal static WebhookAnswer Failed(string error) => new(null, error, default, false);
}

/// <summary>Makes one attempt.</summary>
public interface IWebhookSender
{
    /// <summary>Never throws except for cancellation.</summary>
    Task<WebhookAnswer> SendAsync(Delivery delivery, CancellationToken cancellationToken);
}

/// <summary>Sends by HTTP through the address guard, signed, with limits on time and size.</summary>
public sealed class HttpWebhookSender : IWebhookSender, IDisposable
{
    /// <summary>A reply may have this many bytes.</summary>
    public const int MaxReply = 1024 * 1024;

    private static readonly TimeSpan TotalTimeout = TimeSpan.FromSeconds(15);
    private static readonly MediaTypeHeaderValue Json = new("application/json");
    private static readonly ProductInfoHeaderValue Agent = new("Sift", "0.1");

    private readonly Func<Uri, string?> _refuse;
    private readonly IWebhookSecrets _secrets;
    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _client;

    /// <param name="guard">Decides which URLs may be reached and makes the connections.</param>
    /// <param name="secrets">Sign the requests.</param>
    /// <param name="time">For the timestamp of the signature and the time limit.</param>
    public HttpWebhookSender(CallbackAddressGuard guard, IWebhookSecrets secrets, TimeProvider time)
    {
        _refuse = guard.Refuse;
        _secrets = secrets;
        _time = time;
        _client = new HttpMessageInvoker(guard.CreateHandler());
    }

    /// <summary>Sends through a handler that reaches no network, as simulations have it; nothing guards the addresses.</summary>
    /// <param name="handler">Answers the requests; stays the caller's.</param>
    /// <param name="secrets">Sign the requests.</param>
    /// <param name="time">For the timestamp of the signature and the time limit.</param>
    public HttpWebhookSender(HttpMessageHandler handler, IWebhookSecrets secrets, TimeProvider time)
    {
        _refuse = static _ => null;
        _secrets = secrets;
        _time = time;
        _client = new HttpMessageInvoker(handler, disposeHandler: false);
    }

    /// <inheritdoc/>
    public async Task<WebhookAnswer> SendAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(delivery.Url, UriKind.Absolute, out var url))
        {
            return WebhookAnswer.Failed("the URL is not valid");
        }

        if (_refuse(url) is { } refusal)
        {
            return WebhookAnswer.Failed("refused: " + refusal);
        }

        using var limit = new CancellationTokenSource(TotalTimeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var request = await RequestAsync(delivery, url, both.Token).ConfigureAwait(false);
            using var response = await _client.SendAsync(request, both.Token).ConfigureAwait(false);
            return await ReadAsync(response, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return WebhookAnswer.Failed(limit.IsCancellationRequested ? "no answer within 15 s" : "no connection within the time allowed");
        }
        catch (HttpRequestException problem)
        {
            return WebhookAnswer.Failed(Describe(problem));
        }
        catch (IOException problem)
        {
            return WebhookAnswer.Failed("the connection broke: " + problem.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task<HttpRequestMessage> RequestAsync(Delivery delivery, Uri url, CancellationToken cancellationToken)
    {
        var timestamp = _time.GetUtcNow().ToUnixTimeSeconds();
        var content = new ReadOnlyMemoryContent(delivery.Body);
        content.Headers.ContentType = Json;
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = content, Version = HttpVersion.Version11 };
        request.Headers.UserAgent.Add(Agent);
        request.Headers.Add("webhook-id", delivery.Id);
        request.Headers.Add("webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
        var secrets = await _secrets.ForAccountAsync(delivery.AccountId, cancellationToken).ConfigureAwait(false);
        if (secrets.Count > 0)
        {
            request.Headers.Add("webhook-signature", WebhookSigner.Sign(delivery.Id, timestamp, delivery.Body.Span, secrets));
        }

        return request;
    }

    private static async Task<WebhookAnswer> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        var isAbort = status == 410
            || (response.Headers.TryGetValues("webhook-delivery", out var values) && values.Contains("abort-message", StringComparer.OrdinalIgnoreCase));
        if (response.Content.Headers.ContentLength > MaxReply)
        {
            return new WebhookAnswer(status, "the reply is larger than 1 MiB", default, isAbort);
        }

        var (body, isComplete) = await ReadBodyAsync(response.Content, cancellationToken).ConfigureAwait(false);
        var error = !isComplete ? "the reply is larger than 1 MiB"
            : status is >= 200 and < 300 ? null
            : status is >= 300 and < 400 ? $"HTTP {status}: redirects are not followed"
            : $"HTTP {status}";
        return new WebhookAnswer(status, error, body, isAbort);
    }

    private static async Task<(ReadOnlyMemory<byte> Body, bool IsComplete)> ReadBodyAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var buffer = ArrayPool<byte>.Shared.Rent(4096);
        try
        {
            var length = 0;
            while (true)
            {
                if (length == buffer.Length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent(Math.Min(length * 2, MaxReply + 1));
                    buffer.AsSpan(0, length).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }

                var read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
                length += read;
                if (read == 0 || length > MaxReply)
                {
                    return (buffer.AsSpan(0, Math.Min(length, MaxReply)).ToArray(), length <= MaxReply);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static string Describe(HttpRequestException problem) => problem.GetBaseException() switch
    {
        CallbackRefusedException refused => "refused: " + refused.Message,
        SocketException socket => $"no connection: {socket.Message}",
        AuthenticationException tls => $"TLS failed: {tls.Message}",
        TimeoutException => "no connection within the time allowed",
        var other => other.Message,
    };
}
