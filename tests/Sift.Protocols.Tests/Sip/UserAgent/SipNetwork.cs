using System.Net;
using System.Text;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Protocols.Tests.Sip.UserAgent;

/// <summary>Peers joined by queues under a virtual clock. Loss, doubling and delay are seeded; a filter can drop chosen messages.</summary>
internal sealed class SipNetwork(ulong seed = 1)
{
    private readonly SeededEntropy _dice = new(seed);
    private readonly Dictionary<IPEndPoint, Peer> _peers = [];
    private readonly PriorityQueue<Packet, (TimeSpan, long)> _packets = new();
    private long _order;

    public TimeSpan Now { get; set; } = TimeSpan.FromSeconds(1000);

    public TimeSpan Latency { get; set; } = TimeSpan.FromMilliseconds(10);

    public int LossPercent { get; set; }

    public int DoublePercent { get; set; }

    /// <summary>Largest extra delay; anything above 0 reorders.</summary>
    public int JitterMilliseconds { get; set; }

    /// <summary>True drops the message. Given its text and the sender.</summary>
    public Func<string, Peer, bool>? Drop { get; set; }

    /// <summary>Sees every message, dropped ones too.</summary>
    public Action<string, Peer, SipFlow>? Sent { get; set; }

    public void Attach(Peer peer) => _peers.Add(peer.Address, peer);

    public void Detach(Peer peer) => _peers.Remove(peer.Address);

    public void Send(Peer from, in SipFlow flow, ReadOnlySpan<byte> message)
    {
        Sent?.Invoke(Encoding.UTF8.GetString(message), from, flow);
        if (Drop is not null && Drop(Encoding.UTF8.GetString(message), from))
        {
            return;
        }

        if (!flow.IsReliable && _dice.Chance(LossPercent))
        {
            return;
        }

        var copies = !flow.IsReliable && _dice.Chance(DoublePercent) ? 2 : 1;
        for (var i = 0; i < copies; i++)
        {
            var at = Now + Latency + TimeSpan.FromMilliseconds(JitterMilliseconds == 0 || flow.IsReliable ? 0 : _dice.Below(JitterMilliseconds));
            _packets.Enqueue(new(flow.Remote, new(flow.Transport, flow.Connection, flow.Remote, from.Address), message.ToArray()), (at, _order++));
        }
    }

    /// <summary>Hands bytes to a peer as if <paramref name="source"/> had sent them.</summary>
    public void Inject(Peer to, string text, IPEndPoint source, SipTransport transport = SipTransport.Udp) =>
        to.Receive(Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n")), new(transport, 0, to.Address, source));

    /// <summary>Moves time forward, delivering and firing in order; a timer fires at exactly its deadline.</summary>
    public void Run(TimeSpan duration)
    {
        var end = Now + duration;
        while (true)
        {
            var next = NextEvent();
            if (next is not { } at || at > end)
            {
                Now = end;
                return;
            }

            Now = at > Now ? at : Now;
            Step();
        }
    }

    /// <summary>Runs until nothing is left to happen, for at most the given time.</summary>
    public void Settle(TimeSpan limit)
    {
        var end = Now + limit;
        while (NextEvent() is { } at)
        {
            Assert.True(at <= end, $"still something to do at {at}, {at - Now} from now");
            Now = at > Now ? at : Now;
            Step();
        }
    }

    private TimeSpan? NextEvent()
    {
        TimeSpan? next = _packets.TryPeek(out _, out var first) ? first.Item1 : null;
        foreach (var peer in _peers.Values)
        {
            if (peer.Agent.Deadline is { } deadline && (next is null || deadline < next))
            {
                next = deadline;
            }
        }

        return next;
    }

    private void Step()
    {
        while (_packets.TryPeek(out _, out var first) && first.Item1 <= Now)
        {
            var packet = _packets.Dequeue();
            if (_peers.TryGetValue(packet.To, out var peer))
            {
                peer.Receive(packet.Bytes, packet.Flow);
            }
        }

        foreach (var peer in _peers.Values.ToArray())
        {
            if (peer.Agent.Deadline <= Now)
            {
                peer.Agent.OnTimer(Now, peer);
            }
        }
    }

    private sealed record Packet(IPEndPoint To, SipFlow Flow, byte[] Bytes);
}
