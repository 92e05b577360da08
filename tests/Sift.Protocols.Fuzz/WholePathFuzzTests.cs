using Xunit.Abstractions;

namespace Sift.Protocols.Fuzz;

/// <summary>As <see cref="FuzzTests"/>, at the same time as it: what stands behind a socket.</summary>
public sealed class WholePathFuzzTests(ITestOutputHelper output)
{
    public static TheoryData<string> Targets => [.. FuzzCorpus.Targets.Where(static t => t.IsWholePath).Select(static t => t.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Never_throws_and_allocates_within_its_bound(string name) => output.WriteLine(FuzzRun.Long(FuzzCorpus.Target(name)));
}
