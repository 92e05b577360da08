using System.Globalization;
using Microsoft.Playwright;
using Sift.Bench.Shared;
using Sift.Bench.Studio;

// Usage: Sift.Bench.Studio, by ./bench/run.sh studio [how often the designer is opened with a warm cache]
const int Steps = 12, ColdVisits = 3, Events = 20;
var warmVisits = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 9;
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Conditions.Print(
    "server (Release) and Chromium without a window on the same machine, loopback",
    $"a flow of {Steps} steps; the time is from the address to the last step drawn",
    "cold: a new browser profile; warm: the profile of somebody who was here before, the browser started anew");
var data = Directory.CreateTempSubdirectory("sift-bench-studio-").FullName;
try
{
<<<<<<< HEAD
    using var server = await ServerProcess.StartAsync(
        Path.Combine(AppContext.BaseDirectory, "../../Sift.Web/release/sift.dll"), $"Data Source={data}/sift.db", data, BenchAccount.Id, BenchAccount.AuthToken);
    var flow = await BenchFlows.InARowAsync(server, Steps, "Sift.Say", "text", step => $"This is step {step}.");
=======
    using var server = await ServerProcess.StartAsync(Path.Combine(AppContext.BaseDirectory, "../../../publish/Sift.Web/release/sift.dll"), $"Data Source={data}/sift.db", data, AccountId, AuthToken);
    var flow = await DrawAsync(server);
>>>>>>> main
    using var playwright = await Playwright.CreateAsync();
    var (cold, coldMain, seen, warm, warmMain) = (new Waits(), new Waits(), new Waits(), new Waits(), new Waits());
    double coldBytes = 0, warmBytes = 0;
    for (var visit = 0; visit < ColdVisits; visit++)
    {
        await using var stranger = await Person.SitDownAsync(playwright, Profile(visit), server.Url);
        var first = await stranger.OpenAsync(flow, Steps, Person.UntilCodeIsKept);
        cold.Add(first.Drawn);
        coldMain.Add(first.MainThread);
        seen.Add(first.Loading);
        coldBytes = first.Bytes;
    }

    await using var person = await Person.SitDownAsync(playwright, Profile(ColdVisits - 1), server.Url);

    // The compiler of the browser keeps code from the second visit on.
    await person.OpenAsync(flow, Steps, Person.UntilCodeIsKept);
    for (var visit = 0; visit < warmVisits; visit++)
    {
        var next = await person.OpenAsync(flow, Steps);
        warm.Add(next.Drawn);
        warmMain.Add(next.MainThread);
        warmBytes = next.Bytes;
    }

    Console.WriteLine($"  cold cache  graph drawn after {Told(cold)} (of {cold.Count}; target 10 s), the page says that it loads after {seen.At(0.5) / 1000:F2} s");
    Console.WriteLine($"              processor time of the page's main thread {Told(coldMain)}, {coldBytes / 1e6:F1} MB over the wire");
    Console.WriteLine($"  warm cache  graph drawn after {Told(warm)} (of {warm.Count}; target 4 s)");
    Console.WriteLine($"              processor time of the page's main thread {Told(warmMain)}, {warmBytes / 1e6:F1} MB over the wire");
    var badges = await LiveBadges.MeasureAsync(server, person, Events);
    Console.WriteLine($"  live        from the end of an activity, by the journal, to its badge in an open viewer: {badges} (of {badges.Count}; target 500 ms)");
}
finally
{
    Directory.Delete(data, recursive: true);
}

string Profile(int visit) => Path.Combine(data, $"profile{visit}");

static string Told(Waits waits) => $"{waits.At(0) / 1000:F1} s at best, {waits.At(0.5) / 1000:F1} s median, {waits.At(1) / 1000:F1} s at worst";
