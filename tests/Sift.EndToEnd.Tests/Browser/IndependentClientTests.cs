using System.Text.Json.Nodes;
using Sift.EndToEnd.Tests.Peers;
using Sift.EndToEnd.Tests.Sip;

namespace Sift.EndToEnd.Tests.Browser;

/// <summary>
/// A client that knows the documented protocol only (<c>Independent/client.js</c>): its own JSON, its own WebRTC. It says back what it hears, so the
/// phone that it calls must hear itself.
/// </summary>
[Collection(Chromium.Collection)]
public sealed class IndependentClientTests
{
    private const string Phone = "+15554443333";

    [Theory]
    [InlineData("opus", 96)]
    [InlineData("PCMU", 0)]
    public async Task Calls_a_phone_which_hears_its_own_voice_come_back(string codec, int payloadType)
    {
        var directory = await InstallAsync();
        await using var server = await SiftServer.StartAsync();
        await using var phone = await BaresipPhone.RegisterAsync(server, Phone, tone: 1000);
        var application = await server.PostJsonAsync("applications", new JsonObject
        {
            ["name"] = "independent",
            ["default_routine"] = new JsonArray(new JsonObject { ["name"] = "CallPhone", ["phone_number"] = Phone }),
        });

        await using var client = Start(server, directory, CapabilityToken.Mint((string)application["application_id"]!), codec, "call");
        var result = await ResultAsync(client, server);
        Assert.Equal(["auth", "config", "connection", "desc"], result["messages"]!.AsArray().Select(m => (string)m!).Take(4));
        Assert.Equal([payloadType], result["payload_types"]!.AsArray().Select(p => (int)p!));
        Assert.InRange((int)result["packets"]!, 100, 260);
        Assert.InRange((int)result["sounding"]!, 50, 260);
        var heard = await phone.HeardAsync();
        var end = heard.Slice(heard.Duration - TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(1));
        Assert.True(end.Share(1000) > 0.8 && end.Level() > 0.02, $"the phone hears itself: {end.Share(1000):F2} at level {end.Level():F3} in {heard.Duration}");

        var connection = (await server.GetAsync("connections"))["results"]!.AsArray().Single(c => (string?)c!["direction"] == "incoming")!;
        Assert.Equal("a bare string", (string?)connection["client_data"]);
        await server.ConnectionInAsync((string)connection["connection_id"]!, "finished");
    }

    [Fact]
    public async Task Takes_a_call_to_its_name()
    {
        var directory = await InstallAsync();
        await using var server = await SiftServer.StartAsync();
        var number = await TrunkCall.NumberAsync(server, new JsonObject { ["name"] = "CallClient", ["client_name"] = "independent" });
        await using var phone = await BaresipPhone.RegisterAsync(server, "+15557770005", tone: 1000);
        await using var client = Start(server, directory, CapabilityToken.Mint(clientName: "independent"), "PCMU", "answer");
        await SaysAsync(client, "READY");

        await phone.DialAsync($"sip:{number}@127.0.0.1:{server.SipPort}");

        var result = await ResultAsync(client, server);
        Assert.InRange((int)result["packets"]!, 100, 260);
        await phone.WaitForOutputAsync("closed");
        var heard = await phone.HeardAsync();
        var end = heard.Slice(heard.Duration - TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(1));
        Assert.True(end.Share(1000) > 0.8, $"the phone hears itself: {end.Share(1000):F2} at level {end.Level():F3} in {heard.Duration}");
    }

    [Fact]
    public async Task A_call_taken_too_late_gets_an_answer_and_then_a_hang_up()
    {
        var directory = await InstallAsync();
        await using var server = await SiftServer.StartAsync();
        var number = await TrunkCall.NumberAsync(server, new JsonObject { ["name"] = "CallClient", ["client_name"] = "independent" });
        await using var phone = await BaresipPhone.RegisterAsync(server, "+15557770006");
        await using var client = Start(server, directory, CapabilityToken.Mint(clientName: "independent"), "opus", "late");
        await SaysAsync(client, "READY");
        await phone.DialAsync($"sip:{number}@127.0.0.1:{server.SipPort}");
        await SaysAsync(client, "RINGING");

        await phone.HangUpAsync();

        var result = await ResultAsync(client, server);
        Assert.Equal(["auth", "config", "caller", "ring", "cancel", "desc", "hangup"], result["messages"]!.AsArray().Select(m => (string)m!));
    }

    private static ExternalProgram Start(SiftServer server, string directory, string token, string codec, string part) =>
        ExternalProgram.Start("node", ["client.js", $"ws://127.0.0.1:{server.HttpPort}/webrtc/", token, codec, "4", part], directory);

    private static Task SaysAsync(ExternalProgram client, string text) => Eventually.True(
        () => client.Output.Contains(text, StringComparison.Ordinal), TimeSpan.FromSeconds(20), () => $"the client says {text}\n{client.Output}");

    private static async Task<JsonNode> ResultAsync(ExternalProgram client, SiftServer server)
    {
        var code = await client.WaitForExitAsync(TimeSpan.FromSeconds(45));
        Assert.True(code == 0, $"{client.Output}\n{server.Output}");
        return JsonNode.Parse(client.Output.Split('\n').Single(l => l.StartsWith("RESULT ", StringComparison.Ordinal))[7..])!;
    }

    /// <summary>Fetches its two packages once, into the build's own folder.</summary>
    private static async Task<string> InstallAsync()
    {
        var source = Path.Combine(AppContext.BaseDirectory, "Browser", "Independent");
        var directory = Path.Combine(Repository.Root, "artifacts", "independent-client");
        Directory.CreateDirectory(directory);
        foreach (var file in Directory.GetFiles(source))
        {
            File.Copy(file, Path.Combine(directory, Path.GetFileName(file)), overwrite: true);
        }

        if (!Directory.Exists(Path.Combine(directory, "node_modules", "werift")))
        {
            await using var install = ExternalProgram.Start("npm", ["ci", "--no-audit", "--no-fund"], directory);
            var code = await install.WaitForExitAsync(TimeSpan.FromMinutes(3));
            Assert.True(code == 0, install.Output);
        }

        return directory;
    }
}
