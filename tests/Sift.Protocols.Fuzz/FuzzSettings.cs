using System.Globalization;

namespace Sift.Protocols.Fuzz;

/// <summary>What the environment says about a run.</summary>
internal static class FuzzSettings
{
    private const int DefaultSeconds = 3;
    private const int LongRunSeconds = 30;
    private const int DefaultSeed = 4475;

    /// <summary>SIFT_FUZZ_SECONDS: how long each target runs.</summary>
    public static int Seconds { get; } = Setting("SIFT_FUZZ_SECONDS", DefaultSeconds);

    /// <summary>SIFT_FUZZ_SEED: repeats a run.</summary>
    public static int Seed { get; } = Setting("SIFT_FUZZ_SEED", DefaultSeed);

    public static bool IsLongRun => Seconds >= LongRunSeconds;

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
