using System.Buffers.Binary;
using System.Collections.Concurrent;
using Sift.Protocols;

namespace Sift.Media.Rtp;

/// <summary>
/// An RTP socket on an even port and its RTCP socket on the next (RFC 3550 11), or a socket that carries both and comes from elsewhere:
/// then there is no allocator to give the port back to.
/// </summary>
internal sealed class MediaPorts(PortAllocator? allocator, int port, IDatagramSocket rtp, IDatagramSocket control)
{
    private int _released;

    public int Port => port;

    public IDatagramSocket Rtp => rtp;

    public IDatagramSocket Control => control;

    public void Release()
    {
        if (Interlocked.Exchange(ref _released, 1) == 0)
        {
            rtp.Dispose();
            control.Dispose();
            allocator?.GiveBack(port);
        }
    }
}

/// <summary>
/// Hands out port pairs of the range in a random order, so that a port is not guessed from the last one, and lets a freed pair rest.
/// Media threads only enqueue; the lock is among signalling threads.
/// </summary>
internal sealed class PortAllocator : IDisposable
{
    private const int Attempts = 50;

    private readonly Lock _lock = new();
    private readonly ConcurrentQueue<(int Port, long FreedAt)> _freed = new();
    private readonly Queue<int> _free;
    private readonly IDatagramSockets _sockets;
    private readonly TimeProvider _time;
    private readonly TimeSpan _rest;
    private int _inUse;
    private bool _disposed;

    public PortAllocator(MediaEngineOptions options, IDatagramSockets sockets, IEntropy entropy, TimeProvider time)
    {
        _sockets = sockets;
        _time = time;
        _rest = options.PortReuseDelay;
        var first = (options.PortMin + 1) & ~1;
        var pairs = Math.Max(0, (options.PortMax - first + 1) / 2);
        var ports = new int[pairs];
        for (var i = 0; i < pairs; i++)
        {
            ports[i] = first + (i * 2);
        }

        Shuffle(ports, entropy);
        _free = new Queue<int>(ports);
    }

    public int InUse => Volatile.Read(ref _inUse);

    /// <summary>Pairs that can be had now or after their rest.</summary>
    public int Free => _free.Count + _freed.Count;

    /// <returns>Null when every pair is in use, resting or taken by another program.</returns>
    public MediaPorts? TryTake()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return null;
            }

            CollectRested();
            for (var i = Math.Min(Attempts, _free.Count); i > 0; i--)
            {
                var port = _free.Dequeue();
                if (Bind(port) is { } ports)
                {
                    return ports;
                }

                _free.Enqueue(port);
            }

            return null;
        }
    }

    /// <summary>Takes a certain pair, to go on after a restart.</summary>
    public MediaPorts? TryTake(int port)
    {
        lock (_lock)
        {
            if (_disposed || Bind(port) is not { } ports)
            {
                return null;
            }

            for (var i = _free.Count; i > 0; i--)
            {
                var other = _free.Dequeue();
                if (other != port)
                {
                    _free.Enqueue(other);
                }
            }

            return ports;
        }
    }

    public void GiveBack(int port)
    {
        Interlocked.Decrement(ref _inUse);
        _freed.Enqueue((port, _time.GetTimestamp()));
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
        }
    }

    private MediaPorts? Bind(int port)
    {
        if (_sockets.TryBind(port) is not { } rtp)
        {
            return null;
        }

        if (_sockets.TryBind(port + 1) is not { } control)
        {
            rtp.Dispose();
            return null;
        }

        Interlocked.Increment(ref _inUse);
        return new MediaPorts(this, port, rtp, control);
    }

    private void CollectRested()
    {
        while (_freed.TryPeek(out var oldest) && _time.GetElapsedTime(oldest.FreedAt) >= _rest && _freed.TryDequeue(out oldest))
        {
            _free.Enqueue(oldest.Port);
        }
    }

    private static void Shuffle(int[] ports, IEntropy entropy)
    {
        var random = new byte[ports.Length * 4];
        entropy.Fill(random);
        for (var i = ports.Length - 1; i > 0; i--)
        {
            var other = (int)(BinaryPrimitives.ReadUInt32LittleEndian(random.AsSpan(i * 4)) % (uint)(i + 1));
            (ports[i], ports[other]) = (ports[other], ports[i]);
        }
    }
}
