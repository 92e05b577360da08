using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Sift.EndToEnd.Tests.Peers;

/// <summary>A customer's web server whose answers a test decides, path by path.</summary>
internal sealed class CallbackReceiver : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Func<JsonObject, Task<IResult>>> _answers = new();
    private readonly ConcurrentDictionary<string, Func<string?, JsonObject, Task<IResult>>> _hearers = new();
    private readonly ConcurrentDictionary<string, byte[]> _files = new();
    private readonly ConcurrentQueue<Callback> _seen = new();
    private WebApplication? _application;

    private CallbackReceiver(int port) => Port = port;

    public int Port { get; }

    public IReadOnlyList<Callback> Seen => [.. _seen];

    public static async Task<CallbackReceiver> StartAsync()
    {
        var receiver = new CallbackReceiver(Ports.Next());
        await receiver.ResumeAsync();
        return receiver;
    }

    public string Url(string path) => $"http://127.0.0.1:{Port}/{path}";

    public IEnumerable<Callback> At(string path) => _seen.Where(c => c.Path == path);

    /// <summary>Answers callbacks to that path with a routine.</summary>
    public CallbackReceiver Routine(string path, params JsonNode[] commands)
    {
        var text = new JsonObject { ["routine"] = new JsonArray([.. commands.Select(c => c.DeepClone())]) }.ToJsonString();
        return Answer(path, _ => Task.FromResult(Results.Content(text, "application/json")));
    }

    public CallbackReceiver Answer(string path, Func<JsonObject, Task<IResult>> answer)
    {
        _answers[path] = answer;
        return this;
    }

    /// <summary>Hands callbacks to that path over with their <c>webhook-id</c> and keeps none: for thousands of them.</summary>
    public void Hear(string path, Func<string?, JsonObject, Task<IResult>> hear) => _hearers[path] = hear;

    /// <summary>Serves bytes to GET requests.</summary>
    public void Serve(string path, byte[] bytes) => _files[path] = bytes;

    public async Task<Callback> WaitForAsync(string path, Func<Callback, bool>? matches = null, TimeSpan? limit = null) =>
        await Eventually.Get(
            () => At(path).FirstOrDefault(matches ?? (_ => true)),
            limit ?? TimeSpan.FromSeconds(20),
            () => $"a callback at /{path}; seen: {string.Join(" ", _seen.Select(c => c.Path))}");

    /// <summary>Takes the server away: connections are refused until <see cref="ResumeAsync"/>.</summary>
    public async Task PauseAsync()
    {
        await _application!.DisposeAsync();
        _application = null;
    }

    public async Task ResumeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{Port}");
        _application = builder.Build();
        _application.Run(async context =>
        {
            var path = context.Request.Path.Value!.TrimStart('/');
            if (_files.TryGetValue(path, out var file))
            {
                await Results.Bytes(file).ExecuteAsync(context);
                return;
            }

            var body = (await JsonNode.ParseAsync(context.Request.Body))!.AsObject();
            if (_hearers.TryGetValue(path, out var hear))
            {
                await (await hear(context.Request.Headers["webhook-id"], body)).ExecuteAsync(context);
                return;
            }

            var headers = context.Request.Headers;
            _seen.Enqueue(new Callback(path, (string?)headers["webhook-id"] ?? (string?)headers["Idempotency-Key"], body));
            var result = _answers.TryGetValue(path, out var answer) ? await answer(body) : Results.Ok();
            await result.ExecuteAsync(context);
        });
        await _application.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_application is not null)
        {
            await _application.DisposeAsync();
        }
    }

    /// <param name="Id">What all attempts at one thing share: the webhook's id, or the idempotency key of a flow's HTTP call.</param>
    internal sealed record Callback(string Path, string? Id, JsonObject Body)
    {
        public string? Status => (string?)Body["connection"]?["status"];
    }
}
