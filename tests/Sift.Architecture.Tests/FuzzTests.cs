using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Sift.Architecture.Tests;

/// <summary>Whatever reads what a stranger sent is under fuzz, with a corpus to begin from.</summary>
public sealed class FuzzTests
{
    private const string Parse = "TryParse";

    /// <summary>Far fewer would mean that the search finds nothing any more.</summary>
    private const int FewestParsers = 25;

    private static readonly Assembly Fuzz = Assembly.Load("Sift.Protocols.Fuzz");

    [Fact]
    public void Every_parser_of_the_protocol_cores_is_called_by_a_fuzz_target()
    {
        var parsers = Assembly.Load("Sift.Protocols").GetTypes().Where(HasParser).Select(static type => type.FullName!).ToList();

        Assert.InRange(parsers.Count, FewestParsers, int.MaxValue);
        Assert.Empty(parsers.Except(ParsersCalledBy(Fuzz)).Order());
    }

    [Fact]
    public void Every_fuzz_target_has_a_corpus_and_every_corpus_a_target()
    {
        var targets = Fuzz.GetTypes()
            .Where(static type => type is { IsClass: true, IsNested: false } && type.GetInterface("IFuzzTarget") is not null)
            .Select(static type => (string)type.GetProperty("Name")!.GetValue(Activator.CreateInstance(type))!)
            .Order()
            .ToList();
        var corpora = Directory.GetDirectories(Path.Combine(Tree.Root, "tests/Sift.Protocols.Fuzz/Corpus"));

        Assert.Equal(targets, corpora.Select(static path => Path.GetFileName(path)).Order());
        Assert.All(corpora, static path => Assert.NotEmpty(Directory.GetFiles(path)));
    }

    private static bool HasParser(Type type) => type
        .GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        .Any(static method => method is { Name: Parse, IsPrivate: false }
            && method.GetParameters() is [{ ParameterType: var input }, ..]
            && (input == typeof(ReadOnlySpan<byte>) || input == typeof(ReadOnlySpan<char>) || input == typeof(string)));

    /// <summary>From the compiled references, which cannot claim a call that is not there.</summary>
    private static HashSet<string> ParsersCalledBy(Assembly assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly.Location));
        var metadata = file.GetMetadataReader();
        return [.. metadata.MemberReferences
            .Select(metadata.GetMemberReference)
            .Where(member => metadata.GetString(member.Name) == Parse && member.Parent.Kind == HandleKind.TypeReference)
            .Select(member => metadata.GetTypeReference((TypeReferenceHandle)member.Parent))
            .Select(type => $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}")];
    }
}
