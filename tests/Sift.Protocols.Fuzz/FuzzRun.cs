namespace Sift.Protocols.Fuzz;

/// <summary>One input through one target: no exception, bounded allocation. A failure carries the input as base64.</summary>
internal static class FuzzRun
{
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
