using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Sift.Bench.Shared;

namespace Sift.Bench.Studio;

/// <summary>How long after an activity's end, by the journal's clock, its badge in an open viewer says so. Server and browser share a clock here.</summary>
internal static class LiveBadges
{
    public static async Task<Waits> MeasureAsync(ServerProcess server, Person person, int events)
    {
        var flow = await BenchFlows.InARowAsync(server, events, "Sift.WaitForEvent", "event", step => $"go{step}");
        using var client = server.Client(BenchAccount.Id, BenchAccount.AuthToken);
        var instance = (string)(await PostAsync(client, $"/v0/workflows/{flow}/test", new JsonObject()))["instance_id"]!;
        var page = await person.NewPageAsync();
        await page.GotoAsync($"{server.Url}/studio/workflows/instances/{instance}/view");
        await page.WaitForFunctionAsync($"() => document.querySelectorAll('.x6-node .activity-label').length >= {events}");

        // The viewer connects to the hub after it has drawn.
        await page.WaitForTimeoutAsync(3000);
        await page.EvaluateAsync(
            """
            () => {
              window.seen = {};
              const look = () => {
                for (const node of document.querySelectorAll('.x6-node')) {
                  const name = node.querySelector('.activity-label')?.textContent.trim();
                  if (name && !seen[name] && node.querySelector('.mud-badge.mud-theme-success')) seen[name] = Date.now();
                }
              };
              new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
            }
            """);
        var waits = new Waits();
        for (var i = 0; i < events; i++)
        {
            await PostAsync(client, $"/v0/instances/{instance}/events", new JsonObject { ["event"] = $"go{i}" });
            var seen = await (await page.WaitForFunctionAsync($"() => window.seen['Step{i}']")).JsonValueAsync<double>();
            var journal = await client.GetFromJsonAsync<JsonObject>($"/v0/instances/{instance}/journal");
            var completed = journal!["entries"]!.AsArray().Last(entry => (string)entry!["kind"]! == "activity.completed" && entry["data"]!["outputs"] is not null)!;
            waits.Add(seen - completed["at"]!.GetValue<DateTimeOffset>().ToUnixTimeMilliseconds());
        }

        await page.CloseAsync();
        return waits;
    }

    private static async Task<JsonObject> PostAsync(HttpClient client, string path, JsonObject body)
    {
        using var answer = await client.PostAsJsonAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? JsonNode.Parse(text)!.AsObject() : throw new InvalidOperationException($"{path}: {text}");
    }
}
