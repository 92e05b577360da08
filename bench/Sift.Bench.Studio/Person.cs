using System.Diagnostics;
using Microsoft.Playwright;

namespace Sift.Bench.Studio;

/// <summary>
/// A person with a browser whose profile is on disk, as anybody's is. A window without a profile keeps no compiled WebAssembly, so each of its
/// visits would be a first one.
/// </summary>
internal sealed class Person : IAsyncDisposable
{
    /// <summary>How long Chromium waits, in milliseconds, before it writes compiled WebAssembly to its profile; and a little more.</summary>
    public const float UntilCodeIsKept = 4000;

    private readonly IBrowserContext context;
    private readonly string url;

    private Person(IBrowserContext context, string url) => (this.context, this.url) = (context, url);

    public static async Task<Person> SitDownAsync(IPlaywright playwright, string profile, string url)
    {
        var context = await playwright.Chromium.LaunchPersistentContextAsync(profile, new BrowserTypeLaunchPersistentContextOptions
        {
            ExecutablePath = "/usr/bin/chromium",
            ViewportSize = new ViewportSize { Width = 1600, Height = 1000 },
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        context.SetDefaultTimeout(120_000);
        var page = await context.NewPageAsync();
        await page.GotoAsync($"{url}/console");
        if (page.Url.Contains("/sign-in", StringComparison.Ordinal))
        {
            await page.GetByLabel("Account id").FillAsync(BenchAccount.Id);
            await page.GetByLabel("Auth token").FillAsync(BenchAccount.AuthToken);
            await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
            await page.WaitForURLAsync("**/console");
        }

        await page.CloseAsync();
        return new Person(context, url);
    }

    public Task<IPage> NewPageAsync() => context.NewPageAsync();

    /// <summary>Opens a flow in the designer, looks at it for a while and closes it.</summary>
    public async Task<Visit> OpenAsync(string flow, int steps, float look = 0)
    {
        var page = await context.NewPageAsync();
        var tools = await context.NewCDPSessionAsync(page);
        await tools.SendAsync("Performance.enable", new Dictionary<string, object> { ["timeDomain"] = "threadTicks" });
        var begin = Stopwatch.GetTimestamp();
        await page.GotoAsync($"{url}/studio/workflows/definitions/{flow}/edit", new() { WaitUntil = WaitUntilState.Commit });
        await page.Locator("#sift-loading").WaitForAsync();
        var loading = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
        await page.WaitForFunctionAsync($"() => document.querySelectorAll('.x6-node').length >= {steps} && document.querySelectorAll('.x6-edge').length >= {steps - 1}");
        var drawn = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
        var metrics = (await tools.SendAsync("Performance.getMetrics"))!.Value.GetProperty("metrics").EnumerateArray();
        var main = metrics.First(metric => metric.GetProperty("name").GetString() == "TaskDuration").GetProperty("value").GetDouble() * 1000;
        var bytes = await page.EvaluateAsync<double>("() => performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation')).reduce((sum, entry) => sum + entry.transferSize, 0)");
        await page.WaitForTimeoutAsync(look);
        await page.CloseAsync();
        return new Visit(loading, drawn, main, bytes);
    }

    public ValueTask DisposeAsync() => new(context.CloseAsync());
}

/// <param name="Loading">Milliseconds from the address until the page says that it loads.</param>
/// <param name="Drawn">Milliseconds until the last step and connection are drawn.</param>
/// <param name="MainThread">Milliseconds of processor time that the page's main thread took for it.</param>
/// <param name="Bytes">What came over the wire.</param>
internal sealed record Visit(double Loading, double Drawn, double MainThread, double Bytes);
