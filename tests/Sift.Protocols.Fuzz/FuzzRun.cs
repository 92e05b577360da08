namespace Sift.Protocols.Fuzz;

/// <summary>One input through one target: no exception, bounded allocation. A failure carries the input as base64.</summary>
internal static class FuzzRun
{
    /// <summary>Inputs of the run's seed for the run's time.</summary>
    /// <returns>What was done, for people; also on the console.</returns>
    public static string Long(IFuzzTarget target)
    {
        var seed = FuzzSettings.Seed;
        var limit = TimeSpan.FromSeconds(FuzzSettings.Seconds);
        var mutator = new Mutator(seed, FuzzCorpus.Files(target.Name), target.Dictionary);

        long iterations = 0;
        var start = TimeProvider.System.GetTimestamp();
        do
        {
            Once(target, mutator.Next(), $"seed {seed}, iteration {iterations}");
            iterations++;
        }
        while (TimeProvider.System.GetElapsedTime(start) < limit);

        var line = $"fuzz {target.Name}: {iterations} iterations, seed {seed}, {limit.TotalSeconds} s";
        Console.WriteLine(line);
        return line;
    }

    public static void Once(IFuzzTarget target, byte[] input, string how)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            target.Run(input);
        }
#pragma warning disable CA1031 // Any exception whatever is the finding.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Assert.Fail($"{target.Name} ({how}) threw {exception}\ninput: {Convert.ToBase64String(input)}");
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (allocated > target.AllocationBound(input.Length))
        {
            Assert.Fail($"{target.Name} ({how}) allocated {allocated} bytes for {input.Length}\ninput: {Convert.ToBase64String(input)}");
        }
    }
}
