using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Sift.Media.Rtp;
using Sift.Media.WebRtc.Dtls;
using Sift.Protocols.Rtp;

namespace Sift.Bench.Media;

/// <summary>From <c>connect</c> on the signalling socket to the first audio that the browser hears, one call after another.</summary>
internal static class SetUpBench
{
    private const int WarmUp = 5;
    private const int ClientPort = 24000;

    // G.711 mu-law: below this magnitude, about -45 dBov, a sample is the noise floor of a voice's leading silence.
    private const short Audible = 180;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(string assembly, int core, int calls, CancellationToken cancellationToken)
    {
        using var server = ServerBench.Start(assembly, core);
        var application = await server.ApplicationAsync(new JsonObject { ["name"] = "Say", ["text"] = "Hello." }, cancellationToken);
        using var signalling = await SignallingClient.LogInAsync(ServerBench.Signalling, ServerBench.NewCapability().AllowOutgoing(application), cancellationToken);
        using var identity = DtlsIdentity.Create(TimeProvider.System.GetUtcNow());
        var sockets = DatagramSockets.ForThisSystem(IPAddress.Loopback, 0);
        using var batch = sockets.CreateBatch();
        var answered = new List<double>();
        var first = new List<double>();
        var audible = new List<double>();
        for (var i = 0; i < WarmUp + calls; i++)
        {
            using var browser = new BenchBrowser(sockets.TryBind(ClientPort + (i % 100))!, identity, i, opus: false);
            var call = await CallAsync(browser, signalling, batch, cancellationToken);
            if (i >= WarmUp)
            {
                answered.Add(call.Answered.TotalMilliseconds);
                first.Add(call.First.TotalMilliseconds);
                audible.Add(call.Audible.TotalMilliseconds);
            }
        }

        Console.WriteLine($"set-up over {calls} calls in turn, ms from connect: answer {Summary(answered)}; first packet {Summary(first)}; first audible sound {Summary(audible)}");
    }

    private static async Task<(TimeSpan Answered, TimeSpan First, TimeSpan Audible)> CallAsync(
        BenchBrowser browser, SignallingClient signalling, DatagramBatch batch, CancellationToken cancellationToken)
    {
        var offer = browser.Offer();
        var begun = Stopwatch.GetTimestamp();
        await signalling.SendAsync("connect", null, cancellationToken);
        await signalling.OfferAsync(offer, cancellationToken);
        var answer = await signalling.ReceiveAsync("desc", cancellationToken);
        var answered = Stopwatch.GetElapsedTime(begun);
        browser.OnAnswer((string)answer!["sdp"]!);
        TimeSpan? first = null;
        TimeSpan? audible = null;
        browser.Heard = (_, payload) =>
        {
            var now = Stopwatch.GetElapsedTime(begun);
            first ??= now;
            Span<short> pcm = stackalloc short[payload.Length];
            G711.DecodeMuLaw(payload.Span, pcm);
            audible ??= pcm.ContainsAnyExceptInRange((short)-Audible, Audible) ? now : null;
        };
        while (!browser.Connect(batch))
        {
            Check(begun, "the handshake");
        }

        var silence = Enumerable.Repeat((byte)0xFF, 160).ToArray();
        var next = Stopwatch.GetTimestamp();
        while (audible is null)
        {
            Check(begun, "sound");
            if (Stopwatch.GetTimestamp() >= next)
            {
                browser.Step(silence, batch);
                next += Stopwatch.Frequency / 50;
            }
            else
            {
                browser.Hear(batch);
            }
        }

        await signalling.SendAsync("hangup", null, cancellationToken);
        return (answered, first!.Value, audible.Value);
    }

    private static void Check(long begun, string what)
    {
        if (Stopwatch.GetElapsedTime(begun) > Patience)
        {
            throw new InvalidOperationException($"No {what} within {Patience.TotalSeconds:0} s.");
        }
    }

    private static string Summary(List<double> values)
    {
        var sorted = values.Order().ToArray();
        return $"p50 {sorted[sorted.Length / 2]:0} p95 {sorted[Math.Min(sorted.Length - 1, sorted.Length * 95 / 100)]:0} max {sorted[^1]:0}";
    }
}
