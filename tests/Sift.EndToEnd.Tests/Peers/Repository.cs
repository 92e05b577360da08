using System.Reflection;

namespace Sift.EndToEnd.Tests.Peers;

/// <summary>Where things lie in the checkout under test.</summary>
internal static class Repository
{
    public static string Root { get; } = Path.GetFullPath(Metadata("RepositoryRoot"));

    /// <summary>As it is run: a release is the one compiled ahead (see Sift.Web.csproj).</summary>
    public static string ServerAssembly { get; } = Metadata("Configuration") == "Release"
        ? Path.Combine(Root, "artifacts", "publish", "Sift.Web", "release", "sift.dll")
        : Path.Combine(Root, "artifacts", "bin", "Sift.Web", "debug", "sift.dll");

    public static string Sample(string path) => Path.Combine(Root, "samples", path);

    public static string Scenario(string name) => Path.Combine(AppContext.BaseDirectory, "Scenarios", name);

    private static string Metadata(string key) =>
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;
}
