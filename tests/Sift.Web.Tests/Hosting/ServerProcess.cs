using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace Sift.Web.Tests.Hosting;

/// <summary>The server as a process of its own, as people run it.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    // Where it was built: its native libraries lie beside it there, not beside the tests.
    private static readonly string Program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../Sift.Web", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "sift.dll"));

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process process;

    private ServerProcess(Process process, string url, string block)
    {
        this.process = process;
        Block = block;
        Url = url;
        Account = Field("Account id");
        Token = Field("Auth token");
        Sip = Field("SIP  ");
    }

    public string Url { get; }

    /// <summary>What start-up printed.</summary>
    public string Block { get; }

    public string Account { get; }

    public string Token { get; }

    /// <summary>Address and port of the SIP listener.</summary>
    public string Sip { get; }

    public static async Task<ServerProcess> StartAsync(string directory, IReadOnlyDictionary<string, string>? settings = null)
    {
        var url = $"http://127.0.0.1:{FreePort()}";
        var start = StartInfo(directory, url);
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        var block = new StringBuilder();
        using var limit = new CancellationTokenSource(Patience);
        while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            block.AppendLine(line);
            if (line.Contains("curl -u", StringComparison.Ordinal))
            {
                _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                return new ServerProcess(process, url, block.ToString());
            }
        }

        throw new InvalidOperationException($"The server ended at once: {block}{await process.StandardError.ReadToEndAsync(CancellationToken.None)}");
    }

    /// <summary>Runs a command to its end.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string directory, params string[] arguments)
    {
        using var process = Process.Start(StartInfo(directory, "http://127.0.0.1:0", arguments))!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(Patience);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output + await errors);
    }

    public HttpClient ClientOf(string account, string token)
    {
        var client = new HttpClient { BaseAddress = new Uri(Url) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{account}:{token}")));
        return client;
    }

    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            await KillAsync();
        }

        process.Dispose();
    }

    private static ProcessStartInfo StartInfo(string directory, string url, params string[] arguments) => new(
        "dotnet", [Program, .. arguments])
    {
        WorkingDirectory = directory,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment = { ["ASPNETCORE_URLS"] = url, ["Sift__Sip__Port"] = "0", ["Sift__DataDirectory"] = Path.Combine(directory, "data") },
    };

    private string Field(string name)
        => Block.Split('\n').Select(line => line.Trim()).First(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..].Trim().Split(' ')[0];

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
