using System.Text.RegularExpressions;

namespace Sift.Architecture.Tests;

/// <summary>Names and sizes that keep the tree readable.</summary>
public sealed partial class NamingTests
{
    private static readonly string[] Sources = ["src", "tests", "bench"];

    [Fact]
    public void Nothing_is_called_manager_helper_or_util()
    {
        var offences = Tree.CSharp(Sources)
            .SelectMany(file => VagueType().Matches(Tree.Read(file)).Select(m => $"{file}: {m.Value}"))
            .Concat(Tree.CSharp(Sources).Where(file => VagueFolder().IsMatch(file)));

        Assert.Empty(offences);
    }

    [Fact]
    public void No_file_is_longer_than_600_lines()
    {
        var offences = Tree.CSharp(Sources)
            .Where(file => !file.EndsWith("Table.cs", StringComparison.Ordinal) && !file.EndsWith(".g.cs", StringComparison.Ordinal))
            .Select(file => (file, lines: File.ReadLines(Path.Combine(Tree.Root, file)).Count()))
            .Where(f => f.lines > 600)
            .Select(f => $"{f.file}: {f.lines} lines");

        Assert.Empty(offences);
    }

    [Fact]
    public void Namespaces_are_file_scoped_and_equal_the_folder()
    {
        var offences = new List<string>();
        foreach (var file in Tree.CSharp("src"))
        {
            var match = Namespace().Match(Tree.Read(file));
            if (match.Success && match.Groups[1].Value != ExpectedNamespace(file))
            {
                offences.Add($"{file}: {match.Groups[1].Value}");
            }
        }

        Assert.Empty(offences);
    }

    [Fact]
    public void Todo_comments_carry_an_issue_number()
    {
        var offences = Tree.CSharp("src", "tests")
            .Where(file => !file.EndsWith("NamingTests.cs", StringComparison.Ordinal))
            .SelectMany(file => OpenTodo().Matches(Tree.Read(file)).Select(m => $"{file}: {m.Value}"));

        Assert.Empty(offences);
    }

    [Fact]
    public void Only_cores_hosts_and_loops_swallow_every_exception()
    {
        var offences = Tree.CSharp("src").Where(file => EmptyCatch().IsMatch(Tree.Read(file)));

        Assert.Empty(offences);
    }

    private static string ExpectedNamespace(string file) =>
        string.Join('.', file.Split('/')[1..^1]);

    [GeneratedRegex(@"\b(class|record|struct|interface|enum)\s+\w*(Manager|Helper|Helpers|Util|Utils|Utility|Misc|Impl)\b")]
    private static partial Regex VagueType();

    [GeneratedRegex(@"/(Managers|Helpers|Utils?|Utilities|Common|Misc|Controllers|Services|Models|Dtos|Interfaces)/")]
    private static partial Regex VagueFolder();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK)\b(?!.*#\d)")]
    private static partial Regex OpenTodo();

    [GeneratedRegex(@"catch\s*(\(Exception(\s+\w+)?\))?\s*\{\s*\}")]
    private static partial Regex EmptyCatch();
}
