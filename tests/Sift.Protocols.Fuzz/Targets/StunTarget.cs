using System.Net;
using Sift.Protocols.Ice;
using Sift.Protocols.Rtp;
using Sift.Protocols.Stun;

namespace Sift.Protocols.Fuzz.Targets;

/// <summary>A datagram as STUN: every attribute read, then given to an ICE agent, which must not take it for its peer's.</summary>
internal sealed class StunTarget : IFuzzTarget
{
    private static readonly IceCredentials Ours = new("ours", "password-of-our-side-0001");
    private static readonly IceCredentials Theirs = new("them", "password-of-their-side-02");
    private static readonly TransportAddress Peer = TransportAddress.From(new IPEndPoint(IPAddress.Parse("192.0.2.7"), 40000));

    public string Name => "stun";

    public IReadOnlyList<byte[]> Dictionary { get; } =
        [[0x21, 0x12, 0xA4, 0x42], [0x00, 0x01], [0x01, 0x01], [0x01, 0x11], [0x00, 0x06, 0x00, 0x09], [0x00, 0x08, 0x00, 0x14], [0x80, 0x28, 0x00, 0x04], [0x00, 0x20, 0x00, 0x08], [0xFF, 0xFF], [0, 0, 0, 0]];

    public void Run(ReadOnlySpan<byte> input)
    {
        if (StunMessage.TryParse(input, out var message))
        {
            Span<ushort> unknown = stackalloc ushort[8];
            _ = (message.Type, message.IsResponse, message.ErrorCode, message.TransactionId.Length, message.UnknownRequired(unknown), message.IsAuthentic("key"u8));
            foreach (var type in Enum.GetValues<StunAttribute>())
            {
                _ = message.TryGet(type, out _);
            }

            _ = message.TryGetXorMappedAddress(out _);
        }

        var agent = new IceLiteAgent(Ours, Theirs);
        var output = default(Nothing);
        if (agent.OnDatagram(input, Peer, TimeSpan.FromSeconds(1), ref output) == IceRefusal.None && agent.IsValidated(Peer))
        {
            throw new InvalidOperationException("A check without the password was taken.");
        }

        agent.OnTimer(TimeSpan.FromSeconds(60), ref output);
    }

    private struct Nothing : IIceOutput
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
    }
}
