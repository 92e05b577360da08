using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Sift.EndToEnd.Tests.Hearing;

namespace Sift.EndToEnd.Tests.Peers;

/// <summary>
/// A baresip softphone: sends a sine tone as its voice, records what it sends and hears, and is driven through its control socket.
/// </summary>
internal sealed class BaresipPhone : IAsyncDisposable
{
    private readonly ExternalProgram _program;
    private readonly string _directory;
    private readonly int _controlPort;

    private BaresipPhone(ExternalProgram program, string directory, int sipPort, int controlPort)
    {
        _program = program;
        _directory = directory;
        SipPort = sipPort;
        _controlPort = controlPort;
    }

    public int SipPort { get; }

    public string Output => _program.Output;

    /// <summary>Registers as <paramref name="number"/> with the server's sandbox.</summary>
    /// <param name="tone">The pitch of this phone's voice, in Hz.</param>
    /// <param name="answer">Answers calls by itself.</param>
    public static Task<BaresipPhone> RegisterAsync(SiftServer server, string number, int tone = 1000, bool answer = true, string transport = "udp") =>
        StartAsync(
            $"<sip:{number}@127.0.0.1:{server.SipPort};transport={transport}>;auth_user={number};auth_pass={SiftServer.SandboxPassword};" +
            $"regint=60;answermode={(answer ? "auto" : "manual")};audio_codecs=pcmu,pcma",
            tone,
            waitFor: "200 OK");

    public static async Task<BaresipPhone> StartAsync(string account, int tone, string waitFor, string extraConfig = "")
    {
        var directory = TemporaryFolder.Create("sift-baresip-");
        Directory.CreateDirectory(Path.Combine(directory, "rec"));
        var sip = Ports.Range(2);
        var control = Ports.Next();
        var rtp = Ports.Range(40);
        await File.WriteAllTextAsync(Path.Combine(directory, "accounts"), account + "\n");
        await File.WriteAllTextAsync(Path.Combine(directory, "contacts"), "");
        await File.WriteAllTextAsync(Path.Combine(directory, "config"), $"""
            poll_method epoll
            sip_listen 127.0.0.1:{sip}
            call_local_timeout 120
            call_max_calls 4
            audio_player aubridge,nil
            audio_source ausine,{tone}
            audio_alert aubridge,nil
            ausrc_srate 48000
            auplay_srate 48000
            ausrc_channels 2
            auplay_channels 1
            audio_txmode poll
            rtp_ports {rtp}-{rtp + 39}
            snd_path {directory}/rec
            net_interface 127.0.0.1
            module_path /usr/lib/baresip/modules
            module g711.so
            module ausine.so
            module aubridge.so
            module sndfile.so
            module_tmp account.so
            module_app contact.so
            module_app menu.so
            module_app ctrl_tcp.so
            ctrl_tcp_listen 127.0.0.1:{control}
            {extraConfig}
            """);
        var program = ExternalProgram.Start("baresip", ["-f", directory], directory);
        var phone = new BaresipPhone(program, directory, sip, control);
        await Eventually.True(
            () => program.Output.Contains(waitFor, StringComparison.Ordinal),
            TimeSpan.FromSeconds(15),
            () => $"baresip says '{waitFor}'\n{program.Output}");
        return phone;
    }

    public Task DialAsync(string uri) => CommandAsync("dial", uri);

    public Task AnswerAsync() => CommandAsync("accept");

    public Task HangUpAsync() => CommandAsync("hangup");

    public Task HoldAsync() => CommandAsync("hold");

    public Task ResumeAsync() => CommandAsync("resume");

    /// <summary>Presses keys one after another (RFC 4733).</summary>
    public async Task PressAsync(string keys)
    {
        foreach (var key in keys)
        {
            await CommandAsync("sndcode", key.ToString());
            await Task.Delay(200);
        }
    }

    public Task WaitForOutputAsync(string text, TimeSpan? limit = null) => Eventually.True(
        () => Output.Contains(text, StringComparison.Ordinal),
        limit ?? TimeSpan.FromSeconds(20),
        () => $"phone says '{text}'\n{Output}");

    /// <summary>Sends a command of baresip's menu; returns what it answered.</summary>
    public async Task<string> CommandAsync(string command, string? parameters = null)
    {
        var json = new JsonObject { ["command"] = command, ["params"] = parameters ?? "", ["token"] = "t" }.ToJsonString();
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", _controlPort);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"{Encoding.UTF8.GetByteCount(json)}:{json},"));
        var buffer = new byte[16384];
        var text = new StringBuilder();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(3));
        try
        {
            while (!text.ToString().Contains("\"response\":true", StringComparison.Ordinal))
            {
                var read = await stream.ReadAsync(buffer, limit.Token);
                if (read == 0)
                {
                    break;
                }

                text.Append(Encoding.UTF8.GetString(buffer, 0, read));
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"baresip did not answer '{command}':\n{Output}");
        }

        return text.ToString();
    }

    /// <summary>What the phone heard in its latest call; complete once the call is over.</summary>
    public async Task<Recording> HeardAsync() => Recording.ReadWav(await LatestAsync("-dec.wav"));

    /// <summary>Recordings of what was heard in each call, oldest first.</summary>
    public IReadOnlyList<Recording> HeardInEachCall() =>
        [.. Directory.GetFiles(Path.Combine(_directory, "rec"), "*-dec.wav").OrderBy(File.GetCreationTimeUtc).Select(Recording.ReadWav)];

    public async ValueTask DisposeAsync()
    {
        await _program.DisposeAsync();
        TemporaryFolder.Delete(_directory);
    }

    private Task<string> LatestAsync(string suffix) => Eventually.Get(
        () => Directory.GetFiles(Path.Combine(_directory, "rec"), "*" + suffix).OrderByDescending(File.GetCreationTimeUtc).FirstOrDefault(),
        TimeSpan.FromSeconds(10),
        () => $"a recording *{suffix}\n{Output}");
}
