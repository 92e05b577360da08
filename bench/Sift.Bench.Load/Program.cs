using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sift.Bench.Load;

// Usage: Sift.Bench.Load SERVER.dll [say|say-cpu|speech|play|bridge|hook|memory ...] [--core N] [--rates 100,200,...] [--legs 200,400,...]
const int CalleePort = 17000, AppPort = 17080;
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var assembly = args[0];
var scenarios = args.Skip(1).TakeWhile(a => !a.StartsWith("--", StringComparison.Ordinal)).DefaultIfEmpty("all").ToHashSet();
var core = int.Parse(Option("--core") ?? "0");
var rates = (Option("--rates") ?? "100,200,300,400,500,600,800,1000,1200").Split(',').Select(int.Parse).ToArray();
var legs = (Option("--legs") ?? "200,400,600,800,1000,1200,1500").Split(',').Select(int.Parse).ToArray();

Console.WriteLine($"conditions: {Environment.ProcessorCount} cores, server pinned to core {core}, loopback, G.711 mu-law, journal on SQLite, {DateTime.UtcNow:yyyy-MM-dd}");
using var callee = new Callee(CalleePort);
SpeechBench? speech = null;
await using var app = StartApp();
using var server = ServerUnderTest.Start(assembly, core, CalleePort, AppPort);

if (Wanted("speech"))
{
    // First, so that the first sentence after a start counts too.
    speech = new SpeechBench(server.SipPort);
    speech.Run();
    speech = null;
}

Rated("say", 50, 3);
if (Wanted("say"))
{
    HighestRate("say");
}

// A minute first: compiled code is measured and not the compiler, and a SIP transaction lives for 32 s after its call (RFC 3261, timer J).
if (Wanted("say-cpu"))
{
    Print("say, steadily", Rated("say", 50, 40, warmUp: 60));
}

if (Wanted("hook"))
{
    HighestRate("hook");
}

if (Wanted("play"))
{
    var reached = 0;
    foreach (var n in legs)
    {
        if (!Continuous("play", n, talk: true))
        {
            break;
        }

        reached = n;
    }

    if (reached > 0)
    {
        Console.WriteLine($"at half of the {reached} calls reached:");
        Continuous("play", reached / 2, talk: true);
    }
}

if (Wanted("bridge"))
{
    Continuous("bridge", 100, talk: true);
}

if (Wanted("memory"))
{
    Memory();
}

bool Wanted(string name) => scenarios.Contains("all") || scenarios.Contains(name);

string? Option(string name) => Array.IndexOf(args, name) is >= 0 and var at ? args[at + 1] : null;

// One run at a steady rate: the calls end by themselves after a prompt of one second. With seconds to warm up, CPU time counts from their end
// to the last call's beginning, and as many calls as begin in that time; without, until the last has ended.
Outcome Rated(string user, int rate, int seconds, int warmUp = 0)
{
    using var caller = new Caller(server.SipPort, user);
    caller.Place(rate * warmUp, rate);
    var cpu = server.Cpu();
    var clock = Stopwatch.StartNew();
    caller.Place(rate * seconds, rate);
    if (warmUp == 0)
    {
        caller.WaitForAll(TimeSpan.FromSeconds(20));
    }

    var used = server.Cpu() - cpu;
    var elapsed = clock.Elapsed;
    caller.WaitForAll(TimeSpan.FromSeconds(20));
    var calls = caller.Calls;
    var good = calls.Count(c => c is { Answered: true, Ended: true } && c.Packets > 0);
    var heard = calls.Where(c => c.Answered).Select(c => Math.Min(c.Packets, 50) / 50.0).DefaultIfEmpty(0).Average();
    var length = calls.Where(c => c is { Answered: true, Ended: true }).Select(c => Stopwatch.GetElapsedTime(c.AnsweredAt, c.EndedAt).TotalSeconds).Order().ToArray();
    var answer = calls.Where(c => c.Answered).Select(c => Stopwatch.GetElapsedTime(c.InviteAt, c.AnsweredAt).TotalMilliseconds).Order().ToArray();
    return new Outcome(rate, calls.Count, calls.Count - good, heard, Percentile(length, 0.99), Percentile(answer, 0.5), Percentile(answer, 0.99), used.TotalMilliseconds / (rate * seconds), used / elapsed);
}

void HighestRate(string user)
{
    var best = 0;
    foreach (var rate in rates)
    {
        var outcome = Rated(user, rate, 8);
        Print(user, outcome);
        if (outcome.Failed > outcome.Calls / 1000.0 || outcome.Heard < 0.98 || outcome.LengthP99 > 1.25)
        {
            break;
        }

        best = rate;
    }

    Console.WriteLine($"{user}: highest rate that held (< 0.1 % failed, >= 98 % of the audio, over within 1.25 s): {best} calls/s");
}

// N calls that stay up; measured over ten seconds after all are answered.
bool Continuous(string user, int n, bool talk)
{
    using var caller = new Caller(server.SipPort, user);
    caller.Place(n, 100);
    caller.WaitForAnswers(TimeSpan.FromSeconds(20));
    if (talk)
    {
        caller.Talk();
    }

    Thread.Sleep(2000);
    caller.ForgetGaps();
    var late = PacingLateness.Read(server.Metrics());
    var cpu = server.Cpu();
    var clock = Stopwatch.StartNew();
    Thread.Sleep(10_000);
    var elapsed = clock.Elapsed;
    var load = (server.Cpu() - cpu) / elapsed;
    var p99 = PacingLateness.Read(server.Metrics()).P99Since(late);
    var up = caller.Calls.Where(c => c is { Answered: true, Ended: false }).ToArray();
    var heard = up.Select(c => c.Packets / (elapsed.TotalSeconds * 50)).DefaultIfEmpty(0).Average();
    var gap = up.Select(c => c.LargestGap * 1000.0 / Stopwatch.Frequency).DefaultIfEmpty(0).Max();
    Console.WriteLine($"{user}: {up.Length} of {n} calls up, {load:P0} of the core, {load * 60 / Math.Max(up.Length, 1):F3} CPU-s per call-minute, {heard:P1} of the audio, largest gap {gap:F0} ms, 99 % of the pacing steps at most {p99:0.##} ms late");
    caller.HangUpAll();
    Thread.Sleep(1000);
    return load < 0.8 && gap < 60 && up.Length == n;
}

void Memory()
{
    // What a server fetches once (code, pools, the collector's first budget) is not a call's: others have called before.
    Rated("say", 100, 20);
    var before = server.ResidentBytes();
    var held = new List<Caller>();
    foreach (var more in new[] { 500, 1000, 2500 })
    {
        var caller = new Caller(server.SipPort, "play");
        held.Add(caller);
        caller.Place(more, 200);
        caller.WaitForAnswers(TimeSpan.FromSeconds(20));
        Thread.Sleep(2000);
        var up = held.Sum(h => h.Calls.Count(c => c is { Answered: true, Ended: false }));
        var now = server.ResidentBytes();
        Console.WriteLine($"memory: {up} calls held after 2,000 others, {(now - before) / 1024.0 / up:F1} KiB resident for each ({now >> 20} MiB in all)");
    }

    foreach (var caller in held)
    {
        caller.HangUpAll();
    }

    Thread.Sleep(1000);
    held.ForEach(static caller => caller.Dispose());
}

static void Print(string name, Outcome o) => Console.WriteLine(
    $"{name}: {o.Rate} calls/s, {o.Calls} calls, {o.Failed} failed, {o.Heard:P1} of the audio, over after {o.LengthP99:F2} s (p99), answer {o.AnswerP50:F1}/{o.AnswerP99:F1} ms (p50/p99), {o.CpuPerCall:F2} ms CPU per call, {o.Load:P0} of the core");

static double Percentile(double[] sorted, double p) => sorted.Length == 0 ? double.NaN : sorted[(int)Math.Min(sorted.Length - 1, sorted.Length * p)];

WebApplication StartApp()
{
    var builder = WebApplication.CreateSlimBuilder();
    builder.Logging.ClearProviders();
    builder.WebHost.UseUrls($"http://127.0.0.1:{AppPort}");
    var application = builder.Build();
    var routine = $$"""{"routine":[{"name":"Play","sound_url":"http://127.0.0.1:{{AppPort}}/second.wav"},{"name":"HangUp"}]}""";
    application.MapPost("/hook", () =>
    {
        speech?.Answering();
        return Results.Content(speech?.Routine ?? routine, "application/json");
    });
    application.MapGet("/second.wav", (HttpResponse response) =>
    {
        response.Headers.CacheControl = "max-age=3600";
        return Results.Bytes(OneSecond(), "audio/wav");
    });
    application.StartAsync().GetAwaiter().GetResult();
    return application;
}

// A tone of exactly one second, 8 kHz, 16 bit.
static byte[] OneSecond()
{
    var wav = new byte[44 + 16000];
    "RIFF"u8.CopyTo(wav);
    BitConverter.TryWriteBytes(wav.AsSpan(4), wav.Length - 8);
    "WAVEfmt "u8.CopyTo(wav.AsSpan(8));
    BitConverter.TryWriteBytes(wav.AsSpan(16), 16);
    BitConverter.TryWriteBytes(wav.AsSpan(20), 0x0001_0001);
    BitConverter.TryWriteBytes(wav.AsSpan(24), 8000);
    BitConverter.TryWriteBytes(wav.AsSpan(28), 16000);
    BitConverter.TryWriteBytes(wav.AsSpan(32), 0x0010_0002);
    "data"u8.CopyTo(wav.AsSpan(36));
    BitConverter.TryWriteBytes(wav.AsSpan(40), 16000);
    for (var i = 0; i < 8000; i++)
    {
        BitConverter.TryWriteBytes(wav.AsSpan(44 + (2 * i)), (short)(8000 * Math.Sin(2 * Math.PI * 440 * i / 8000)));
    }

    return wav;
}

internal sealed record Outcome(int Rate, int Calls, int Failed, double Heard, double LengthP99, double AnswerP50, double AnswerP99, double CpuPerCall, double Load);
