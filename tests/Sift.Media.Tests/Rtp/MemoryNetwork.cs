using System.Collections.Concurrent;
using Sift.Media.Rtp;
using Sift.Protocols;
using Sift.Protocols.Rtp;

namespace Sift.Media.Tests.Rtp;

/// <summary>A network without sockets: datagrams go to the queue of the port they are addressed to.</summary>
internal sealed class MemoryNetwork : IDatagramSockets
{
    private readonly Dictionary<int, MemorySocket> _bound = [];

    public IReadOnlyCollection<int> Bound => _bound.Keys;

    /// <summary>Ports that another program holds.</summary>
    public HashSet<int> Taken { get; } = [];

    /// <summary>Datagrams from this port get lost.</summary>
    public int? Losing { get; set; }

    /// <summary>Nothing is delivered any more.</summary>
    public bool Sink { get; set; }

    /// <summary>How often a port was bound.</summary>
    public int Binds { get; private set; }

    /// <summary>Called whenever a port is about to be bound.</summary>
    public Action? Binding { get; set; }

    /// <summary>Whether media threads are told which sockets have something; else they look into every one.</summary>
    public bool TellsReadiness { get; set; }

    public MemorySocket Socket(int port) => _bound[port];

    public DatagramBatch CreateBatch() => new();

    public ISocketReadiness CreateReadiness()
    {
        var made = new MemoryReadiness(this);
        Readiness.Add(made);
        return made;
    }

    /// <summary>One for each media thread.</summary>
    public List<MemoryReadiness> Readiness { get; } = [];

    public IDatagramSocket? TryBind(int port) => Bind(port);

    public ISharedSocket? TryBindShared(int port) => Bind(port) is { } socket ? new MemorySharedSocket(socket) : null;

    public MemorySocket? Bind(int port)
    {
        Binding?.Invoke();
        if (Taken.Contains(port) || _bound.ContainsKey(port))
        {
            return null;
        }

        Binds++;
        return _bound[port] = new MemorySocket(this, port);
    }

    public static TransportAddress Address(int port) => TransportAddress.FromIPv4(0x7F000001, (ushort)port);

    internal void Deliver(TransportAddress from, TransportAddress to, ReadOnlySpan<byte> datagram)
    {
        if (!Sink && from.Port != Losing && _bound.TryGetValue(to.Port, out var socket))
        {
            socket.Arrived.Enqueue((from, datagram.ToArray()));
        }
    }

    internal void Unbind(int port) => _bound.Remove(port);
}

internal sealed class MemorySocket(MemoryNetwork network, int port) : IDatagramSocket
{
    public ConcurrentQueue<(TransportAddress From, byte[] Data)> Arrived { get; } = [];

    public int Port => port;

    /// <summary>How often somebody tried to receive.</summary>
    public int Looks { get; private set; }

    public int Receive(DatagramBatch batch)
    {
        Looks++;
        var count = 0;
        while (count < DatagramBatch.Size && Arrived.TryDequeue(out var datagram))
        {
            datagram.Data.CopyTo(batch.Room(count));
            batch.Lengths[count] = datagram.Data.Length;
            batch.Sources[count] = datagram.From;
            batch.Stamps[count] = 0;
            count++;
        }

        return count;
    }

    public bool Send(ReadOnlySpan<byte> datagram, in TransportAddress destination)
    {
        network.Deliver(MemoryNetwork.Address(port), destination, datagram);
        return true;
    }

    public void Dispose() => network.Unbind(port);
}

internal sealed class MemoryReadiness(MemoryNetwork network) : ISocketReadiness
{
    private readonly Dictionary<int, IDatagramSocket> _sockets = [];
    private readonly HashSet<int> _ready = [];
    private int _places;

    /// <summary>Sockets that have entered and not left.</summary>
    public int Count => _sockets.Count;

    public int Enter(IDatagramSocket socket)
    {
        _sockets.Add(_places, socket);
        return _places++;
    }

    public void Leave(int place, IDatagramSocket socket)
    {
        Assert.Same(socket, _sockets[place]);
        _sockets.Remove(place);
    }

    public void Ask()
    {
        _ready.Clear();
        foreach (var (place, socket) in _sockets)
        {
            if (!network.TellsReadiness || socket is not MemorySocket { Arrived.IsEmpty: true })
            {
                _ready.Add(place);
            }
        }
    }

    public bool IsReady(int place) => _ready.Contains(place);

    public void Dispose()
    {
    }
}

internal sealed class MemorySharedSocket(MemorySocket socket) : ISharedSocket
{
    public int Port => socket.Port;

    public void Wait(TimeSpan longest)
    {
    }

    public void Wake()
    {
    }

    public int Receive(DatagramBatch batch) => socket.Receive(batch);

    public bool Send(ReadOnlySpan<byte> datagram, in TransportAddress destination) => socket.Send(datagram, destination);

    public void Dispose() => socket.Dispose();
}

/// <summary>The system clock of tests: wall and monotonic time move together, by hand.</summary>
internal sealed class ManualTime : TimeProvider
{
    public TimeSpan Now { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Now.Ticks;

    public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero) + Now;
}

internal sealed class SeededEntropy(int seed) : IEntropy
{
    private readonly Random _random = new(seed);

    public void Fill(Span<byte> bytes) => _random.NextBytes(bytes);
}
