namespace Sift.Protocols.Fuzz;

/// <summary>
/// One public parser under attack. A new one: implement this in Targets/, name a folder of Corpus/ after <see cref="Name"/>, done;
/// targets are found by reflection.
/// </summary>
internal interface IFuzzTarget
{
    /// <summary>Name of the corpus folder.</summary>
    string Name { get; }

    /// <summary>Words of the format that the mutator sprinkles in.</summary>
    IReadOnlyList<byte[]> Dictionary { get; }

    /// <summary>It feeds what stands behind a socket, with parsers among it; such targets run beside the parsers' own.</summary>
    bool IsWholePath => false;

    /// <summary>Parses the input and reads everything that the result offers. Must not throw, whatever the input.</summary>
    void Run(ReadOnlySpan<byte> input);

    /// <summary>Most bytes that one input of that length may allocate: a constant for pooled buffers, then linear.</summary>
    long AllocationBound(int inputLength) => (512 * 1024) + (256L * inputLength);
}
