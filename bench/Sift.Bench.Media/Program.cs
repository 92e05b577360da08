using Sift.Bench.Media;

// Sift.Bench.Media [play|relay|transcode|ports|browserpcmu|browserrelay|browsertranscode|all] [legs] [seconds]
// Sift.Bench.Media server SERVER.dll [setup|transcode|relay|pcmu ...] [--core N] [--calls N] [--seconds N] [--transcode 120,160,200] [--relay 600,800,1000]
if (args is ["server", var assembly, ..])
{
    await ServerRuns.RunAsync(assembly, args[2..]);
    return;
}

var what = args.ElementAtOrDefault(0) ?? "all";
var legs = int.TryParse(args.ElementAtOrDefault(1), out var l) ? l : 1000;
var seconds = int.TryParse(args.ElementAtOrDefault(2), out var s) ? s : 10;
Console.WriteLine($"cores {Environment.ProcessorCount}, {System.Runtime.InteropServices.RuntimeInformation.OSDescription}, .NET {Environment.Version}");
Console.WriteLine("CPU is that of the media thread alone (its own counter); the far ends are sessions of a second engine, so each packet also pays the loopback's softirq.");
if (what is "ports" or "all")
{
    PortBench.Run(2000);
}

foreach (var load in new[] { MediaLoad.Play, MediaLoad.Relay, MediaLoad.Transcode })
{
    if (what == "all" || what.Equals(load.ToString(), StringComparison.OrdinalIgnoreCase))
    {
        LegBench.Run(load, legs, TimeSpan.FromSeconds(seconds));
    }
}

foreach (var load in new[] { BrowserLoadKind.BrowserPcmu, BrowserLoadKind.BrowserRelay, BrowserLoadKind.BrowserTranscode })
{
    if (what == "all" || what.Equals(load.ToString(), StringComparison.OrdinalIgnoreCase))
    {
        BrowserLoad.Run(load, load == BrowserLoadKind.BrowserTranscode ? legs / 4 : legs, TimeSpan.FromSeconds(seconds));
    }
}
