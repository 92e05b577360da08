using System.Text.Json.Nodes;
using Sift.EndToEnd.Tests.Peers;
using Sift.EndToEnd.Tests.Sip;

namespace Sift.EndToEnd.Tests.Browser;

/// <summary>Every error string of sift.js as a page meets it; authentication-failed and outgoing-not-permitted are in <see cref="BrowserCallTests"/>.</summary>
[Collection(Chromium.Collection)]
public sealed class BrowserErrorTests(Chromium chromium)
{
    [Theory]
    [InlineData("NotAllowedError", "mic-permission-denied")]
    [InlineData("NotFoundError", "no-mic")]
    [InlineData("NotReadableError", "mic-disabled")]
    [InlineData("TypeError", "unknown")]
    public async Task A_microphone_that_cannot_be_had_is_told_to_the_page_and_stands_in_the_connection(string thrown, string error)
    {
        await using var server = await SiftServer.StartAsync();
        var created = await server.PostJsonAsync("applications", new JsonObject { ["name"] = "browser", ["default_routine"] = new JsonArray(TrunkCall.Say("Nobody hears this.")) });
        await using var client = await BrowserPage.LogInAsync(chromium, server, CapabilityToken.Mint((string)created["application_id"]!, "deaf"));
        await client.HeardOfAsync("onAuthenticated");
        await client.RunAsync($"navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', '{thrown}')); 0");

        await client.RunAsync("Sift.connect()");

        Assert.Equal($"onError \"{error}\"", await client.HeardOfAsync("onError"));
        Assert.Equal("authenticated", await client.StateAsync());
        var connection = await Eventually.Get(
            async () => (await server.GetAsync("connections"))["results"]!.AsArray().FirstOrDefault(c => (string?)c!["status"] == "failed"),
            TimeSpan.FromSeconds(10),
            () => $"a failed connection\n{server.Output}");
        Assert.Equal("error", (string?)connection["failure"]);
        Assert.Equal($"the browser has no microphone: {error}", (string?)connection["end_reason"]);
    }

    [Fact]
    public async Task A_server_that_stays_away_for_a_minute_is_lost_internet()
    {
        await using var server = await SiftServer.StartAsync();
        await using var client = await BrowserPage.LogInAsync(chromium, server, CapabilityToken.Mint(clientName: "alice"));
        await client.HeardOfAsync("onAuthenticated");

        await client.RunAsync("net.cut = true; net.sockets.forEach(s => s.close())");
        await client.HeardOfAsync("onReconnecting");
        Assert.Equal("authenticated", await client.StateAsync());

        // A minute later, by the page's clock.
        await client.RunAsync("(now => { Date.now = () => now() + 61000; })(Date.now.bind(Date))");

        Assert.Equal("onError \"lost-internet\"", await client.HeardOfAsync("onError"));
        Assert.Equal("uninitialized", await client.StateAsync());
    }

    [Fact]
    public async Task What_the_caller_passed_to_connect_reaches_the_page_that_rings()
    {
        await using var server = await SiftServer.StartAsync();
        var created = await server.PostJsonAsync("applications", new JsonObject
        {
            ["name"] = "browser",
            ["default_routine"] = new JsonArray(new JsonObject { ["name"] = "CallClient", ["client_name"] = "bob" }),
        });
        await using var bob = await BrowserPage.LogInAsync(chromium, server, CapabilityToken.Mint(clientName: "bob"), tone: 900);
        await using var alice = await BrowserPage.LogInAsync(chromium, server, CapabilityToken.Mint((string)created["application_id"]!, "alice"));
        await bob.HeardOfAsync("onAuthenticated");
        await alice.HeardOfAsync("onAuthenticated");

        await alice.RunAsync("Sift.connect({ topic: 'billing', order: 7 })");

        var caller = await bob.HeardOfAsync("onIncomingCall");
        Assert.Contains("\"from\":\"webrtc:alice\"", caller, StringComparison.Ordinal);
        Assert.Contains("\"client_data\":{\"topic\":\"billing\",\"order\":7}", caller, StringComparison.Ordinal);
        await bob.RunAsync("Sift.decline()");
    }

    [Fact]
    public async Task Loudspeakers_can_be_listed_and_chosen()
    {
        await using var server = await SiftServer.StartAsync();
        await using var client = await BrowserPage.LogInAsync(chromium, server, CapabilityToken.Mint(clientName: "alice"));
        await client.HeardOfAsync("onAuthenticated");

        // Which device a page without a loudspeaker plays on is Chromium's affair; that the library asks for the one chosen is ours.
        var chosen = await client.Page.EvaluateAsync<string>(
            """
            async () => {
              const audio = document.getElementById('audio_remote');
              audio.setSinkId = id => { audio.chosen = id; return Promise.resolve(); };
              const outputs = (await Sift.devices()).outputs;
              await Sift.setOutputDevice('speaker-7');
              return Array.isArray(outputs) + ' ' + audio.chosen;
            }
            """);

        Assert.Equal("true speaker-7", chosen);
    }
}
