namespace Sift.Protocols;

/// <summary>Randomness handed to a protocol core, so that a seeded source makes every run repeatable.</summary>
public interface IEntropy
{
    /// <summary>Fills <paramref name="bytes"/> with unpredictable bytes.</summary>
    void Fill(Span<byte> bytes);
}
