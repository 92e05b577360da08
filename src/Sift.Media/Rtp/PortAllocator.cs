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

    /// <summary>The session is done with the sockets: nothing of it may send or receive after this, as another session may get them.</summary>
    public void Release()
    {
        if (Interlocked.Exchange(ref _released, 1) == 1)
        {
            return;
        }

        if (allocator is null)
        {
            Close();
            return;
        }

        allocator.GiveBack(this);
    }

    /// <summary>The same sockets for the next session.</summary>
    public MediaPorts Again() => new(allocator, port, rtp, control);

    public void Close()
    {
        rtp.Dispose();
        control.Dispose();
    }
}

/// <summary>
/// Hands out port pairs of the range in a random order, so that a port is not guessed from the last one, and lets a freed pair rest. A freed
/// pair keeps its sockets, which are handed out again with it: opening and closing them is most of what a pair costs.
/// Media threads only enqueue; the lock is among signalling threads.
/// </summary>
internal sealed class PortAllocator : IDisposable
{
    private const int Attempts = 50;

    // Idle pairs with open sockets: as many as rest at 50 calls a second, and 100 more to choose from. What still arrives there stays with the
    // kernel, which holds at most a receive buffer for each socket (256 KB as it counts; 128 MB were all of them flooded).
    private const int MostKept = 256;

    // With fewer kept pairs to choose from, one that was not used lately is taken while there is any: the only caller of a quiet hour would
    // else have the port of the call before.
    private const int FewestToChooseFrom = 64;

    // Whoever sent more receives full of datagrams meanwhile never heard of the end of the call, and would be heard in the next: at 20 ms, a second
    // of audio out of three. Closing the port tells him (ICMP), and it is not used again before all the others.
    private const int DrainRounds = 3;

    private readonly Lock _lock = new();
    private readonly ConcurrentQueue<Resting> _resting = new();
    private readonly List<MediaPorts> _kept = [];
    private readonly Queue<int> _free;
    private readonly DatagramBatch _waste;
    private readonly IDatagramSockets _sockets;
    private readonly IEntropy _entropy;
    private readonly TimeProvider _time;
    private readonly TimeSpan _rest;
    private int _keptCount;
    private int _inUse;
    private bool _disposed;

    public PortAllocator(MediaEngineOptions options, IDatagramSockets sockets, IEntropy entropy, TimeProvider time)
    {
        _sockets = sockets;
        _waste = sockets.CreateBatch();
        _entropy = entropy;
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
    public int Free => _free.Count + _kept.Count + _resting.Count;

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
            return (_kept.Count < FewestToChooseFrom ? BindFree() : null) ?? TakeKept() ?? BindFree();
        }
    }

    /// <summary>Takes a certain pair, to go on after a restart; it need not have rested, as it is the same call's.</summary>
    public MediaPorts? TryTake(int port)
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return null;
            }

            var idle = Withdraw(port, out var kept);
            var ports = (kept is null ? null : Reuse(kept)) ?? Bind(port);
            if (ports is null && idle)
            {
                _free.Enqueue(port);
            }

            return ports;
        }
    }

    /// <summary>From any thread; takes no lock.</summary>
    public void GiveBack(MediaPorts ports)
    {
        var keep = Interlocked.Increment(ref _keptCount) <= MostKept;
        if (!keep)
        {
            Interlocked.Decrement(ref _keptCount);
            ports.Close();
        }

        _resting.Enqueue(new Resting(ports.Port, keep ? ports : null, _time.GetTimestamp()));

        // A fence too: either this sees that all is closed, or the closing sees the pair.
        Interlocked.Decrement(ref _inUse);
        if (Volatile.Read(ref _disposed))
        {
            CloseResting();
        }
    }

    /// <summary>Closes what is idle. Pairs in use are closed when they are given back.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (Interlocked.Exchange(ref _disposed, true))
            {
                return;
            }

            CloseResting();
            _kept.ForEach(static ports => ports.Close());
            _kept.Clear();
            _waste.Dispose();
        }
    }

    private void CloseResting()
    {
        while (_resting.TryDequeue(out var pair))
        {
            pair.Kept?.Close();
        }
    }

    private void CollectRested()
    {
        while (_resting.TryPeek(out var oldest) && _time.GetElapsedTime(oldest.Since) >= _rest && _resting.TryDequeue(out oldest))
        {
            if (oldest.Kept is { } kept)
            {
                _kept.Add(kept);
            }
            else
            {
                _free.Enqueue(oldest.Port);
            }
        }
    }

    private MediaPorts? TakeKept()
    {
        Span<byte> random = stackalloc byte[4];
        while (_kept.Count > 0)
        {
            _entropy.Fill(random);
            var chosen = (int)(BinaryPrimitives.ReadUInt32LittleEndian(random) % (uint)_kept.Count);
            var kept = _kept[chosen];
            RemoveKept(chosen);
            if (Reuse(kept) is { } ports)
            {
                return ports;
            }

            _free.Enqueue(kept.Port);
        }

        return null;
    }

    private void RemoveKept(int index)
    {
        _kept[index] = _kept[^1];
        _kept.RemoveAt(_kept.Count - 1);
        Interlocked.Decrement(ref _keptCount);
    }

    /// <returns>Null when somebody still sends to it; it is closed then.</returns>
    private MediaPorts? Reuse(MediaPorts kept)
    {
        if (!Drain(kept.Rtp) || !Drain(kept.Control))
        {
            kept.Close();
            return null;
        }

        Interlocked.Increment(ref _inUse);
        return kept.Again();
    }

    /// <summary>Throws away what came since the last session.</summary>
    /// <returns>False when it is too much for late packets.</returns>
    private bool Drain(IDatagramSocket socket)
    {
        for (var round = 0; round < DrainRounds; round++)
        {
            if (socket.Receive(_waste) < DatagramBatch.Size)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Takes an idle pair out, wherever it is.</summary>
    /// <param name="kept">Its open sockets, if it has any.</param>
    private bool Withdraw(int port, out MediaPorts? kept)
    {
        kept = null;
        for (var i = _free.Count; i > 0; i--)
        {
            var other = _free.Dequeue();
            if (other == port)
            {
                return true;
            }

            _free.Enqueue(other);
        }

        if (_kept.FindIndex(p => p.Port == port) is >= 0 and var index)
        {
            kept = _kept[index];
            RemoveKept(index);
            return true;
        }

        // What media threads add meanwhile comes to stand among older ones, which thereby rest a moment longer.
        var found = false;
        for (var i = _resting.Count; i > 0 && _resting.TryDequeue(out var pair); i--)
        {
            if (pair.Port != port)
            {
                _resting.Enqueue(pair);
                continue;
            }

            found = true;
            kept = pair.Kept;
            if (kept is not null)
            {
                Interlocked.Decrement(ref _keptCount);
            }
        }

        return found;
    }

    private MediaPorts? BindFree()
    {
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

    private readonly record struct Resting(int Port, MediaPorts? Kept, long Since);
}
