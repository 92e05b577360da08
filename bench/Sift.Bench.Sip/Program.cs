using System.Globalization;
using Sift.Bench.Sip;

// sift-bench-sip [core|path|all] [calls] [calls per second of the path]
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var what = args.ElementAtOrDefault(0) ?? "all";
var calls = int.TryParse(args.ElementAtOrDefault(1), out var c) ? c : 20_000;
var rate = int.TryParse(args.ElementAtOrDefault(2), out var r) ? r : 200;
Console.WriteLine($"cores {Environment.ProcessorCount}, {System.Runtime.InteropServices.RuntimeInformation.OSDescription}, .NET {Environment.Version}");
if (what is "core" or "all")
{
    CoreBench.Run(calls);
}

if (what is "path" or "all")
{
    PathBench.Run(calls / 10, rate);
}
