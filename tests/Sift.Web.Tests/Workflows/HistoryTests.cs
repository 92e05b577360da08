using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Sift.Web.Storage;
using Sift.Web.Tests.Observability;
using Sift.Web.Tests.Studio;
using Sift.Web.Tests.Testing;
using Sift.Web.Workflows;
using Sift.Workflows.Engine;

namespace Sift.Web.Tests.Workflows;

/// <summary>An instance told event by event, and given to another version.</summary>
[Collection(SiftServerCollection.Name)]
public sealed class HistoryTests(SiftServer server)
{
    private readonly StudioClient studio = new(server.Client);

    [Fact]
    public async Task Each_step_says_what_happened_and_what_it_changed()
    {
        var instance = await studio.RunAsync((string)(await studio.SaveAsync(Flow("1", "2")))["definitionId"]!);
        await server.Client.PostAsJsonAsync($"/v0/instances/{instance}/events", new { @event = "go", payload = new { ok = true } });

        var steps = (await StepsAsync(instance)).Select(step => step!.AsObject()).ToList();

        Assert.Equal(Enumerable.Range(1, steps.Count), steps.Select(step => (int)step["sequence"]!));
        Assert.True((bool)steps[0]["outside"]!);
        var set = steps.First(step => (string?)step["kind"] == "variable.set");
        Assert.Equal(("x = \"1\"", "1"), ((string)set["text"]!, (string)set["changed"]!["x"]!));
        Assert.Contains("Event go", steps.Select(step => (string)step["text"]!));
        var started = steps.Single(step => (string?)step["text"] == "set1 started");
        Assert.Equal(("root:set1", "Sift.SetVariable"), ((string)started["node_id"]!, (string)started["started"]!["type"]!));
        Assert.Equal(
            ["completed", "completed", "completed", "completed"],
            steps.Where(step => step["ended"] is not null).Select(step => (string)step["ended"]!["status"]!));
    }

    [Fact]
    public async Task Steps_are_read_page_by_page()
    {
        var instance = await studio.RunAsync((string)(await studio.SaveAsync(Flow("1", "2")))["definitionId"]!);

        var first = await SiftServer.JsonAsync(await server.Client.GetAsync($"/v0/instances/{instance}/steps?limit=3"));
        var rest = await SiftServer.JsonAsync(await server.Client.GetAsync($"/v0/instances/{instance}/steps?after={first["next"]}"));

        Assert.Equal((3, 4), ((int)first["next"]!, (int)rest["steps"]![0]!["sequence"]!));
        Assert.Null(rest["next"]);
        Assert.Equal((int)first["last"]!, 3 + rest["steps"]!.AsArray().Count);
    }

    [Fact]
    public async Task Every_decision_of_another_version_that_differs_is_listed_side_by_side()
    {
        var saved = await studio.SaveAsync(Flow("1", "2"), publish: true);
        var instance = await studio.RunAsync((string)saved["definitionId"]!);
        await server.Client.PostAsJsonAsync($"/v0/instances/{instance}/events", new { @event = "go" });
        saved["root"]!["activities"]![0]!["value"]!["expression"]!["value"] = "10";
        saved["root"]!["activities"]![2]!["value"]!["expression"]!["value"] = "20";
        await studio.SaveAsync(saved, publish: true);

        var replay = await SiftServer.JsonAsync(await server.Client.GetAsync($"/v0/instances/{instance}/replay?version=2"));

        Assert.False((bool)replay["same"]!);
        Assert.Equal(
            [("x = \"1\"", "x = \"10\""), ("y = \"2\"", "y = \"20\"")],
            replay["differences"]!.AsArray().Select(difference => ((string)difference!["recorded"]!, (string)difference["decided"]!)));
        Assert.Equal(("finished", "finished"), ((string)replay["recorded_end"]!, (string)replay["decided_end"]!));
        Assert.Equal((string)replay["differences"]![0]!["recorded"]!, (string)replay["recorded"]!);
        var same = await SiftServer.JsonAsync(await server.Client.GetAsync($"/v0/instances/{instance}/replay?version=1"));
        Assert.True((bool)same["same"]!);
        Assert.Empty(same["differences"]!.AsArray());
        Assert.Equal(HttpStatusCode.NotFound, (await server.Client.GetAsync($"/v0/instances/{instance}/replay?version=9")).StatusCode);
    }

    [Fact]
    public async Task The_command_of_the_operator_lists_them_too()
    {
        var saved = await studio.SaveAsync(Flow("1", "2"), publish: true);
        var instance = await studio.RunAsync((string)saved["definitionId"]!);
        await server.Client.PostAsJsonAsync($"/v0/instances/{instance}/events", new { @event = "go" });
        saved["root"]!["activities"]![2]!["value"]!["expression"]!["value"] = "20";
        await studio.SaveAsync(saved, publish: true);

        var (code, output, _) = await CommandAsync(instance, "--version", "2");
        Assert.Equal(1, code);
        Assert.Contains("1 decision differs:", output, StringComparison.Ordinal);
        Assert.Contains("recorded:   y = \"2\"", output, StringComparison.Ordinal);
        Assert.Contains("version 2   y = \"20\"", output, StringComparison.Ordinal);

        Assert.Equal(0, (await CommandAsync(instance)).Code);
        Assert.Equal((2, "There is no version 7"), await FailureAsync(instance, "--version", "7"));
        Assert.Equal((2, "There is no instance nobody"), await FailureAsync("nobody"));
        Assert.Equal(2, (await CommandAsync("--version")).Code);

        async Task<(int, string)> FailureAsync(params string[] arguments)
        {
            var (failed, _, errors) = await CommandAsync(arguments);
            return (failed, errors[..Math.Min(errors.IndexOfAny(['.', '\n']), errors.IndexOf(" of", StringComparison.Ordinal) is > 0 and var of ? of : int.MaxValue)]);
        }
    }

    [Fact]
    public async Task What_a_caller_entered_in_confidence_stands_in_neither_and_still_decides_the_replay()
    {
        // Longer than what an id or a time may hold by chance.
        const string Pin = "471108152342";

        JsonObject Secret(string value)
        {
            var set = StudioClient.Activity("set1", "Sift.SetVariable", ("variable", "pin"));
            set["value"] = new JsonObject { ["expression"] = new JsonObject { ["type"] = "Template", ["value"] = value } };
            return StudioClient.NewFlow(null, StudioClient.Activity("ask", "Sift.GetDigits", ("count", "12"), ("sensitive", "True")), set);
        }

        var flow = Secret("is {{ last.Digits }}");
        ((JsonObject)flow["root"]!["connections"]![0]!["source"]!)["port"] = "Digits";
        var saved = await studio.SaveAsync(flow, publish: true);
        var runtime = server.Services.GetRequiredService<IWorkflowRuntime>();
        var instance = Ids.New();
        await runtime.StartAsync(
            new InstanceStart(instance, (string)saved["definitionId"]!, null, new JsonObject { ["connection"] = new JsonObject { ["status"] = "connected", ["direction"] = "incoming" } }) { AccountId = SiftServer.Account },
            default);
        foreach (var digit in Pin)
        {
            await runtime.SignalAsync(instance, new InstanceSignal("leg.digit", null, new JsonObject { ["digit"] = digit.ToString() }), default);
        }

        saved["root"]!["activities"]!.AsArray().Single(activity => (string?)activity!["id"] == "set1")!["value"]!["expression"]!["value"] = "was {{ last.Digits }}";
        await studio.SaveAsync(saved, publish: true);

        var steps = (await StepsAsync(instance)).ToJsonString();
        var replay = (await SiftServer.JsonAsync(await server.Client.GetAsync($"/v0/instances/{instance}/replay?version=2"))).ToJsonString();
        Assert.Contains("ask completed: Digits", steps, StringComparison.Ordinal);
        Assert.DoesNotContain(Pin, steps, StringComparison.Ordinal);
        Assert.DoesNotContain(Pin, replay, StringComparison.Ordinal);
        Assert.Equal(
            [("""set1 started: {"Value":"is •••"}""", """set1 started: {"Value":"was •••"}"""), ("pin = \"is •••\"", "pin = \"was •••\"")],
            JsonNode.Parse(replay)!["differences"]!.AsArray().Select(difference => ((string)difference!["recorded"]!, (string)difference["decided"]!)));
    }

    [Fact]
    public async Task A_connection_leads_to_its_instance_and_an_instance_to_its_connection()
    {
        var id = await RecordedCall.WriteAsync(server);

        var connection = await SiftServer.JsonAsync(await server.Client.GetAsync($"/v0/connections/{id}"));
        Assert.Equal((id, $"/studio/workflows/instances/{id}/view", $"/studio/workflows/instances/{id}/history"), ((string)connection["instance_id"]!, (string)connection["viewer_url"]!, (string)connection["history_url"]!));
        var listed = (await SiftServer.JsonAsync(await server.Client.GetAsync("/v0/instances")))["results"]!.AsArray().Single(item => (string)item!["instance_id"]! == id)!;
        Assert.Equal(id, (string)listed["connection_id"]!);
        var page = await server.Client.GetStringAsync($"/console/connections/{id}");
        Assert.Contains($"href=\"/studio/workflows/instances/{id}/view\"", page, StringComparison.Ordinal);
        Assert.Contains($"href=\"/studio/workflows/instances/{id}/history\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_runs_no_script_but_its_own_and_asks_for_the_sign_in()
    {
        var response = await server.Client.GetAsync("/studio/workflows/instances/x/history");
        var page = await response.Content.ReadAsStringAsync();

        Assert.Equal(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            response.Headers.GetValues("Content-Security-Policy").Single());
        Assert.DoesNotMatch("<script(?![^>]*src=)|<style|style=|onclick=", page);
        using var browser = server.Browser();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/studio/workflows/instances/x/history");
        request.Headers.Accept.ParseAdd("text/html");
        Assert.StartsWith("/sign-in", (await browser.SendAsync(request)).Headers.Location?.PathAndQuery ?? (await browser.GetAsync("/studio/workflows/instances/x/history")).Headers.Location!.ToString(), StringComparison.Ordinal);
    }

    private static JsonObject Flow(string x, string y) => StudioClient.NewFlow(
        null,
        StudioClient.Activity("set1", "Sift.SetVariable", ("variable", "x"), ("value", x)),
        StudioClient.Activity("wait1", "Sift.WaitForEvent", ("event", "go")),
        StudioClient.Activity("set2", "Sift.SetVariable", ("variable", "y"), ("value", y)));

    private async Task<JsonArray> StepsAsync(string instance)
    {
        var answer = await SiftServer.JsonAsync(await server.Client.GetAsync($"/v0/instances/{instance}/steps"));
        return answer["steps"] is JsonArray steps ? steps : throw new InvalidOperationException(answer.ToJsonString());
    }

    private async Task<(int Code, string Output, string Errors)> CommandAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = await ReplayCommand.RunAsync(server.Services, arguments, output, errors, default);
        return (code, output.ToString(), errors.ToString());
    }
}
