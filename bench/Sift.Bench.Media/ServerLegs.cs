using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Sift.Media.Rtp;
using Sift.Media.WebRtc.Dtls;

namespace Sift.Bench.Media;

/// <summary>
/// Browser calls to browsers through the real server, <c>CallClient</c> from one to the other, kept up and fed by one thread: how many legs one
/// core of server carries.
/// </summary>
internal sealed class ServerLegs : IDisposable
{
    private const int FirstPort = 24000;

    private readonly BrowserLoadKind _kind;
    private readonly ServerBench _server;
    private readonly DtlsIdentity _identity = DtlsIdentity.Create(TimeProvider.System.GetUtcNow());
    private readonly IDatagramSockets _sockets = DatagramSockets.ForThisSystem(IPAddress.Loopback, 0);
    private readonly DatagramBatch _batch;
    private readonly List<SignallingClient> _signalling = [];
    private readonly ConcurrentQueue<BenchBrowser> _ready = new();
    private readonly List<BenchBrowser> _talking = [];
    private readonly Thread _pump;
    private int _port = FirstPort;
    private int _pairs;
    private long _steps;
    private long _received;
    private long _lateSteps;
    private long _cpu;
    private volatile bool _stop;

    private ServerLegs(BrowserLoadKind kind, ServerBench server)
    {
        _kind = kind;
        _server = server;
        _batch = _sockets.CreateBatch();
        _pump = new Thread(Pump) { IsBackground = true, Priority = ThreadPriority.Highest };
    }

    /// <param name="sizes">Legs to measure with, growing; for <see cref="BrowserLoadKind.BrowserTranscode"/> those with Opus, each with a G.711 partner.</param>
    public static async Task RunAsync(BrowserLoadKind kind, string assembly, int core, IEnumerable<int> sizes, TimeSpan duration, CancellationToken cancellationToken)
    {
        using var server = ServerBench.Start(assembly, core);
        using var legs = new ServerLegs(kind, server);
        legs._pump.Start();
        foreach (var size in sizes)
        {
            await legs.GrowAsync(kind == BrowserLoadKind.BrowserTranscode ? size : size / 2, cancellationToken);
            await legs.MeasureAsync(size, duration, cancellationToken);
        }
    }

    public void Dispose()
    {
        _stop = true;
        _pump.Join();
        _signalling.ForEach(static s => s.Dispose());
        _talking.ForEach(static b => b.Dispose());
        _batch.Dispose();
        _identity.Dispose();
    }

    private async Task GrowAsync(int pairs, CancellationToken cancellationToken)
    {
        using var batch = _sockets.CreateBatch();
        for (; _pairs < pairs; _pairs++)
        {
            var name = $"callee{_pairs}";
            var application = await _server.ApplicationAsync(new JsonObject { ["name"] = "CallClient", ["client_name"] = name }, cancellationToken);
            var callee = await LogInAsync(ServerBench.NewCapability().AllowIncoming(name), cancellationToken);
            var caller = await LogInAsync(ServerBench.NewCapability().AllowOutgoing(application), cancellationToken);
            await caller.SendAsync("connect", null, cancellationToken);
            await UpAsync(caller, NewBrowser(_kind != BrowserLoadKind.BrowserPcmu), batch, cancellationToken);
            await callee.ReceiveAsync("ring", cancellationToken);
            await callee.SendAsync("ringanswer", true, cancellationToken);
            await UpAsync(callee, NewBrowser(_kind == BrowserLoadKind.BrowserRelay), batch, cancellationToken);
        }
    }

    private async Task<SignallingClient> LogInAsync(Client.Capability capability, CancellationToken cancellationToken)
    {
        var client = await SignallingClient.LogInAsync(ServerBench.Signalling, capability, cancellationToken);
        _signalling.Add(client);
        return client;
    }

    private async Task UpAsync(SignallingClient signalling, BenchBrowser browser, DatagramBatch batch, CancellationToken cancellationToken)
    {
        await signalling.OfferAsync(browser.Offer(), cancellationToken);
        browser.OnAnswer((string)(await signalling.ReceiveAsync("desc", cancellationToken))!["sdp"]!);
        var begun = Stopwatch.GetTimestamp();
        while (!browser.Connect(batch))
        {
            if (Stopwatch.GetElapsedTime(begun) > TimeSpan.FromSeconds(15))
            {
                throw new InvalidOperationException("A leg did not come up.");
            }

            Thread.Yield();
        }

        _ready.Enqueue(browser);
    }

    private BenchBrowser NewBrowser(bool opus)
    {
        IDatagramSocket? socket;
        while ((socket = _sockets.TryBind(_port++)) is null)
        {
        }

        return new BenchBrowser(socket, _identity, _port, opus);
    }

    private async Task MeasureAsync(int size, TimeSpan duration, CancellationToken cancellationToken)
    {
        // Time for the last bridge and for compiled code.
        await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System, cancellationToken);
        var (steps, received, late, cpu) = (Read(ref _steps), Read(ref _received), Read(ref _lateSteps), Read(ref _cpu));
        var before = _server.Read();
        var begun = Stopwatch.GetTimestamp();
        await Task.Delay(duration, TimeProvider.System, cancellationToken);
        var figures = _server.Read().Since(before);
        var ran = Stopwatch.GetElapsedTime(begun);
        steps = Read(ref _steps) - steps;
        received = Read(ref _received) - received;
        late = Read(ref _lateSteps) - late;
        var load = TimeSpan.FromTicks(Read(ref _cpu) - cpu) / ran;
        var share = figures.Cpu / ran;
        var expected = steps * _talking.Count;
        var what = _kind switch
        {
            BrowserLoadKind.BrowserTranscode => $"{size} Opus legs, each bridged with a G.711 leg",
            BrowserLoadKind.BrowserRelay => $"{size} Opus legs, relayed in pairs",
            _ => $"{size} PCMU legs, relayed in pairs",
        };
        Console.WriteLine(
            $"{what}: server {share:P1} of its core, {100 * share / _talking.Count:0.000} % per leg ({_talking.Count} legs); heard {received} of {expected} packets "
            + $"({100.0 * Math.Max(0, expected - received) / Math.Max(1, expected):0.00} % missing), dropped {figures.Dropped}; steps late p50 <= {figures.LatePercentile(0.5)} p99 <= {figures.LatePercentile(0.99)} "
            + $"p99.9 <= {figures.LatePercentile(0.999)} ms, {figures.LateSteps} later than 10 ms, {figures.Skipped} skipped ({before.Skipped} before); load {load:P0} of its core, {late} of its {steps} steps late; {figures.ResidentBytes / 1048576} MiB");
    }

    private void Pump()
    {
        var opus = BrowserLoad.OpusPackets();
        var pcmu = new byte[160];
        Random.Shared.NextBytes(pcmu);
        var origin = Stopwatch.GetTimestamp();
        for (var step = 1; !_stop; step++)
        {
            while (_ready.TryDequeue(out var browser))
            {
                _talking.Add(browser);
            }

            long received = 0;
            foreach (var browser in _talking)
            {
                browser.Step(browser.IsOpus ? opus[step % opus.Length] : pcmu, _batch);
                received += browser.Received;
            }

            Volatile.Write(ref _steps, step);
            Volatile.Write(ref _received, received);
            Volatile.Write(ref _cpu, BrowserLoad.OwnCpu().Ticks);
            var due = MediaShard.Period * step;
            if (Stopwatch.GetElapsedTime(origin) > due)
            {
                Volatile.Write(ref _lateSteps, _lateSteps + 1);
            }

            BrowserLoad.SleepUntil(origin, due);
        }
    }

    private static long Read(ref long value) => Volatile.Read(ref value);
}
