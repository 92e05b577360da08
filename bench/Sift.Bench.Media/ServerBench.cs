using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sift.Bench.Load;
using Sift.Client;

namespace Sift.Bench.Media;

/// <summary>The real server in its own process on its own core, for the parts of the bench that need all of it.</summary>
internal sealed partial class ServerBench : IDisposable
{
    private const string AccountId = "573e49212d2c62e6";
    private const string AuthToken = "bench-auth-token-0123456789abcdef";

    private readonly ServerUnderTest _server;
    private readonly HttpClient _api;

    private ServerBench(ServerUnderTest server)
    {
        _server = server;
        _api = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{ServerUnderTest.HttpPort}/v0/") };
        _api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes($"{AccountId}:{AuthToken}")));
    }

    public static Uri Signalling { get; } = new($"ws://127.0.0.1:{ServerUnderTest.HttpPort}/webrtc/");

    public static Capability NewCapability() => new(AccountId, AuthToken);

    public static ServerBench Start(string assembly, int core) => new(ServerUnderTest.Start(
        assembly,
        core,
        17000,
        17080,
        ("Sift__Account__Id", AccountId),
        ("Sift__Account__AuthToken", AuthToken),
        ("Sift__Browser__SocketsPerAddress", "5000"),
        ("Sift__WebRtc__HandshakesPerMinute", "1000000"),
        ("Sift__Media__Threads", "1")));

    /// <summary>An application that runs this routine.</summary>
    public async Task<string> ApplicationAsync(JsonNode command, CancellationToken cancellationToken)
    {
        using var response = await _api.PostAsJsonAsync("applications", new JsonObject { ["name"] = "bench", ["default_routine"] = new JsonArray(command) }, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        return response.IsSuccessStatusCode ? (string)JsonNode.Parse(text)!["application_id"]! : throw new InvalidOperationException(text);
    }

    public ServerFigures Read()
    {
        var text = _server.Metrics();
        var late = StepLine().Matches(text).Select(static m => (Bound: m.Groups[1].Value, Count: long.Parse(m.Groups[2].Value, CultureInfo.InvariantCulture))).ToArray();
        return new ServerFigures(_server.Cpu(), late, Number(text, "sift_media_ticks_skipped_total"), Refused(text), _server.ResidentBytes());
    }

    public void Dispose()
    {
        _api.Dispose();
        _server.Dispose();
    }

    private static long Refused(string metrics) =>
        RefusedLine().Matches(metrics).Sum(static m => long.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture));

    private static long Number(string metrics, string name) => metrics.Split('\n')
        .Where(line => line.StartsWith(name, StringComparison.Ordinal))
        .Select(static line => (long)double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture))
        .FirstOrDefault();

    [GeneratedRegex("sift_media_steps_total\\{[^}]*late=\"([^\"]+)\"[^}]*\\} (\\d+)")]
    private static partial Regex StepLine();

    [GeneratedRegex("sift_browser_datagrams_refused_total\\{[^}]*reason=\"(?:media_queue|not_authentic|replayed)\"[^}]*\\} (\\d+)")]
    private static partial Regex RefusedLine();
}

/// <summary>What the server says of itself at one moment.</summary>
/// <param name="Late">Steps by how late they began: an upper bound in milliseconds, or "more".</param>
/// <param name="Dropped">SRTP packets that were not used.</param>
internal sealed record ServerFigures(TimeSpan Cpu, (string Bound, long Count)[] Late, long Skipped, long Dropped, long ResidentBytes)
{
    public ServerFigures Since(ServerFigures earlier) => this with
    {
        Cpu = Cpu - earlier.Cpu,
        Late = [.. Late.Select(l => (l.Bound, l.Count - earlier.Late.FirstOrDefault(e => e.Bound == l.Bound).Count))],
        Skipped = Skipped - earlier.Skipped,
        Dropped = Dropped - earlier.Dropped,
    };

    /// <summary>The bound, in milliseconds, below which that share of the steps began.</summary>
    public string LatePercentile(double share)
    {
        var wanted = (long)Math.Ceiling(Late.Sum(static l => l.Count) * share);
        long seen = 0;
        foreach (var (bound, count) in Late.OrderBy(static l => l.Bound == "more" ? double.MaxValue : double.Parse(l.Bound, CultureInfo.InvariantCulture)))
        {
            seen += count;
            if (seen >= wanted)
            {
                return bound == "more" ? "more than 500" : bound;
            }
        }

        return "0";
    }

    /// <summary>Steps that began more than half a period late.</summary>
    public long LateSteps => Late.Where(static l => l.Bound == "more" || double.Parse(l.Bound, CultureInfo.InvariantCulture) > 10).Sum(static l => l.Count);
}
