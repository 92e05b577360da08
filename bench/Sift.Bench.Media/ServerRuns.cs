using Sift.Bench.Shared;

namespace Sift.Bench.Media;

/// <summary>The parts of the bench that drive the real server process, as the command line asks for them.</summary>
internal static class ServerRuns
{
    public static async Task RunAsync(string assembly, string[] args)
    {
        var wanted = args.TakeWhile(static a => !a.StartsWith("--", StringComparison.Ordinal)).DefaultIfEmpty("all").ToHashSet();
        var core = int.Parse(Option("--core", "0"));
        var duration = TimeSpan.FromSeconds(int.Parse(Option("--seconds", "10")));
        var relayed = Sizes("--relay", "600,800,1000");
        Conditions.Print($"server pinned to core {core} with one pacing thread, browsers by this process on another, loopback, DTLS-SRTP with AES-128-GCM, journal on SQLite");
        if (Wanted("setup"))
        {
            await SetUpBench.RunAsync(assembly, core, int.Parse(Option("--calls", "100")), CancellationToken.None);
        }

        if (Wanted("transcode"))
        {
            await ServerLegs.RunAsync(BrowserLoadKind.BrowserTranscode, assembly, core, Sizes("--transcode", "120,160,200"), duration, CancellationToken.None);
        }

        if (Wanted("relay"))
        {
            await ServerLegs.RunAsync(BrowserLoadKind.BrowserRelay, assembly, core, relayed, duration, CancellationToken.None);
        }

        if (Wanted("pcmu"))
        {
            await ServerLegs.RunAsync(BrowserLoadKind.BrowserPcmu, assembly, core, relayed, duration, CancellationToken.None);
        }

        bool Wanted(string name) => wanted.Contains("all") || wanted.Contains(name);

        string Option(string name, string otherwise) => Array.IndexOf(args, name) is >= 0 and var at ? args[at + 1] : otherwise;

        int[] Sizes(string name, string otherwise) => [.. Option(name, otherwise).Split(',').Select(int.Parse)];
    }
}
