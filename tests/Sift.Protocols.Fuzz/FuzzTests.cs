using Xunit.Abstractions;

namespace Sift.Protocols.Fuzz;

/// <summary>
/// Random inputs against every target. SIFT_FUZZ_SECONDS sets how long each runs (3), SIFT_FUZZ_SEED repeats a run.
/// </summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    public static TheoryData<string> Targets => [.. FuzzCorpus.Targets.Where(static t => !t.IsWholePath).Select(static t => t.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Never_throws_and_allocates_within_its_bound(string name) => output.WriteLine(FuzzRun.Long(FuzzCorpus.Target(name)));

    [Fact]
    public void The_same_seed_gives_the_same_inputs()
    {
        var target = FuzzCorpus.Targets[0];
        var files = FuzzCorpus.Files(target.Name);
        var one = new Mutator(7, files, target.Dictionary);
        var two = new Mutator(7, files, target.Dictionary);

        for (var i = 0; i < 1000; i++)
        {
            Assert.Equal(one.Next(), two.Next());
        }
    }

    [Fact]
    public void A_throwing_target_is_found_and_its_input_reported()
    {
        var failure = Assert.ThrowsAny<Exception>(() => FuzzRun.Once(new Fragile(), [1, 2, 3], "self-test"));

        Assert.Contains(Convert.ToBase64String([1, 2, 3]), failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_greedy_target_is_found()
    {
        Assert.ThrowsAny<Exception>(() => FuzzRun.Once(new Fragile(), [], "self-test"));
    }

    /// <summary>Nested, so that it is no target of the real runs.</summary>
    private sealed class Fragile : IFuzzTarget
    {
        private byte[] _hoard = [];

        public string Name => "fragile";

        public IReadOnlyList<byte[]> Dictionary => [];

        public void Run(ReadOnlySpan<byte> input)
        {
            if (!input.IsEmpty)
            {
                throw new InvalidOperationException("found");
            }

            _hoard = new byte[2 * 1024 * 1024];
            GC.KeepAlive(_hoard);
        }
    }
}
