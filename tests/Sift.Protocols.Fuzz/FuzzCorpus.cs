namespace Sift.Protocols.Fuzz;

/// <summary>The targets of this assembly and their corpus files.</summary>
internal static class FuzzCorpus
{
    public static IReadOnlyList<IFuzzTarget> Targets { get; } =
    [
        .. typeof(FuzzCorpus).Assembly.GetTypes()
            .Where(t => t is { IsClass: true, IsAbstract: false, IsNested: false } && t.IsAssignableTo(typeof(IFuzzTarget)))
            .OrderBy(t => t.Name, StringComparer.Ordinal)
            .Select(t => (IFuzzTarget)Activator.CreateInstance(t)!),
    ];

    public static IFuzzTarget Target(string name) => Targets.Single(t => t.Name == name);

    /// <summary>In name order, so that a seed means the same everywhere.</summary>
    public static IReadOnlyList<byte[]> Files(string target)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Corpus", target);
        return [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];
    }
}
