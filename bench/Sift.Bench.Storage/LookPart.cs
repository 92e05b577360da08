using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Sift.Bench.Shared;
using Sift.Web.Http;
using Sift.Web.Storage;

namespace Sift.Bench.Storage;

/// <summary>What people and programs ask of a large store, through the API of the server as a process of its own. Every answer is checked to be the one asked for.</summary>
internal sealed class LookPart(HttpClient client, IReadOnlyList<PastCall> calls)
{
    private const int Asked = 20;
    private const double Target = 200;

    private int overs;

    public static async Task RunAsync(string connectionString, Store store)
    {
        var assembly = Path.Combine(AppContext.BaseDirectory, "../../../publish/Sift.Web/release/sift.dll");
        using var server = await ServerProcess.StartAsync(assembly, connectionString, Path.Combine(Kept.Directory, "data"), Customer.AccountId, Customer.AuthToken);
        using var client = server.Client(Customer.AccountId, Customer.AuthToken);
        var part = new LookPart(client, await History.SomeAsync(store, Asked));
        Console.WriteLine($"  looking at {History.Instances:N0} instances through the API, each question {Asked} times about different calls (target {Target:F0} ms)");
        await part.ListsAsync();
        await part.SearchesAsync();
        await part.ViewerAsync();
        await part.ProgramsAsync();
        Console.WriteLine(part.overs == 0 ? "  every answer came in time" : $"  {part.overs} of the questions were answered too late");
    }

    private async Task ListsAsync()
    {
        await StudioAsync("calls, first page", _ => new JsonObject(), 50);
        await StudioAsync("calls, page 199", _ => new JsonObject { ["page"] = 199 }, 50);
        await StudioAsync("calls, oldest first", _ => new JsonObject { ["orderDirection"] = "Ascending" }, 50);
        await StudioAsync("calls by last execution", _ => new JsonObject { ["orderBy"] = "LastExecuted" }, 50);
        await StudioAsync("calls by end", _ => new JsonObject { ["orderBy"] = "Finished" }, 50);
        await StudioAsync("calls by name", _ => new JsonObject { ["orderBy"] = "Name" }, 50);
        await StudioAsync("status Running", _ => new JsonObject { ["statuses"] = Texts("Running") }, 0);
        await StudioAsync("status Finished", _ => new JsonObject { ["statuses"] = Texts("Finished") }, 50);
        await StudioAsync("sub status Faulted", _ => new JsonObject { ["subStatuses"] = Texts("Faulted") }, 50);
        await StudioAsync("sub status Suspended", _ => new JsonObject { ["subStatuses"] = Texts("Suspended") }, 0);
        await StudioAsync("sub status Finished", _ => new JsonObject { ["subStatuses"] = Texts("Finished") }, 50);
        await StudioAsync("with incidents", _ => new JsonObject { ["hasIncidents"] = true }, 50);
        await StudioAsync("without incidents", _ => new JsonObject { ["hasIncidents"] = false }, 50);
        await StudioAsync("one definition", n => new JsonObject { ["definitionIds"] = Texts(Flow(n.Number)) }, 50);
        await StudioAsync("one definition, page 199", n => new JsonObject { ["definitionIds"] = Texts(Flow(n.Number)), ["page"] = 199 }, 50);
        await StudioAsync("one definition, faulted", n => new JsonObject { ["definitionIds"] = Texts(Flow(0)), ["subStatuses"] = Texts("Faulted") }, null);
        await StudioAsync("one definition, one version", n => new JsonObject { ["definitionIds"] = Texts(Flow(n.Number)), ["version"] = 7 }, 50);
        await StudioAsync("several definitions", n => new JsonObject { ["definitionIds"] = Texts(Flow(n.Number), Flow(n.Number + 1), Flow(n.Number + 2)) }, 50);
        await StudioAsync("created on one day", n => new JsonObject { ["timestampFilters"] = Day("CreatedAt", n) }, 50);
        await StudioAsync("ended on one day", n => new JsonObject { ["timestampFilters"] = Day("FinishedAt", n) }, 50);
        await StudioAsync("correlation id", n => new JsonObject { ["correlationId"] = n.Id }, 1);
    }

    private async Task SearchesAsync()
    {
        await StudioAsync("search connection id", n => new JsonObject { ["searchTerm"] = n.Id }, 1);
        await StudioAsync("search a caller's number", n => new JsonObject { ["searchTerm"] = History.CallerOf(n.Number) }, 5);
        await StudioAsync("search a called number", n => new JsonObject { ["searchTerm"] = History.CalledOf(n.Number) }, 50);
        await StudioAsync("search a number's beginning", n => new JsonObject { ["searchTerm"] = History.CallerOf(n.Number)[..9] }, 50);
        await StudioAsync("search all numbers' beginning", _ => new JsonObject { ["searchTerm"] = "+1" }, 50);
        await StudioAsync("search a flow by name", n => new JsonObject { ["searchTerm"] = $"Flow {Flow(n.Number)}" }, 50);
        await StudioAsync("search what is not there", n => new JsonObject { ["searchTerm"] = $"nothing {n.Number}" }, 0);
        await StudioAsync("search a number, one status", n => new JsonObject { ["searchTerm"] = History.CalledOf(n.Number), ["subStatuses"] = Texts("Finished") }, null);
    }

    private async Task ViewerAsync()
    {
        await AskAsync("viewer, instance", n => client.GetAsync($"/elsa/api/workflow-instances/{n.Id}"), Is("id"));
        await AskAsync("viewer, journal", n => client.PostAsJsonAsync($"/elsa/api/workflow-instances/{n.Id}/journal?skip=0&take=100", new JsonObject()), Some("items"));
        await AskAsync("viewer, variables", n => client.GetAsync($"/elsa/api/workflow-instances/{n.Id}/variables"), Some("items"));
        await AskAsync(
            "viewer, badges",
            n => client.PostAsJsonAsync("/elsa/api/activity-executions/report", new JsonObject { ["workflowInstanceId"] = n.Id, ["activityNodeIds"] = Texts("flow:say", "flow:again", "flow:end") }),
            Some("stats"));
        await AskAsync("viewer, executions of a node", n => client.GetAsync($"/elsa/api/activity-executions/list?WorkflowInstanceId={n.Id}&ActivityNodeId=flow:say"), Some("items"));
        await AskAsync("viewer, definition version", n => client.GetAsync($"/elsa/api/workflow-definitions/by-id/{Flow(n.Number)}-{(n.Number / History.Flows % History.VersionsOfFlow) + 1}?includeCompositeRoot=true"), Is("id"));
        await AskAsync("definitions, latest", _ => client.GetAsync("/elsa/api/workflow-definitions?versionOptions=Latest&page=0&pageSize=50"), Some("items"));
        await AskAsync("definitions, search", n => client.GetAsync($"/elsa/api/workflow-definitions?versionOptions=Latest&searchTerm={Flow(n.Number)}"), Some("items"));
        await AskAsync("versions of a definition", n => client.GetAsync($"/elsa/api/workflow-definitions?definitionIds={Flow(n.Number)}"), Some("items"));
    }

    private async Task ProgramsAsync()
    {
        await AskAsync("/v0/instances", _ => client.GetAsync("/v0/instances"), Some("results"));
        await AskAsync("/v0/instances, deep", n => client.GetAsync(Deep("/v0/instances", n)), Some("results"));
        await AskAsync("/v0/instances of a workflow", n => client.GetAsync($"/v0/instances?workflow_id={Flow(n.Number)}"), Some("results"));
        foreach (var status in (string[])["running", "waiting", "finished", "cancelled", "faulted"])
        {
            await AskAsync($"/v0/instances {status}", _ => client.GetAsync($"/v0/instances?status={status}"), status is "running" or "waiting" ? Any : Some("results"));
        }

        await AskAsync("/v0/instances faulted of a workflow", n => client.GetAsync($"/v0/instances?status=faulted&workflow_id={Flow(0)}"), Any);
        await AskAsync("/v0/instances running of a workflow", n => client.GetAsync($"/v0/instances?status=running&workflow_id={Flow(n.Number)}"), Any);
        await AskAsync("/v0/instances/{id}", n => client.GetAsync($"/v0/instances/{n.Id}"), Is("instance_id"));
        await AskAsync("/v0/instances/{id}/journal", n => client.GetAsync($"/v0/instances/{n.Id}/journal"), Some("entries"));
        await AskAsync("/v0/connections", _ => client.GetAsync("/v0/connections"), Some("results"));
        await AskAsync("/v0/connections, deep", n => client.GetAsync(Deep("/v0/connections", n)), Some("results"));
        await AskAsync("/v0/connections from a number", n => client.GetAsync($"/v0/connections?from={Uri.EscapeDataString(History.CallerOf(n.Number))}"), Some("results"));
        await AskAsync("/v0/connections to a number", n => client.GetAsync($"/v0/connections?to={Uri.EscapeDataString(History.CalledOf(n.Number))}"), Some("results"));
        await AskAsync("/v0/connections connected", _ => client.GetAsync("/v0/connections?status=connected"), Any);
        await AskAsync("/v0/connections outgoing", _ => client.GetAsync("/v0/connections?direction=outgoing"), Any);
        await AskAsync("/v0/connections/{id}", n => client.GetAsync($"/v0/connections/{n.Id}"), Is("connection_id"));
        await AskAsync("console, overview", _ => client.GetAsync("/console"), Any);
        await AskAsync("console, calls", _ => client.GetAsync("/console/connections"), Any);
    }

    private static string Flow(int n) => History.FlowId((n % History.Flows) + 16);

    private static JsonArray Texts(params ReadOnlySpan<string> texts)
    {
        var array = new JsonArray();
        foreach (var text in texts) array.Add(text);
        return array;
    }

    private static JsonArray Day(string column, PastCall call)
    {
        var begin = new DateTimeOffset(call.CreatedAt, TimeSpan.Zero).AddHours(-12);
        return
        [
            new JsonObject { ["column"] = column, ["operator"] = "GreaterThanOrEqual", ["timestamp"] = begin },
            new JsonObject { ["column"] = column, ["operator"] = "LessThan", ["timestamp"] = begin.AddDays(1) },
        ];
    }

    /// <summary>The address of a page in the midst: the one behind that call.</summary>
    private static string Deep(string list, PastCall call) => $"{list}?cursor={Paging.Encode(new PagePosition(call.CreatedAt, call.Id), backwards: false)}";

    private Task StudioAsync(string name, Func<PastCall, JsonObject> body, int? items) => AskAsync(
        name,
        n => client.PostAsJsonAsync("/elsa/api/workflow-instances", body(n)),
        json => items is null || json!["items"]!.AsArray().Count >= items);

    private static Func<JsonNode?, bool> Some(string list) => json => json![list] is JsonArray { Count: > 0 } or JsonObject { Count: > 0 };

    private static Func<JsonNode?, bool> Is(string id) => json => json![id] is not null;

    private static bool Any(JsonNode? json) => true;

    private async Task AskAsync(string name, Func<PastCall, Task<HttpResponseMessage>> ask, Func<JsonNode?, bool> isRight)
    {
        var waits = new Waits();
        foreach (var call in calls)
        {
            var begin = Stopwatch.GetTimestamp();
            using var answer = await ask(call);
            var text = await answer.Content.ReadAsStringAsync();
            waits.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
            var json = answer.Content.Headers.ContentType?.MediaType == "application/json" ? JsonNode.Parse(text) : null;
            if (!answer.IsSuccessStatusCode || !isRight(json))
            {
                throw new InvalidOperationException($"{name}: {(int)answer.StatusCode} {answer.RequestMessage!.RequestUri} {text[..Math.Min(500, text.Length)]}");
            }
        }

        var isLate = waits.At(1) > Target;
        overs += isLate ? 1 : 0;
        Console.WriteLine($"    {name,-36} p50 {waits.At(0.5),7:F1} ms   worst {waits.At(1),7:F1} ms{(isLate ? "   TOO LATE" : "")}");
    }
}
