using System.Buffers.Binary;
using Sift.Protocols.Rtp;
using Sift.Protocols.Stun;

namespace Sift.Protocols.Ice;

/// <summary>What a gatherer asks its host to do.</summary>
public interface IGathererOutput : IStunOutput
{
    /// <summary><see cref="ReflexiveGatherer.Addresses"/> changed.</summary>
    void OnReflexiveChanged();
}

/// <summary>
/// Asks STUN servers how the shared socket looks from outside (RFC 8445 5.1.1.2), once for all agents behind it, and goes on asking so that the
/// NAT keeps the mapping (5.1.1.4) and a new one is noticed. Sans-IO.
/// </summary>
/// <param name="tag">Begins every transaction id, as that of <see cref="IceAgent"/> does.</param>
public sealed class ReflexiveGatherer(uint tag, IEntropy entropy)
{
    /// <summary>Between two questions to a server that answers (Tr of RFC 8445 11).</summary>
    public static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan FirstRetransmission = TimeSpan.FromMilliseconds(500);

    private readonly List<Server> _servers = [];

    /// <summary>The addresses seen, without repetition.</summary>
    public IReadOnlyList<TransportAddress> Addresses { get; private set; } = [];

    /// <summary>Every server has answered or was given up once.</summary>
    public bool IsSettled => _servers.TrueForAll(static s => s.HasSettled);

    public TimeSpan? Deadline => _servers.Count == 0 ? null : _servers.Min(static s => s.Due);

    /// <summary>Begins to ask; <see cref="OnTimer"/> sends.</summary>
    public void Add(TransportAddress server, TimeSpan now)
    {
        if (!_servers.Exists(s => s.Address == server))
        {
            _servers.Add(new Server(server) { Due = now });
        }
    }

    public void OnTimer<TOutput>(TimeSpan now, ref TOutput output)
        where TOutput : IGathererOutput, allows ref struct
    {
        foreach (var server in _servers)
        {
            if (server.Due <= now)
            {
                Ask(server, now, ref output);
            }
        }
    }

    public IceRefusal OnDatagram<TOutput>(scoped ReadOnlySpan<byte> datagram, TransportAddress from, TimeSpan now, ref TOutput output)
        where TOutput : IGathererOutput, allows ref struct
    {
        if (!StunMessage.TryParse(datagram, out var message))
        {
            return IceRefusal.NotStun;
        }

        foreach (var server in _servers)
        {
            if (server.Address != from || server.Sends == 0 || !message.TransactionId.SequenceEqual(server.Transaction))
            {
                continue;
            }

            // An error or an answer without address is none; the next question follows all the same.
            TransportAddress? mapped = message.Type == StunMessageType.BindingSuccess && message.TryGetXorMappedAddress(out var address)
                ? TransportAddress.From(address!)
                : null;
            server.Sends = 0;
            server.Due = now + KeepAlive;
            Settle(server, mapped, ref output);
            return IceRefusal.None;
        }

        return IceRefusal.Unexpected;
    }

    private void Ask<TOutput>(Server server, TimeSpan now, ref TOutput output)
        where TOutput : IGathererOutput, allows ref struct
    {
        if (server.Sends == ConnectivityCheck.MostSends)
        {
            server.Sends = 0;
            server.Due = now + KeepAlive;
            Settle(server, null, ref output);
            return;
        }

        if (server.Sends == 0)
        {
            entropy.Fill(server.Transaction);
            BinaryPrimitives.WriteUInt32BigEndian(server.Transaction, tag);
        }

        Span<byte> buffer = stackalloc byte[IceReply.Longest];
        var writer = new StunWriter(buffer, StunMessageType.BindingRequest, server.Transaction);
        server.Due = now + (FirstRetransmission * (1 << server.Sends++));
        output.SendStun(buffer[..writer.Seal([])], server.Address);
    }

    private void Settle<TOutput>(Server server, TransportAddress? mapped, ref TOutput output)
        where TOutput : IGathererOutput, allows ref struct
    {
        var settles = !server.HasSettled;
        server.HasSettled = true;
        if (server.Mapped == mapped && !settles)
        {
            return;
        }

        server.Mapped = mapped;
        Addresses = [.. _servers.Select(static s => s.Mapped).OfType<TransportAddress>().Distinct()];
        output.OnReflexiveChanged();
    }

    private sealed class Server(TransportAddress address)
    {
        public TransportAddress Address => address;

        public byte[] Transaction { get; } = new byte[StunMessage.TransactionIdLength];

        public int Sends { get; set; }

        public TimeSpan Due { get; set; }

        public TransportAddress? Mapped { get; set; }

        public bool HasSettled { get; set; }
    }
}
