namespace Sift.Architecture.Tests;

/// <summary>The checkout, found upwards from the test assembly.</summary>
internal static class Tree
{
    public static string Root { get; } = FindRoot();

    /// <summary>Tracked-looking C# files below a folder, as paths relative to the root with forward slashes.</summary>
    public static IEnumerable<string> CSharp(params string[] folders) =>
        folders.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories))
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal))
            .Order();

    public static string Read(string relative) => File.ReadAllText(Path.Combine(Root, relative));

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Sift.sln")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new InvalidOperationException("Sift.sln is not above the test assembly.");
    }
}
