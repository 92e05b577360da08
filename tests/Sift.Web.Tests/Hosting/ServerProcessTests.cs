using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Sift.Web.Tests.Testing;

namespace Sift.Web.Tests.Hosting;

public sealed class ServerProcessTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("sift-process-").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public async Task Calls_accepted_before_a_kill_are_known_and_ended_after_the_restart()
    {
        var accepted = new ConcurrentBag<string>();
        string account, token;
        await using (var server = await ServerProcess.StartAsync(directory))
        {
            (account, token) = (server.Account, server.Token);
            Assert.Matches("^[0-9a-f]{40}$", token);
            using var client = server.ClientOf(account, token);
            var enough = new TaskCompletionSource();
            var senders = Enumerable.Range(0, 8).Select(async i =>
            {
                try
                {
                    while (true)
                    {
                        var response = await client.PostAsJsonAsync("/v0/connections", new { phone_number = "+15550300001", routine = new[] { new { name = "HangUp" } } });
                        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
                        accepted.Add((await SiftServer.JsonAsync(response))["connection_id"]!.GetValue<string>());
                        if (accepted.Count >= 200)
                        {
                            enough.TrySetResult();
                        }
                    }
                }
                catch (HttpRequestException)
                {
                    // Killed in the middle of a request, as intended.
                }
            }).ToList();
            await Task.WhenAny(enough.Task, Task.WhenAll(senders));
            Assert.True(enough.Task.IsCompleted, "the server gave up before it was killed");
            await server.KillAsync();
            await Task.WhenAll(senders);
        }

        await using var restarted = await ServerProcess.StartAsync(directory);
        Assert.Equal(account, restarted.Account);
        Assert.DoesNotContain(token, restarted.Block, StringComparison.Ordinal);
        using var reader = restarted.ClientOf(account, token);
        foreach (var id in accepted)
        {
            var response = await reader.GetAsync($"/v0/connections/{id}");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        // Every one of them ends; the list of those that have not must run empty.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await SiftServer.JsonAsync(await reader.GetAsync("/v0/connections?status=connecting", limit.Token)))["results"]!.AsArray().Count > 0)
        {
            limit.Token.ThrowIfCancellationRequested();
        }
    }

    [Fact]
    public async Task The_operators_commands_reach_a_running_server_within_a_second()
    {
        await using var server = await ServerProcess.StartAsync(directory);
        var (code, output) = await ServerProcess.RunAsync(directory, "accounts", "create", "--name", "Second");
        Assert.Equal(0, code);
        var id = Regex.Match(output, @"Account id:\s+(\S+)").Groups[1].Value;
        var token = Regex.Match(output, @"Auth token:\s+(\S+)").Groups[1].Value;
        using var client = server.ClientOf(id, token);
        await BecomesAsync(client, HttpStatusCode.OK);
        Assert.Contains("Second", (await ServerProcess.RunAsync(directory, "accounts", "list")).Output, StringComparison.Ordinal);

        Assert.Equal(0, (await ServerProcess.RunAsync(directory, "accounts", "disable", id)).ExitCode);
        await BecomesAsync(client, HttpStatusCode.Unauthorized);
        Assert.Contains("disabled", (await ServerProcess.RunAsync(directory, "accounts", "list")).Output, StringComparison.Ordinal);

        Assert.Equal(0, (await ServerProcess.RunAsync(directory, "accounts", "enable", id)).ExitCode);
        await BecomesAsync(client, HttpStatusCode.OK);
        var fresh = Regex.Match((await ServerProcess.RunAsync(directory, "accounts", "rotate-token", id)).Output, @"Auth token:\s+(\S+)").Groups[1].Value;
        await BecomesAsync(client, HttpStatusCode.Unauthorized);
        using var renewed = server.ClientOf(id, fresh);
        await BecomesAsync(renewed, HttpStatusCode.OK);
        Assert.Equal(1, (await ServerProcess.RunAsync(directory, "accounts", "disable", "ffffffffffffffff")).ExitCode);
        Assert.Equal(2, (await ServerProcess.RunAsync(directory, "accounts", "destroy", id)).ExitCode);
    }

    [Fact]
    public async Task A_wrong_setting_is_named_and_the_server_does_not_start()
    {
        Directory.CreateDirectory(directory);
        await File.WriteAllTextAsync(Path.Combine(directory, "appsettings.json"), """{"Sift":{"Retention":{"JournalDays":0},"Colour":"red"},"ConnectionStrings":{"Sift":"nonsense"}}""");
        var (code, output) = await ServerProcess.RunAsync(directory);
        Assert.Equal(2, code);
        Assert.Contains("Sift__Retention__JournalDays", output, StringComparison.Ordinal);
        Assert.Contains("Sift__Colour", output, StringComparison.Ordinal);
        Assert.Contains("ConnectionStrings__Sift", output, StringComparison.Ordinal);
    }

    /// <summary>Asks until the answer is that; a second is what the operator is promised, some more is for a busy machine.</summary>
    private static async Task BecomesAsync(HttpClient client, HttpStatusCode status)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        while ((await client.GetAsync("/v0/applications", limit.Token)).StatusCode != status)
        {
            limit.Token.ThrowIfCancellationRequested();
        }
    }
}
