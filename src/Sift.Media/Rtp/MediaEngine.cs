using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sift.Media.Legs;
using Sift.Protocols;

namespace Sift.Media.Rtp;

/// <summary>
/// Carries the RTP of all SIP legs: a few pacing threads, each owning a share of the sessions, one socket pair per session out of a
/// port range. Signalling opens sessions and talks to them through lock-free inboxes only.
/// </summary>
public sealed partial class MediaEngine : IDisposable
{
    private readonly PortAllocator _ports;
    private readonly MediaShard[] _shards;
    private readonly ConcurrentDictionary<LegId, MediaSession> _named = new();
    private readonly List<MediaPacer> _pacers = [];
    private readonly ILogger<MediaEngine> _logger;
    private readonly TimeProvider _time;
    private readonly long _origin;
    private uint _nextShard;
    private bool _disposed;

    public MediaEngine(MediaEngineOptions options, IEntropy entropy, TimeProvider timeProvider, ILogger<MediaEngine> logger)
        : this(options, entropy, timeProvider, logger, DatagramSockets.ForThisSystem(options))
    {
    }

    internal MediaEngine(MediaEngineOptions options, IEntropy entropy, TimeProvider timeProvider, ILogger<MediaEngine> logger, IDatagramSockets sockets)
    {
        Options = options;
        Entropy = entropy;
        _time = timeProvider;
        _origin = timeProvider.GetTimestamp();
        _logger = logger;
        _ports = new PortAllocator(options, sockets, entropy, timeProvider);
        var threads = options.Threads > 0 ? options.Threads : Math.Max(1, Environment.ProcessorCount - 1);
        _shards = new MediaShard[threads];
        for (var i = 0; i < threads; i++)
        {
            _shards[i] = new MediaShard(i, this, sockets.CreateBatch(), sockets.CreateReadiness());
        }
    }

    /// <summary>Starts the pacing threads. Tests leave it out and call <see cref="Tick"/> instead.</summary>
    public void Start()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_pacers.Count > 0)
        {
            return;
        }

        foreach (var shard in _shards)
        {
            var pacer = new MediaPacer(shard, _time, _origin, _logger);
            _pacers.Add(pacer);
            pacer.Start();
        }

        LogStarted(_shards.Length, Options.PortMin, Options.PortMax);
    }

    /// <summary>Reserves a port pair. The session costs nothing until it is configured.</summary>
    /// <returns>Null when the port range is exhausted.</returns>
    internal MediaSession? Open(IMediaSessionEvents events)
    {
        if (_ports.TryTake() is not { } ports)
        {
            LogPortsExhausted(Options.PortMin, Options.PortMax);
            return null;
        }

        return new MediaSession(this, NextShard(), ports, events);
    }

    /// <summary>
    /// Opens a session over a transport that is not a port pair of the range: it carries RTP and RTCP of one leg, both ways, and is
    /// disposed on the media thread when the session is closed.
    /// </summary>
    internal MediaSession Open(IMediaSessionEvents events, IDatagramSocket transport, int port) =>
        new(this, NextShard(), new MediaPorts(null, port, transport, SilentSocket.Instance), events);

    /// <summary>Lets <see cref="Find"/> find the session of a leg, until it is closed.</summary>
    internal void Name(LegId leg, MediaSession session)
    {
        session.Leg = leg;
        _named[leg] = session;
    }

    /// <summary>The session of a leg, whoever carries its signalling; null when there is none.</summary>
    internal MediaSession? Find(LegId leg) => _named.GetValueOrDefault(leg);

    internal void Forget(MediaSession session)
    {
        if (session.Leg is { } leg)
        {
            _named.TryRemove(new KeyValuePair<LegId, MediaSession>(leg, session));
        }
    }

    /// <summary>Continues a session from its snapshot on the same ports: SSRC, sequence numbers and timestamps go on.</summary>
    /// <returns>Null when the ports are taken or the snapshot cannot be used here.</returns>
    internal MediaSession? Restore(MediaSnapshot snapshot, IMediaSessionEvents events)
    {
        if (snapshot.ToParameters() is not { } parameters || _ports.TryTake(snapshot.LocalPort) is not { } ports)
        {
            return null;
        }

        var session = new MediaSession(this, NextShard(), ports, events);
        session.Post(new RestoreSession(snapshot, parameters));
        return session;
    }

    /// <summary>Figures for metrics, added up over all threads. Cheap enough for a scrape, not for a packet.</summary>
    public MediaEngineStatistics Statistics()
    {
        var statistics = new MediaEngineStatistics { PortsInUse = _ports.InUse, PortsFree = _ports.Free };
        foreach (var shard in _shards)
        {
            shard.AddTo(statistics);
        }

        return statistics;
    }

    /// <summary>Stops the threads and closes every socket at once; open sessions get no further event.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        foreach (var pacer in _pacers)
        {
            pacer.Dispose();
        }

        foreach (var shard in _shards)
        {
            shard.Dispose();
        }

        _ports.Dispose();
    }

    internal MediaEngineOptions Options { get; }

    internal IEntropy Entropy { get; }

    internal TimeProvider Time => _time;

    internal PortAllocator Ports => _ports;

    /// <summary>One 20 ms step of every shard, for tests and benchmarks that own the clock.</summary>
    internal void Tick(TimeSpan now)
    {
        foreach (var shard in _shards)
        {
            shard.Tick(now);
        }
    }

    /// <summary>What is done between two steps, likewise.</summary>
    internal void RunHastened(TimeSpan now)
    {
        foreach (var shard in _shards)
        {
            shard.RunHastened(now);
        }
    }

    internal void ReportFault(Exception exception, int port) => LogSessionFault(exception, port);

    private MediaShard NextShard() => _shards[Interlocked.Increment(ref _nextShard) % (uint)_shards.Length];

    [LoggerMessage(EventId = 3001, Level = LogLevel.Information, Message = "Media engine runs with {Threads} pacing threads on ports {PortMin}-{PortMax}")]
    private partial void LogStarted(int threads, int portMin, int portMax);

    [LoggerMessage(EventId = 3002, Level = LogLevel.Error, Message = "No free RTP port pair in {PortMin}-{PortMax}")]
    private partial void LogPortsExhausted(int portMin, int portMax);

    [LoggerMessage(EventId = 3003, Level = LogLevel.Error, Message = "Media session on port {Port} failed and is closed")]
    private partial void LogSessionFault(Exception exception, int port);
}
