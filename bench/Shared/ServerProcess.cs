using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace Sift.Bench.Shared;

/// <summary>The built server (Release) as a process of its own, on loopback.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private ServerProcess(Process process, string url)
    {
        (_process, Url) = (process, url);
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Url { get; }

    /// <param name="assembly">The server's <c>sift.dll</c>.</param>
    public static async Task<ServerProcess> StartAsync(string assembly, string connectionString, string dataDirectory, string accountId, string authToken)
    {
        var url = $"http://127.0.0.1:{FreePort(SocketType.Stream)}";
        var start = new ProcessStartInfo("dotnet", [assembly]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["ASPNETCORE_URLS"] = url,
            ["ConnectionStrings__Sift"] = connectionString,
            ["Sift__DataDirectory"] = dataDirectory,
            ["Sift__Account__Id"] = accountId,
            ["Sift__Account__AuthToken"] = authToken,
            ["Sift__Sip__Port"] = $"{FreePort(SocketType.Dgram)}",
            ["Sift__Api__RequestsPerSecond"] = "100000",
            ["Logging__LogLevel__Default"] = "Warning",
        })
        {
            start.Environment[name] = value;
        }

        var server = new ServerProcess(Process.Start(start)!, url);
        using var client = server.Client(accountId, authToken);
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using var answer = await client.GetAsync("/readyz");
                if (answer.IsSuccessStatusCode) return server;
            }
            catch (HttpRequestException) when (!server._process.HasExited)
            {
            }

            if (server._process.HasExited || clock.Elapsed > TimeSpan.FromSeconds(60))
            {
                server.Dispose();
                throw new InvalidOperationException($"The server did not become ready:\n{server._output}");
            }

            await Task.Delay(50);
        }
    }

    public HttpClient Client(string accountId, string authToken)
    {
        var client = new HttpClient { BaseAddress = new Uri(Url), Timeout = TimeSpan.FromMinutes(1) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{accountId}:{authToken}")));
        return client;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_output) _output.AppendLine(line.Data);
    }

    private static int FreePort(SocketType type)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, type, type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
