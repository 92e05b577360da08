using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Sift.Bench.Shared;

// Usage: Sift.Bench.Studio, by ./bench/run.sh studio
const string AccountId = "573e49212d2c62e6", AuthToken = "bench-auth-token-0123456789abcdef";
const int Steps = 12, Rounds = 3;
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Conditions.Print("server (Release) and Chromium without a window on the same machine, loopback", $"a flow of {Steps} steps; the time is from the address to the last step drawn");
var data = Directory.CreateTempSubdirectory("sift-bench-studio-").FullName;
try
{
    using var server = await ServerProcess.StartAsync(Path.Combine(AppContext.BaseDirectory, "../../../publish/Sift.Web/release/sift.dll"), $"Data Source={data}/sift.db", data, AccountId, AuthToken);
    var flow = await DrawAsync(server);
    using var playwright = await Playwright.CreateAsync();
    await using var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
    {
        ExecutablePath = "/usr/bin/chromium",
        Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    });
    var (cold, warm, seen, bytes) = (new Waits(), new Waits(), new Waits(), "");
    for (var round = 0; round < Rounds; round++)
    {
        // A context has a cache of its own, empty at first.
        await using var context = await browser.NewContextAsync(new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = 1600, Height = 1000 } });
        context.SetDefaultTimeout(120_000);
        await SignInAsync(context, server.Url);
        var first = await LoadAsync(context, server.Url, flow);
        cold.Add(first.Drawn);
        seen.Add(first.Loading);
        var second = await LoadAsync(context, server.Url, flow);
        warm.Add(second.Drawn);
        bytes = $"{first.Bytes / 1e6:F1} MB over the wire cold, {second.Bytes / 1e6:F1} MB warm";
    }

    Console.WriteLine($"  cold cache  graph drawn after {cold.At(0.5) / 1000:F1} s (worst of {Rounds}: {cold.At(1) / 1000:F1} s; target 10 s), the page says that it loads after {seen.At(0.5) / 1000:F2} s");
    Console.WriteLine($"  warm cache  graph drawn after {warm.At(0.5) / 1000:F1} s (worst of {Rounds}: {warm.At(1) / 1000:F1} s; target 4 s)");
    Console.WriteLine($"  {bytes}");
}
finally
{
    Directory.Delete(data, recursive: true);
}

static async Task<string> DrawAsync(ServerProcess server)
{
    var (activities, connections) = (new JsonArray(), new JsonArray());
    for (var i = 0; i < Steps; i++)
    {
        activities.Add(new JsonObject
        {
            ["id"] = $"say{i}",
            ["nodeId"] = $"flow:say{i}",
            ["name"] = $"Say{i}",
            ["type"] = "Sift.Say",
            ["version"] = 1,
            ["customProperties"] = new JsonObject { ["canStartWorkflow"] = i == 0 },
            ["metadata"] = new JsonObject
            {
                ["designer"] = new JsonObject
                {
                    ["position"] = new JsonObject { ["x"] = 230 * (i % 4), ["y"] = 120 * (i / 4) },
                    ["size"] = new JsonObject { ["width"] = 200, ["height"] = 60 },
                },
            },
            ["text"] = new JsonObject { ["typeName"] = "String", ["expression"] = new JsonObject { ["type"] = "Literal", ["value"] = $"This is step {i}." } },
        });
        if (i > 0)
        {
            connections.Add(new JsonObject
            {
                ["source"] = new JsonObject { ["activity"] = $"say{i - 1}", ["port"] = "Done" },
                ["target"] = new JsonObject { ["activity"] = $"say{i}", ["port"] = "In" },
                ["vertices"] = new JsonArray(),
            });
        }
    }

    using var client = server.Client(AccountId, AuthToken);
    using var answer = await client.PostAsJsonAsync("/v0/workflows?publish=true", new JsonObject
    {
        ["name"] = "Bench",
        ["root"] = new JsonObject
        {
            ["type"] = "Elsa.Flowchart",
            ["version"] = 1,
            ["id"] = "flow",
            ["nodeId"] = "flow",
            ["name"] = "Flowchart1",
            ["customProperties"] = new JsonObject(),
            ["metadata"] = new JsonObject(),
            ["variables"] = new JsonArray(),
            ["activities"] = activities,
            ["connections"] = connections,
        },
    });
    var text = await answer.Content.ReadAsStringAsync();
    return answer.IsSuccessStatusCode ? answer.Headers.Location!.ToString().Split('/')[^1] : throw new InvalidOperationException($"The flow was not taken: {text}");
}

static async Task SignInAsync(IBrowserContext context, string url)
{
    var page = await context.NewPageAsync();
    await page.GotoAsync($"{url}/console");
    await page.GetByLabel("Account id").FillAsync(AccountId);
    await page.GetByLabel("Auth token").FillAsync(AuthToken);
    await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
    await page.WaitForURLAsync("**/console");
    await page.CloseAsync();
}

static async Task<(double Loading, double Drawn, double Bytes)> LoadAsync(IBrowserContext context, string url, string flow)
{
    var page = await context.NewPageAsync();
    var begin = Stopwatch.GetTimestamp();
    await page.GotoAsync($"{url}/studio/workflows/definitions/{flow}/edit", new() { WaitUntil = WaitUntilState.Commit });
    await page.Locator("#sift-loading").WaitForAsync();
    var loading = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
    await page.WaitForFunctionAsync($"() => document.querySelectorAll('.x6-node').length >= {Steps} && document.querySelectorAll('.x6-edge').length >= {Steps - 1}");
    var drawn = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
    var bytes = await page.EvaluateAsync<double>("() => performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation')).reduce((sum, entry) => sum + entry.transferSize, 0)");
    await page.CloseAsync();
    return (loading, drawn, bytes);
}
