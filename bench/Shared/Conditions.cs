using System.Runtime.InteropServices;

namespace Sift.Bench.Shared;

/// <summary>What a figure was measured on; a figure without it says nothing.</summary>
internal static class Conditions
{
    public static void Print(params string[] more)
    {
        var load = Read("/proc/loadavg")?.Split(' ')[0];
        Console.WriteLine($"conditions: {Processor()}, {Environment.ProcessorCount} cores, .NET {Environment.Version}, {RuntimeInformation.OSDescription}, {DateTime.UtcNow:yyyy-MM-dd}");
        Console.WriteLine($"            load average before the run {load ?? "unknown"}: the figures are good for a machine that does nothing else");
        foreach (var line in more)
        {
            Console.WriteLine($"            {line}");
        }
    }

    private static string Processor() => Read("/proc/cpuinfo")?.Split('\n').FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();

    private static string? Read(string path) => File.Exists(path) ? File.ReadAllText(path) : null;
}
