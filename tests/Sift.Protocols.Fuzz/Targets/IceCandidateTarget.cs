using System.Text;
using Sift.Protocols.Ice;

namespace Sift.Protocols.Fuzz.Targets;

/// <summary>The text behind <c>a=candidate</c>, which a web page hands in as it likes.</summary>
internal sealed class IceCandidateTarget : IFuzzTarget
{
    public string Name => "ice-candidate";

    public IReadOnlyList<byte[]> Dictionary { get; } =
        [.. new[] { " ", "candidate:", "a=", "typ", " typ host", "udp", "tcp", "1", "65535", "4294967296", "::1", "0.0.0.0", ".local", " ufrag x", "raddr", "\0", "é" }.Select(Encoding.UTF8.GetBytes)];

    public void Run(ReadOnlySpan<byte> input)
    {
        if (IceCandidate.TryParse(Encoding.UTF8.GetString(input), out var candidate))
        {
            _ = (candidate.ToString(), candidate.Foundation.Length, candidate.Ufrag);
        }
    }
}
