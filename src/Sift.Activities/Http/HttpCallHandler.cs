using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sift.Activities.Webhooks;
using Sift.Workflows.Activities;
using Sift.Workflows.Engine;

namespace Sift.Activities.Http;

/// <summary>Carries out the requests of <see cref="HttpCall"/>, through the address guard that all URLs of customers go through.</summary>
public sealed class HttpCallHandler : IEffectHandler, IDisposable
{
    private const int LargestAnswer = 1024 * 1024;

    // What is nested deeper stays text: it goes into the journal within objects of ours, and from there to readers with limits of their own.
    private static readonly JsonDocumentOptions Limits = new() { MaxDepth = 32 };

    private readonly Func<IWorkflowRuntime> _runtime;
    private readonly TimeProvider _time;
    private readonly HttpClient _client;

    /// <param name="guard">Says what may be reached.</param>
    /// <param name="runtime">Hears the answers; looked up late, because it is made with its handlers.</param>
    /// <param name="time">The clock of the time limits.</param>
    public HttpCallHandler(CallbackAddressGuard guard, Func<IWorkflowRuntime> runtime, TimeProvider time)
    {
        (_runtime, _time) = (runtime, time);
        _client = new HttpClient(new GuardedHandler(guard)) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = LargestAnswer };
    }

    /// <summary>Sends through a handler that reaches no network, as simulations have it; nothing guards the addresses.</summary>
    /// <param name="handler">Answers the requests; stays the caller's.</param>
    /// <param name="runtime">Hears the answers; looked up late, because it is made with its handlers.</param>
    /// <param name="time">The clock of the time limits.</param>
    public HttpCallHandler(HttpMessageHandler handler, Func<IWorkflowRuntime> runtime, TimeProvider time)
    {
        (_runtime, _time) = (runtime, time);
        _client = new HttpClient(handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = LargestAnswer };
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> EffectTypes { get; } = [HttpCall.EffectType];

    /// <inheritdoc/>
    public void Execute(string instanceId, EffectId id, Effect effect, EffectDelivery delivery) => _ = CallAsync(instanceId, id, (JsonObject)effect.Payload!);

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task CallAsync(string instanceId, EffectId id, JsonObject call)
    {
        JsonObject answer;
        try
        {
            answer = await SendAsync(id, call).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // the loop that owns the work: whatever goes wrong is the answer of the activity
        catch (Exception problem)
#pragma warning restore CA1031
        {
            answer = new JsonObject { ["status"] = 0, ["problem"] = problem is OperationCanceledException ? "no answer in time" : (problem.InnerException ?? problem).Message };
        }

        _runtime().Signal(instanceId, new InstanceSignal(HttpCall.Signal, id.Value, answer));
    }

    private async Task<JsonObject> SendAsync(EffectId id, JsonObject call)
    {
        if (!Uri.TryCreate(call["url"]!.GetValue<string>(), UriKind.Absolute, out var url))
        {
            return new JsonObject { ["status"] = 0, ["problem"] = "the URL is not absolute" };
        }

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(call["seconds"]!.GetValue<double>()), _time);
        using var request = new HttpRequestMessage(new HttpMethod(call["method"]!.GetValue<string>()), url);
        if (call["body"] is { } body && request.Method != HttpMethod.Get)
        {
            request.Content = body.GetValueKind() == JsonValueKind.String
                ? new StringContent(body.GetValue<string>(), Encoding.UTF8, "text/plain")
                : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }

        request.Headers.TryAddWithoutValidation("Idempotency-Key", id.Value);
        foreach (var (name, value) in call["headers"] as JsonObject ?? [])
        {
            var text = value?.ToString() ?? "";
            if (name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase) && request.Content is not null && MediaTypeHeaderValue.TryParse(text, out var type))
            {
                request.Content.Headers.ContentType = type;
            }
            else
            {
                request.Headers.TryAddWithoutValidation(name, text);
            }
        }

        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseContentRead, limit.Token).ConfigureAwait(false);
        var content = await response.Content.ReadAsStringAsync(limit.Token).ConfigureAwait(false);
        return new JsonObject { ["status"] = (int)response.StatusCode, ["body"] = Read(content, response.Content.Headers.ContentType?.MediaType) };
    }

    private static JsonNode? Read(string content, string? mediaType)
    {
        if (content.Length == 0)
        {
            return null;
        }

        if (mediaType?.EndsWith("json", StringComparison.OrdinalIgnoreCase) == true)
        {
            try
            {
                return JsonNode.Parse(content, documentOptions: Limits);
            }
            catch (JsonException)
            {
                return content;
            }
        }

        return content;
    }
}
