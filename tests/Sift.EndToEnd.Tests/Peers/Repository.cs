using System.Reflection;

namespace Sift.EndToEnd.Tests.Peers;

/// <summary>Where things lie in the checkout under test.</summary>
internal static class Repository
{
    public static string Root { get; } = Path.GetFullPath(Metadata("RepositoryRoot"));

    public static string ServerAssembly { get; } =
        Path.Combine(Root, "artifacts", "bin", "Sift.Web", Metadata("Configuration").ToLowerInvariant(), "sift.dll");

    public static string Sample(string path) => Path.Combine(Root, "samples", path);

    public static string Scenario(string name) => Path.Combine(AppContext.BaseDirectory, "Scenarios", name);

    private static string Metadata(string key) =>
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;
}
