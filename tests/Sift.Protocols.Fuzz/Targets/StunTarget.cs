using Sift.Protocols.Ice;
using Sift.Protocols.Rtp;
using Sift.Protocols.Stun;

namespace Sift.Protocols.Fuzz.Targets;

/// <summary>STUN as it arrives at the browser port: every view of a message, and both ICE roles. Without the password nothing may come of it.</summary>
internal sealed class StunTarget : IFuzzTarget
{
    private static readonly IceCredentials Ours = new("ours", "a-password-of-22-characters");
    private static readonly IceCredentials Theirs = new("them", "another-password-of-22-chars");

    public string Name => "stun";

    public IReadOnlyList<byte[]> Dictionary { get; } =
        [[0x00, 0x01], [0x01, 0x01], [0x01, 0x11], [0x21, 0x12, 0xA4, 0x42], [0x00, 0x06], [0x00, 0x08, 0x00, 0x14], [0x80, 0x28, 0x00, 0x04], [0x00, 0x20, 0x00, 0x08], [0x00, 0x09], [0x00, 0x25, 0x00, 0x00], [0xFF, 0xFF]];

    public void Run(ReadOnlySpan<byte> input)
    {
        if (StunMessage.TryParse(input, out var message))
        {
            Span<ushort> unknown = stackalloc ushort[8];
            _ = (message.IsResponse, message.ErrorCode, message.TryGetXorMappedAddress(out _), message.UnknownRequired(unknown), message.IsAuthentic("key"u8));
        }

        var output = default(Silence);
        var from = TransportAddress.FromIPv4(0x7F000001, 5000);
        new IceLiteAgent(Ours, Theirs).OnDatagram(input, from, TimeSpan.Zero, ref output);
        var full = new IceAgent(IceRole.Controlled, Ours, Theirs, [new IceCandidate("1", 1, from, IceCandidateType.Host)], 1, new Zeroes());
        full.OnDatagram(input, from, TimeSpan.Zero, ref output);
        if (full.IsValidated(from))
        {
            throw new InvalidOperationException("An address was validated that no check of ours went to.");
        }

        var gatherer = new ReflexiveGatherer(1, new Zeroes());
        gatherer.Add(from, TimeSpan.Zero);
        gatherer.OnTimer(TimeSpan.Zero, ref output);
        gatherer.OnDatagram(input, from, TimeSpan.Zero, ref output);
    }

    private struct Silence : IIceOutput, IGathererOutput
    {
        public readonly void SendStun(scoped ReadOnlySpan<byte> message, TransportAddress to)
        {
        }

        public readonly void OnValidated(TransportAddress remote)
        {
        }

        public readonly void OnSelected(TransportAddress remote)
        {
        }

        public readonly void OnConsentLost()
        {
        }

        public readonly void OnReflexiveChanged()
        {
        }
    }

    private sealed class Zeroes : IEntropy
    {
        public void Fill(Span<byte> bytes) => bytes.Clear();
    }
}
