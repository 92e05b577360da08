using System.Security.Cryptography;
using Sift.Protocols;

namespace Sift.Media;

/// <summary>The system's random source for the protocol cores. Thread-safe.</summary>
public sealed class SystemEntropy : IEntropy
{
    /// <inheritdoc/>
    public void Fill(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);
}
