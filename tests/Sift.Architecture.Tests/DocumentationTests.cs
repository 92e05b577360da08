using System.Text.RegularExpressions;

namespace Sift.Architecture.Tests;

/// <summary>Documents that name files must name files that exist.</summary>
public sealed partial class DocumentationTests
{
    private static readonly string[] AllowedAtTheRoot =
    [
        "Sift.sln", "run.sh", "test.sh", "Directory.Build.props", "Directory.Packages.props", "BannedSymbols.txt", "global.json",
        ".editorconfig", ".gitignore", ".gitattributes", "README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE",
    ];

    [Fact]
    public void The_root_holds_no_plans_patches_or_dumps()
    {
        var unexpected = Directory.EnumerateFiles(Tree.Root).Select(Path.GetFileName).Except(AllowedAtTheRoot);

        Assert.Empty(unexpected);
    }

    [Fact]
    public void Files_named_in_the_rfc_tables_exist()
    {
        var missing =
            from document in Directory.EnumerateFiles(Path.Combine(Tree.Root, "docs"), "rfc*.md").Concat(RfcFolder())
            from Match match in NamedFile().Matches(File.ReadAllText(document))
            where !File.Exists(Path.Combine(Tree.Root, match.Groups[1].Value))
            select $"{Path.GetFileName(document)}: {match.Groups[1].Value}";

        Assert.Empty(missing);
    }

    [Fact]
    public void Links_between_documents_lead_somewhere()
    {
        var broken =
            from document in Directory.EnumerateFiles(Path.Combine(Tree.Root, "docs"), "*.md", SearchOption.AllDirectories)
                .Concat(Directory.EnumerateFiles(Tree.Root, "*.md"))
            from Match match in Link().Matches(File.ReadAllText(document))
            let target = match.Groups[1].Value.Split('#')[0]
            where target.Length > 0 && !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal)
            let path = Path.Combine(Path.GetDirectoryName(document)!, target)
            where !File.Exists(path) && !Directory.Exists(path)
            select $"{Path.GetRelativePath(Tree.Root, document)}: {target}";

        Assert.Empty(broken);
    }

    private static IEnumerable<string> RfcFolder()
    {
        var folder = Path.Combine(Tree.Root, "docs", "rfc");
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.md") : [];
    }

    [GeneratedRegex(@"`((?:src|tests|docs)/[\w./-]+\.(?:cs|md|json|dat))`")]
    private static partial Regex NamedFile();

    [GeneratedRegex(@"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")]
    private static partial Regex Link();
}
