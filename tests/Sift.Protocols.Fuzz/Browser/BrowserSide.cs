using Microsoft.Extensions.Logging;
using Sift.Media.Audio;
using Sift.Media.Legs;
using Sift.Media.Rtp;
using Sift.Media.WebRtc;
using Sift.Protocols.Rtp;

namespace Sift.Protocols.Fuzz.Browser;

/// <summary>
/// The browser port with everything behind it, without sockets and threads: the real demultiplexer, legs and media engine. What their loops would
/// catch and log is thrown by <see cref="Step"/>.
/// </summary>
internal sealed class BrowserSide : TimeProvider, IDatagramSockets, ISharedSocket, IAudioSources, ILegEvents, IBrowserSignalling, IEntropy, ILogger<MediaEngine>
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    private readonly BrowserReactor _reactor;
    private TimeSpan _now = TimeSpan.FromHours(1);
    private ulong _random = 4475;
    private Exception? _fault;

    public BrowserSide()
    {
        Engine = new MediaEngine(new MediaEngineOptions { Threads = 1 }, this, this, this, this);
        _reactor = new BrowserReactor(this, CreateBatch(), this, this);
        Host = new BrowserHost(new BrowserOptions { HandshakesPerMinute = int.MaxValue }, _reactor, this, Engine, this, this, this, this, this, this);
        _reactor.Attach(Host);
    }

    public MediaEngine Engine { get; }

    public BrowserHost Host { get; }

    public string LastAnswer { get; private set; } = "";

    public int Port => 4000;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now.Ticks;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + _now;

    /// <summary>20 ms pass for the media thread and the port's thread.</summary>
    public void Step()
    {
        _now += Tick;
        Engine.Tick(_now);
        _reactor.RunOnce();
        if (_fault is { } fault)
        {
            _fault = null;
            throw new InvalidOperationException("A loop had to catch this.", fault);
        }
    }

    public void Fill(Span<byte> bytes)
    {
        foreach (ref var one in bytes)
        {
            _random = (_random * 6364136223846793005) + 1442695040888963407;
            one = (byte)(_random >> 56);
        }
    }

    public IDatagramSocket? TryBind(int port) => null;

    public ISharedSocket? TryBindShared(int port) => null;

    public DatagramBatch CreateBatch() => new();

    public ISocketReadiness CreateReadiness() => EverySocketReady.Instance;

    public void Wait(TimeSpan longest)
    {
    }

    public void Wake()
    {
    }

    public int Receive(DatagramBatch batch) => 0;

    public bool Send(ReadOnlySpan<byte> datagram, in TransportAddress destination) => true;

    public IAudioSource Open(PlaySource source, int sampleRate, CancellationToken cancellationToken) => throw new NotSupportedException();

    public void OnLegEvent(LegEvent legEvent)
    {
    }

    public void Ring(BrowserRing ring)
    {
    }

    public void Answer(LegId leg, string sdp) => LastAnswer = sdp;

    public void Candidate(LegId leg, string candidate, string? mid, int index)
    {
    }

    public void RefuseOffer(LegId leg, string reason) => throw new InvalidOperationException(reason);

    public void End(BrowserEnd end)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logLevel >= LogLevel.Error)
        {
            _fault ??= exception ?? new InvalidOperationException(formatter(state, null));
        }
    }

    public void Dispose()
    {
    }
}
