using Sift.Protocols;

namespace Sift.Media.Tests.Sip;

internal sealed class SeededEntropy(int seed = 1) : IEntropy
{
    private readonly Random _random = new(seed);

    public void Fill(Span<byte> bytes) => _random.NextBytes(bytes);
}
