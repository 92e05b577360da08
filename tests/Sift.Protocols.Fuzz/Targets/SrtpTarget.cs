using Sift.Protocols.Srtp;

namespace Sift.Protocols.Fuzz.Targets;

/// <summary>A protected packet from nobody who knows the keys: never taken, never written beyond its end.</summary>
internal sealed class SrtpTarget : IFuzzTarget
{
    private static readonly SrtpProfile[] Profiles = Enum.GetValues<SrtpProfile>();

    public string Name => "srtp";

    public IReadOnlyList<byte[]> Dictionary { get; } = [[0x80, 0x00], [0x90, 0x6F], [0x80, 200], [0x80, 0xC9], [0xBE, 0xDE, 0x00, 0x01], [0x80, 0, 0, 1], [0xFF, 0xFF]];

    public void Run(ReadOnlySpan<byte> input)
    {
        var packet = new byte[Math.Min(input.Length, SrtpSession.LargestPacket)];
        foreach (var profile in Profiles)
        {
            byte[] key = [.. Enumerable.Range(1, SrtpProfileSizes.Key).Select(static i => (byte)i)];
            byte[] salt = [.. Enumerable.Range(1, profile.SaltLength()).Select(static i => (byte)(0x80 + i))];
            using var session = new SrtpSession(profile, key, salt, key, salt);
            input[..packet.Length].CopyTo(packet);
            if (session.Unprotect(packet, out _) == SrtpResult.Ok)
            {
                throw new InvalidOperationException("A forged packet was taken.");
            }

            input[..packet.Length].CopyTo(packet);
            if (session.UnprotectRtcp(packet, out _) == SrtpResult.Ok)
            {
                throw new InvalidOperationException("A forged report was taken.");
            }
        }
    }
}
