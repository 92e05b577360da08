using System.Text.Json.Nodes;

namespace Sift.EndToEnd.Tests.Peers;

/// <summary>A customer's web server: a Python file run with Debian's Flask, which logs each callback as a line <c>CALLBACK {json}</c>.</summary>
internal sealed class FlaskApplication : IAsyncDisposable
{
    private readonly ExternalProgram _program;

    private FlaskApplication(ExternalProgram program, int port)
    {
        _program = program;
        Port = port;
    }

    public int Port { get; }

    public string Url => $"http://127.0.0.1:{Port}";

    public string Output => _program.Output;

    /// <summary>Callbacks seen so far, as {"path", "body"}.</summary>
    public IReadOnlyList<JsonObject> Callbacks =>
        [.. Output.Split('\n').Where(l => l.StartsWith("CALLBACK ", StringComparison.Ordinal)).Select(l => JsonNode.Parse(l[9..])!.AsObject())];

    public static async Task<FlaskApplication> StartAsync(string file, IReadOnlyDictionary<string, string?>? environment = null, int? port = null)
    {
        var listen = port ?? Ports.Next();
        var all = new Dictionary<string, string?>(environment ?? new Dictionary<string, string?>())
        {
            ["PORT"] = listen.ToString(),
            ["PYTHONUNBUFFERED"] = "1",
        };
        var program = ExternalProgram.Start("/usr/bin/python3", [file], Path.GetDirectoryName(file), all);
        var application = new FlaskApplication(program, listen);
        await Eventually.True(
            () => application.Output.Contains("Running on", StringComparison.Ordinal) || Failed(program),
            TimeSpan.FromSeconds(15),
            () => $"Flask runs\n{program.Output}");
        return application;
    }

    public IEnumerable<string> StatusesSeen(string path) =>
        Callbacks.Where(c => (string?)c["path"] == path).Select(c => (string)c["body"]!["connection"]!["status"]!);

    public ValueTask DisposeAsync() => _program.DisposeAsync();

    private static bool Failed(ExternalProgram program) =>
        program.HasExited ? throw new InvalidOperationException($"Flask ended:\n{program.Output}") : false;
}
