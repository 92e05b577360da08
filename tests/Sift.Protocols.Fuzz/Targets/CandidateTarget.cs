using System.Text;
using Sift.Protocols.Ice;

namespace Sift.Protocols.Fuzz.Targets;

/// <summary>Candidates as browsers trickle them.</summary>
internal sealed class CandidateTarget : IFuzzTarget
{
    public string Name => "candidate";

    public IReadOnlyList<byte[]> Dictionary { get; } =
        [.. new[] { "candidate:", "a=", " udp ", " tcp ", " typ ", "host", "srflx", "raddr", "rport", "ufrag", "::1", "127.0.0.1", "4294967295", "65535", "%1", ".local", "  " }.Select(Encoding.ASCII.GetBytes)];

    public void Run(ReadOnlySpan<byte> input)
    {
        if (IceCandidate.TryParse(Encoding.UTF8.GetString(input), out var candidate) && candidate.Address is { IsEmpty: false, IsIPv4: true, IPv4: 0 or >= 0xE0000000 })
        {
            throw new InvalidOperationException("Nothing may be sent there.");
        }
    }
}
