using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Sift.Architecture.Tests;

/// <summary>Which project may know which (ARCHITECTURE.md); the compiler enforces direct references, this the compiled truth.</summary>
public sealed class ReferenceTests
{
    public static TheoryData<string, string[]> Allowed => new()
    {
        { "Sift.Protocols", [] },
        { "Sift.Workflows", [] },
        { "Sift.Media", ["Sift.Protocols"] },
        { "Sift.Activities", ["Sift.Workflows", "Sift.Media"] },
        { "Sift.Testing", ["Sift.Activities", "Sift.Workflows", "Sift.Media"] },
        { "sift", ["Sift.Activities", "Sift.Workflows", "Sift.Media"] },
    };

    [Theory]
    [MemberData(nameof(Allowed))]
    public void A_project_references_only_what_the_house_allows(string assembly, string[] allowed)
    {
        Assert.Empty(AssembliesUsedBy(assembly).Where(name => name.StartsWith("Sift.", StringComparison.Ordinal)).Except(allowed));
    }

    // By the types that are used: the composition root must deploy every assembly, and so names one that it may not use.
    private static HashSet<string> AssembliesUsedBy(string assembly)
    {
        using var file = new PEReader(File.OpenRead(Assembly.Load(assembly).Location));
        var metadata = file.GetMetadataReader();
        return [.. metadata.TypeReferences
            .Select(metadata.GetTypeReference)
            .Where(type => type.ResolutionScope.Kind == HandleKind.AssemblyReference)
            .Select(type => metadata.GetString(metadata.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope).Name))];
    }

    [Fact]
    public void Protocol_cores_show_no_sockets_threads_or_clocks_in_their_signatures()
    {
        string[] banned = ["System.Net.Sockets", "System.Threading", "System.TimeProvider", "System.Random", "System.Diagnostics.Stopwatch"];
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        var offences =
            from type in Assembly.Load("Sift.Protocols").GetTypes()
            where type.Namespace?.StartsWith("Sift.Protocols", StringComparison.Ordinal) == true
            from used in type.GetFields(All).Select(f => f.FieldType)
                .Concat(type.GetMethods(All).SelectMany(m => m.GetParameters().Select(p => p.ParameterType).Append(m.ReturnType)))
                .Concat(type.GetConstructors(All).SelectMany(c => c.GetParameters().Select(p => p.ParameterType)))
            where banned.Any(b => used.FullName?.StartsWith(b, StringComparison.Ordinal) == true)
            select $"{type.FullName} uses {used.FullName}";

        Assert.Empty(offences.Distinct());
    }
}
