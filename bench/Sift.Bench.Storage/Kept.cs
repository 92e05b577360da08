namespace Sift.Bench.Storage;

/// <summary>Where the stores of the bench lie between runs: a million instances take longer to make than to measure.</summary>
internal static class Kept
{
    public static string Directory { get; } = System.IO.Directory.CreateDirectory(Environment.GetEnvironmentVariable("SIFT_BENCH_STORES") ?? "/var/tmp/sift-bench").FullName;

    public static string FileSystem() => DriveInfo.GetDrives()
        .Where(drive => Directory.StartsWith(drive.Name, StringComparison.Ordinal))
        .OrderByDescending(drive => drive.Name.Length)
        .Select(drive => drive.DriveFormat)
        .FirstOrDefault("unknown file system");
}
