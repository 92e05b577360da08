using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
<<<<<<< HEAD
using Microsoft.AspNetCore.Http;
=======
using Microsoft.Extensions.DependencyInjection;
using Sift.Web.Studio.Live;
>>>>>>> main
using Sift.Web.Tests.Testing;

namespace Sift.Web.Tests.Studio;

/// <summary>The hub as a viewer speaks to it: SignalR's JSON protocol over a web socket.</summary>
[Collection(SiftServerCollection.Name)]
public sealed class LiveUpdateTests(SiftServer server)
{
    private const string Hub = "/elsa/hubs/workflow-instance";
    private const char End = '\u001e';

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    [Fact]
    public void Viewers_that_come_and_go_at_the_same_time_leave_nothing_behind()
    {
        var updates = server.Services.GetRequiredService<LiveUpdates>();
        var before = updates.Count;

        Parallel.For(0, 20_000, _ =>
        {
            updates.Observe("watched by many");
            updates.Leave("watched by many");
        });

        Assert.Equal(before, updates.Count);
    }

    [Fact]
    public async Task A_viewer_hears_of_a_change_within_half_a_second()
    {
        var studio = new StudioClient(server.Client);
        var flow = await studio.SaveAsync(StudioClient.NewFlow(null, StudioClient.Activity("wait1", "Sift.WaitForEvent", ("event", "go"))));
        var instance = await studio.RunAsync((string)flow["definitionId"]!);
        using var limit = new CancellationTokenSource(Limit);
        using var socket = await OpenAsync(SiftServer.Account, SiftServer.Token, limit.Token);
        await InvokeAsync(socket, instance, limit.Token);

        var clock = Stopwatch.StartNew();
        await server.Client.PostAsJsonAsync($"/v0/instances/{instance}/events", new { @event = "go" });
        var messages = new List<JsonObject>();
        while (messages.All(message => (string?)message["target"] != "WorkflowInstanceUpdatedAsync"))
        {
            messages.AddRange(await ReadAsync(socket, limit.Token));
        }

        Assert.True(clock.Elapsed < TimeSpan.FromMilliseconds(500), $"heard after {clock.Elapsed}");
        var stats = messages.Single(message => (string?)message["target"] == "ActivityExecutionLogUpdatedAsync")["arguments"]![0]!["stats"]!.AsArray();
        var entry = stats.Single(candidate => (string?)candidate!["activityNodeId"] == "root:wait1")!;
        Assert.Equal(1, (int)entry["completedCount"]!);
        Assert.Contains(messages, message => (string?)message["target"] == "WorkflowExecutionLogUpdatedAsync");
        Assert.Equal(instance, (string)messages.Single(message => (string?)message["target"] == "WorkflowInstanceUpdatedAsync")["arguments"]![0]!["workflowInstanceId"]!);
    }

    [Fact]
    public async Task Nobody_watches_the_instances_of_another_account()
    {
        var studio = new StudioClient(server.Stranger);
        var flow = await studio.SaveAsync(StudioClient.NewFlow(null, StudioClient.Activity("wait1", "Sift.WaitForEvent", ("event", "go"))));
        var instance = await studio.RunAsync((string)flow["definitionId"]!);
        using var limit = new CancellationTokenSource(Limit);
        using var socket = await OpenAsync(SiftServer.Account, SiftServer.Token, limit.Token);

        var answer = await InvokeAsync(socket, instance, limit.Token);

        Assert.NotNull(answer["error"]);
    }

    [Fact]
    public async Task A_browser_opens_the_socket_by_its_session_because_it_can_send_no_key_along()
    {
        var studio = new StudioClient(server.Client);
        var flow = await studio.SaveAsync(StudioClient.NewFlow(null, StudioClient.Activity("wait1", "Sift.WaitForEvent", ("event", "go"))));
        var instance = await studio.RunAsync((string)flow["definitionId"]!);
        using var limit = new CancellationTokenSource(Limit);
        var origin = server.Client.BaseAddress!.GetLeftPart(UriPartial.Authority);
        using var form = new HttpRequestMessage(HttpMethod.Post, "/sign-in")
        {
            Content = new FormUrlEncodedContent([KeyValuePair.Create("account_id", SiftServer.Account), KeyValuePair.Create("token", SiftServer.Token)]),
        };
        form.Headers.Add("Origin", origin);
        var session = (await server.Browser().SendAsync(form, limit.Token)).Headers.GetValues("Set-Cookie").Single().Split(';')[0];

        using var socket = await server.OpenSocketAsync(Hub, request => (request.Headers.Cookie, request.Headers.Origin) = (session, origin), limit.Token);
        await GreetAsync(socket, limit.Token);
        Assert.Null((await InvokeAsync(socket, instance, limit.Token))["error"]);

        await RefusedAsync(Hub, request => (request.Headers.Cookie, request.Headers.Origin) = (session, "https://evil.example"), limit.Token);
        await RefusedAsync(Hub, request => request.Headers.Authorization = $"ApiKey {SiftServer.Token}", limit.Token);
        await RefusedAsync($"{Hub}?access_token={SiftServer.Token}", static _ => { }, limit.Token);
        Assert.DoesNotContain("api-key", await server.Client.GetStringAsync("/studio/host.js", limit.Token), StringComparison.Ordinal);
    }

    private async Task RefusedAsync(string path, Action<HttpRequest> configure, CancellationToken cancellationToken) =>
        Assert.Matches("status code: 40[13]", (await Assert.ThrowsAsync<InvalidOperationException>(() => server.OpenSocketAsync(path, configure, cancellationToken))).Message);

    private async Task<WebSocket> OpenAsync(string account, string token, CancellationToken cancellationToken)
    {
        var socket = await server.OpenSocketAsync(Hub, account, token, cancellationToken);
        await GreetAsync(socket, cancellationToken);
        return socket;
    }

    private static async Task GreetAsync(WebSocket socket, CancellationToken cancellationToken)
    {
        await SendAsync(socket, """{"protocol":"json","version":1}""", cancellationToken);
        await ReadAsync(socket, cancellationToken);
    }

    /// <summary>Calls the hub and gives back its completion.</summary>
    private static async Task<JsonObject> InvokeAsync(WebSocket socket, string instance, CancellationToken cancellationToken)
    {
        await SendAsync(socket, $$"""{"type":1,"invocationId":"1","target":"ObserveInstanceAsync","arguments":["{{instance}}"]}""", cancellationToken);
        while (true)
        {
            if ((await ReadAsync(socket, cancellationToken)).FirstOrDefault(message => (int?)message["type"] == 3) is { } completion)
            {
                return completion;
            }
        }
    }

    private static Task SendAsync(WebSocket socket, string message, CancellationToken cancellationToken) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(message + End), WebSocketMessageType.Text, true, cancellationToken);

    private static async Task<IReadOnlyList<JsonObject>> ReadAsync(WebSocket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[16_384];
        var text = new StringBuilder();
        do
        {
            var received = await socket.ReceiveAsync(buffer, cancellationToken);
            text.Append(Encoding.UTF8.GetString(buffer, 0, received.Count));
        }
        while (text.Length == 0 || text[^1] != End);

        return [.. text.ToString().Split(End, StringSplitOptions.RemoveEmptyEntries).Select(message => JsonNode.Parse(message)!.AsObject())];
    }
}
