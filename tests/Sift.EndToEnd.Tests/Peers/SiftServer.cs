using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace Sift.EndToEnd.Tests.Peers;

/// <summary>The built server as its own process, with its own data directory and ports on loopback.</summary>
internal sealed class SiftServer : IAsyncDisposable
{
    public const string AccountId = "573e49212d2c62e6";
    public const string AuthToken = "end-to-end-auth-token-0123456789ab";
    public const string SandboxPassword = "sandbox-secret";

    private readonly Dictionary<string, string?> _environment;
    private readonly int? _diskMegabytes;
    private ExternalProgram _program;

    private SiftServer(int httpPort, int sipPort, string dataDirectory, Dictionary<string, string?> environment, int? diskMegabytes)
    {
        _diskMegabytes = diskMegabytes;
        HttpPort = httpPort;
        SipPort = sipPort;
        DataDirectory = dataDirectory;
        _environment = environment;
        _program = Launch();
        Api = NewClient(AccountId, AuthToken);
    }

    public int HttpPort { get; }

    public int SipPort { get; }

    public string DataDirectory { get; }

    /// <summary>A client with the first account's credentials; addresses are relative to <c>/v0/</c>.</summary>
    public HttpClient Api { get; }

    /// <summary>The settings it runs with, for operator commands on the same data.</summary>
    public IReadOnlyDictionary<string, string?> Environment => _environment;

    public string BaseUrl => $"http://127.0.0.1:{HttpPort}";

    public string Output => _program.Output;

    public static Task<SiftServer> StartAsync(params (string Name, string? Value)[] settings) => StartAsync(null, settings);

    /// <summary>A server whose data directory is a disk of its own, of that size: a file system in memory that only the server and <see cref="OnItsDisk"/> see.</summary>
    public static Task<SiftServer> StartOnSmallDiskAsync(int megabytes, params (string Name, string? Value)[] settings) => StartAsync(megabytes, settings);

    /// <summary>A file in the data directory as the server sees it.</summary>
    public string OnItsDisk(string file) => $"/proc/{_program.Id}/root{Path.Combine(DataDirectory, file)}";

    /// <summary>kill -9, without any chance to tidy up.</summary>
    public Task KillAsync() => _program.KillAsync();

    /// <summary>Starts again on the same data, after <see cref="KillAsync"/>.</summary>
    public async Task RestartAsync()
    {
        await _program.DisposeAsync();
        _program = Launch();
        await WaitUntilReadyAsync();
    }

    public async Task<JsonObject> PostFormAsync(string path, params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value)));
        using var response = await Api.PostAsync(path, form);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"POST {path}: {(int)response.StatusCode} {text}\n{Output}");
        return JsonNode.Parse(text)!.AsObject();
    }

    public async Task<JsonObject> PostJsonAsync(string path, JsonNode body)
    {
        using var response = await Api.PostAsJsonAsync(path, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"POST {path}: {(int)response.StatusCode} {text}\n{Output}");
        return JsonNode.Parse(text)!.AsObject();
    }

    public async Task<JsonObject> GetAsync(string path) =>
        JsonNode.Parse(await Api.GetStringAsync(path))!.AsObject();

    /// <summary>The connection once it has that status.</summary>
    public Task<JsonObject> ConnectionInAsync(string id, string status, TimeSpan? limit = null) =>
        Eventually.Get(
            async () => await GetAsync($"connections/{id}") is var c && (string?)c["status"] == status ? c : null,
            limit ?? TimeSpan.FromSeconds(20),
            () => $"connection {id} becomes {status}\n{Output}");

    /// <summary>Runs <c>sift …</c> as an operator does, beside the server and on its data; what it printed.</summary>
    public async Task<string> OperateAsync(int expectedExit, params string[] arguments)
    {
        await using var program = ExternalProgram.Start("dotnet", [Repository.ServerAssembly, .. arguments], Repository.Root, _environment);
        var code = await program.WaitForExitAsync(TimeSpan.FromSeconds(30));
        Assert.True(code == expectedExit, $"sift {string.Join(' ', arguments)} ended with {code}:\n{program.Output}");
        return program.Output;
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await _program.DisposeAsync();
        TemporaryFolder.Delete(DataDirectory);
    }

    private static async Task<SiftServer> StartAsync(int? diskMegabytes, (string Name, string? Value)[] settings)
    {
        var http = Ports.Next();
        var sip = Ports.Next();
        var media = Ports.Range(600);
        var data = TemporaryFolder.Create("sift-e2e-");
        var environment = new Dictionary<string, string?>
        {
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{http}",
            ["ConnectionStrings__Sift"] = $"Data Source={Path.Combine(data, "sift.db")}",
            ["Sift__DataDirectory"] = data,
            ["Sift__Account__Id"] = AccountId,
            ["Sift__Account__AuthToken"] = AuthToken,
            ["Sift__Sip__Port"] = sip.ToString(),
            ["Sift__Sandbox__Password"] = SandboxPassword,
            ["Sift__Media__PortMin"] = media.ToString(),
            ["Sift__Media__PortMax"] = (media + 599).ToString(),
            ["DOTNET_TieredPGO"] = "1",

            // A killed process would leave its diagnostic sockets behind.
            ["DOTNET_EnableDiagnostics"] = "0",
        };
        foreach (var (name, value) in settings)
        {
            environment[name] = value;
        }

        var server = new SiftServer(http, sip, data, environment, diskMegabytes);
        try
        {
            await server.WaitUntilReadyAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    // A mount namespace of its own needs no privileges in a user namespace of its own.
    private ExternalProgram Launch() => _diskMegabytes is { } megabytes
        ? ExternalProgram.Start(
            "unshare",
            ["--map-root-user", "--mount", "sh", "-c", $"mount -t tmpfs -o size={megabytes}m sift \"$Sift__DataDirectory\" && exec dotnet \"$0\"", Repository.ServerAssembly],
            Repository.Root,
            _environment)
        : ExternalProgram.Start("dotnet", [Repository.ServerAssembly], Repository.Root, _environment);

    private async Task WaitUntilReadyAsync()
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
        await Eventually.True(
            async () =>
            {
                if (_program.HasExited)
                {
                    throw new InvalidOperationException($"The server ended at start:\n{Output}");
                }

                try
                {
                    return (await client.GetAsync($"{BaseUrl}/readyz")).IsSuccessStatusCode;
                }
                catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
                {
                    return false;
                }
            },
            TimeSpan.FromSeconds(40),
            () => $"server ready\n{Output}");
    }

    private HttpClient NewClient(string user, string password)
    {
        var client = new HttpClient { BaseAddress = new Uri($"{BaseUrl}/v0/"), Timeout = TimeSpan.FromSeconds(20) };
        client.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
        return client;
    }
}
