using System.Text.Json.Nodes;
using Sift.EndToEnd.Tests.Peers;
using Sift.EndToEnd.Tests.Sip;

namespace Sift.EndToEnd.Tests.Browser;

/// <summary>Calls of a real browser with sift.js: what goes on in them, and what may befall them.</summary>
[Collection(Chromium.Collection)]
public sealed class BrowserCallTests(Chromium chromium)
{
    private const string Phone = "+15554443333";

    [Fact]
    public async Task The_browser_hears_speech_and_its_keys_reach_on_done()
    {
        await using var receiver = await CallbackReceiver.StartAsync();
        await using var server = await SiftServer.StartAsync();
        receiver.Routine("digits", TrunkCall.Say("Thank you, that is all we need to know today. Goodbye and see you soon."), TrunkCall.HangUp());
        var application = await ApplicationAsync(server, new JsonObject
        {
            ["name"] = "GetDigits", ["count"] = 4, ["timeout_seconds"] = 20, ["on_done"] = receiver.Url("digits"),
        });
        await using var client = await BrowserPage.LogInAsync(chromium, server, CapabilityToken.Mint(application, "alice"));
        await client.HeardOfAsync("onAuthenticated");

        await client.RunAsync("Sift.connect({ topic: 'keys' })");
        await client.HeardOfAsync("onConnected");
        await client.OpenEarsAsync();
        await client.RunAsync("Sift.sendDigits('1#5*')");

        var done = await receiver.WaitForAsync("digits");
        Assert.Equal("1#5*", (string?)done.Body["digits"]);
        await client.HeardOfAsync("onRemotePartyHungUp");
        var heard = await client.CloseEarsAsync();
        Assert.True(heard.SoundsLikeSpeech(), $"speech in the browser: {heard.Sounding()} sounding in {heard.Duration}");

        var connection = await server.ConnectionInAsync((string)done.Body["connection_id"]!, "finished");
        Assert.Equal("webrtc:alice", (string?)connection["from"]);
        Assert.Equal("incoming", (string?)connection["direction"]);
        Assert.Equal("keys", (string?)connection["client_data"]!["topic"]);
        Assert.Equal("authenticated", await client.StateAsync());
    }

    [Fact]
    public async Task A_call_outlives_ten_seconds_without_its_socket()
    {
        await using var server = await SiftServer.StartAsync();
        await using var phone = await BaresipPhone.RegisterAsync(server, Phone, tone: 1000);
        await using var client = await CallPhoneAsync(server, phone);

        await client.RunAsync("net.cut = true; net.sockets.forEach(s => s.close())");
        await client.HeardOfAsync("onReconnecting");
        var meanwhile = await client.ListenAsync(10);
        await client.RunAsync("net.cut = false");
        await client.HeardOfAsync("onReconnected");
        Assert.Equal("connected", await client.StateAsync());
        Assert.True(meanwhile.Share(1000) > 0.8, $"the phone was heard without the socket: {meanwhile.Share(1000):F2} at {meanwhile.Level():F3}");

        var connection = (await client.ConnectionIdAsync())!;
        await client.RunAsync("Sift.hangUp()");
        await server.ConnectionInAsync(connection, "finished");
        await phone.WaitForOutputAsync("closed");
    }

    [Fact]
    public async Task Sound_is_back_within_two_seconds_of_an_ICE_restart()
    {
        await using var server = await SiftServer.StartAsync();
        await using var phone = await BaresipPhone.RegisterAsync(server, Phone, tone: 1000);
        await using var client = await CallPhoneAsync(server, phone);

        var before = await client.Page.EvaluateAsync<string>("net.peers[0].localDescription.sdp.match(/a=ice-ufrag:(.*)/)[1]");
        await client.OpenEarsAsync();
        await client.RunAsync("net.peers[0].restartIce()");
        await Eventually.True(
            async () => await client.Page.EvaluateAsync<bool>(
                "before => net.peers[0].signalingState === 'stable' && net.peers[0].iceConnectionState === 'connected' && net.peers[0].remoteDescription.sdp.length > 0 && net.peers[0].localDescription.sdp.match(/a=ice-ufrag:(.*)/)[1] !== before && ears.seconds() > 3",
                before),
            TimeSpan.FromSeconds(20),
            () => "the ICE restart comes to an end");
        var heard = await client.CloseEarsAsync();
        Assert.True(heard.LongestSilence() < TimeSpan.FromSeconds(2), $"silent for {heard.LongestSilence()}");
        var after = await client.ListenAsync(1);
        Assert.True(after.Share(1000) > 0.8, $"the phone is heard after the restart: {after.Share(1000):F2}");
        Assert.Equal("connected", await client.StateAsync());
    }

    [Fact]
    public async Task A_reloaded_page_goes_on_with_its_call()
    {
        await using var server = await SiftServer.StartAsync();
        await using var phone = await BaresipPhone.RegisterAsync(server, Phone, tone: 1000);
        await using var client = await CallPhoneAsync(server, phone);
        var connection = await client.ConnectionIdAsync();

        await client.Page.ReloadAsync();

        await client.HeardOfAsync("onCallResumed");
        await client.HeardOfAsync("onConnected", times: 2);
        Assert.Equal(connection, await client.ConnectionIdAsync());
        var heard = await client.ListenAsync(1.5);
        Assert.True(heard.Share(1000) > 0.8, $"the phone is heard after the reload: {heard.Share(1000):F2} at {heard.Level():F3}");
        await client.RunAsync("Sift.hangUp()");
        await server.ConnectionInAsync(connection!, "finished");
        var told = await phone.HeardAsync();
        Assert.True(told.Slice(told.Duration - TimeSpan.FromSeconds(1.2), TimeSpan.FromSeconds(1)).Share(600) > 0.8, "the phone hears the new page");
    }

    [Fact]
    public async Task A_refused_microphone_ends_the_call_with_that_reason()
    {
        await using var server = await SiftServer.StartAsync();
        var application = await ApplicationAsync(server, TrunkCall.Say("Nobody will hear this."));
        await using var client = await BrowserPage.LogInAsync(chromium, server, CapabilityToken.Mint(application, "deaf"), allowMicrophone: false);
        await client.HeardOfAsync("onAuthenticated");

        await client.RunAsync("Sift.connect()");

        Assert.Equal("onError \"mic-permission-denied\"", await client.HeardOfAsync("onError"));
        var connection = await Eventually.Get(
            async () => (await server.GetAsync("connections"))["results"]!.AsArray().FirstOrDefault(c => (string?)c!["status"] == "failed"),
            TimeSpan.FromSeconds(10),
            () => $"a failed connection\n{server.Output}");
        Assert.Equal("error", (string?)connection["failure"]);
        Assert.Contains("mic-permission-denied", server.Output, StringComparison.Ordinal);
        Assert.Equal("authenticated", await client.StateAsync());
    }

    [Fact]
    public async Task A_client_that_never_offers_is_timed_out_and_told()
    {
        await using var server = await SiftServer.StartAsync(("Sift__WebRtc__OfferTimeout", "00:00:02"));
        var application = await ApplicationAsync(server, TrunkCall.Say("Nobody will hear this."));
        using var socket = new System.Net.WebSockets.ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{server.HttpPort}/webrtc/"), default);
        await SayAsync(new JsonObject { ["type"] = "auth", ["body"] = CapabilityToken.Mint(application) });
        await SayAsync(new JsonObject { ["type"] = "connect" });

        string message;
        do
        {
            message = await HearAsync();
        }
        while (!message.Contains("cancel", StringComparison.Ordinal));

        Assert.Equal("""{"type":"cancel","body":{"reason":"error"}}""", message);
        var connection = (await server.GetAsync("connections"))["results"]!.AsArray().Single()!;
        await server.ConnectionInAsync((string)connection["connection_id"]!, "failed");

        Task SayAsync(JsonObject body) => socket.SendAsync(System.Text.Encoding.UTF8.GetBytes(body.ToJsonString()), System.Net.WebSockets.WebSocketMessageType.Text, true, default);

        async Task<string> HearAsync()
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            var buffer = new byte[8192];
            var part = await socket.ReceiveAsync(buffer, limit.Token);
            return System.Text.Encoding.UTF8.GetString(buffer, 0, part.Count);
        }
    }

    [Fact]
    public async Task A_restarted_server_is_found_again_and_its_lost_call_told()
    {
        await using var server = await SiftServer.StartAsync();
        var application = await ApplicationAsync(server, TrunkCall.Pause(60));
        await using var client = await BrowserPage.LogInAsync(chromium, server, CapabilityToken.Mint(application, "alice"));
        await client.HeardOfAsync("onAuthenticated");
        await client.RunAsync("Sift.connect()");
        await client.HeardOfAsync("onConnected");
        var lost = (await client.ConnectionIdAsync())!;

        await server.KillAsync();
        await client.HeardOfAsync("onReconnecting");
        await server.RestartAsync();

        await client.HeardOfAsync("onRemotePartyHungUp");
        await server.ConnectionInAsync(lost, "finished");
        await client.InStateAsync("authenticated");
        await client.RunAsync("Sift.connect()");
        await client.HeardOfAsync("onConnected", times: 2);
        Assert.NotEqual(lost, await client.ConnectionIdAsync());
    }

    [Fact]
    public async Task A_token_without_permission_to_call_is_told_so()
    {
        await using var server = await SiftServer.StartAsync();
        await using var client = await BrowserPage.LogInAsync(chromium, server, CapabilityToken.Mint(clientName: "listener"));
        await client.HeardOfAsync("onAuthenticated");

        await client.RunAsync("Sift.connect({ phone_number: '+15554443333' })");

        Assert.Equal("onError \"outgoing-not-permitted\"", await client.HeardOfAsync("onError"));
        Assert.Equal("authenticated", await client.StateAsync());
        Assert.Empty((await server.GetAsync("connections"))["results"]!.AsArray());
    }

    [Fact]
    public async Task A_bad_token_fails_and_the_page_may_try_another()
    {
        await using var server = await SiftServer.StartAsync();
        await using var client = await BrowserPage.LogInAsync(chromium, server, CapabilityToken.Mint(clientName: "eve", secret: "a-guess-at-the-auth-token"));

        Assert.Equal("onError \"authentication-failed\"", await client.HeardOfAsync("onError"));
        Assert.Equal("uninitialized", await client.StateAsync());

        await client.RunAsync($"Sift.init('{CapabilityToken.Mint(clientName: "eve")}')");
        await client.HeardOfAsync("onAuthenticated");
    }

    [Fact]
    public async Task The_library_keeps_the_originals_contract_where_it_does_nothing()
    {
        await using var server = await SiftServer.StartAsync();
        await using var client = await BrowserPage.LogInAsync(chromium, server, "");

        var seen = await client.Page.EvaluateAsync<string[]>(
            """
            token => {
              const seen = [], attempt = act => { try { act(); seen.push('fine'); } catch (e) { seen.push(e.message); } };
              attempt(() => Sift.authenticate(''));
              attempt(() => Sift.connect());
              attempt(() => { Sift.answer(); Sift.decline(); Sift.hangUp(); Sift.reset(); });
              seen.push(Sift.state(), Sift.sendDigits('1'));
              attempt(() => Sift.init(token));
              attempt(() => Sift.authenticate(token));
              seen.push(Sift.state(), document.getElementById('audio_remote').autoplay);
              Sift.reset();
              seen.push(Sift.state());
              return seen.map(String);
            }
            """,
            CapabilityToken.Mint(clientName: "alice"));

        Assert.Equal(
            ["Must provide a token", "Initialize before calling ready", "fine", "uninitialized", "false", "fine", "Cannot call authenticate twice in a row", "authenticating", "true", "uninitialized"],
            seen);
    }

    [Fact]
    public async Task Mutes_measures_and_changes_microphones()
    {
        await using var server = await SiftServer.StartAsync();
        await using var phone = await BaresipPhone.RegisterAsync(server, Phone, tone: 1000);
        await using var client = await CallPhoneAsync(server, phone);

        var inputs = await client.Page.EvaluateAsync<int>("Sift.devices().then(d => d.inputs.length)");
        Assert.NotEqual(0, inputs);
        await client.RunAsync("Sift.devices().then(d => Sift.setInputDevice(d.inputs[0].id))");
        await Eventually.True(
            async () => await client.Page.EvaluateAsync<bool>("(l => l.local > 0.01 && l.remote > 0.01)(Sift.levels())"), TimeSpan.FromSeconds(10), () => "both sides are loud");
        Assert.Contains("\"loss\":0", await client.HeardOfAsync("onQuality"), StringComparison.Ordinal);

        await client.RunAsync("Sift.mute()");
        var whileMuted = await client.ListenAsync(2);
        Assert.True(whileMuted.Share(1000) > 0.8, "a muted browser still hears");
        var connection = (await client.ConnectionIdAsync())!;
        await client.RunAsync("Sift.hangUp()");
        await server.ConnectionInAsync(connection, "finished");

        var told = await phone.HeardAsync();
        var end = told.Slice(told.Duration - TimeSpan.FromSeconds(1.3), TimeSpan.FromSeconds(1));
        Assert.True(end.Level() < 0.003, $"the phone hears nothing of a muted browser: {end.Level():F4}");
        var before = told.Slice(told.Duration - TimeSpan.FromSeconds(4.5), TimeSpan.FromSeconds(1));
        Assert.True(before.Share(600) > 0.8, $"the phone heard the browser before: {before.Share(600):F2} at {before.Level():F3}");
    }

    /// <summary>A browser in a call with that phone, both heard.</summary>
    private async Task<BrowserPage> CallPhoneAsync(SiftServer server, BaresipPhone phone)
    {
        var application = await ApplicationAsync(server, new JsonObject { ["name"] = "CallPhone", ["phone_number"] = Phone });
        var client = await BrowserPage.LogInAsync(chromium, server, CapabilityToken.Mint(application, "alice"));
        await client.HeardOfAsync("onAuthenticated");
        await client.RunAsync("Sift.connect()");
        await client.HeardOfAsync("onConnected");
        await phone.WaitForOutputAsync("Call established");
        await Eventually.True(
            async () => (await client.ListenAsync(0.5)).Share(1000) > 0.8, TimeSpan.FromSeconds(20), () => $"the browser hears the phone\n{server.Output}");
        return client;
    }

    private static async Task<string> ApplicationAsync(SiftServer server, params JsonNode[] routine)
    {
        var created = await server.PostJsonAsync("applications", new JsonObject { ["name"] = "browser", ["default_routine"] = new JsonArray(routine) });
        return (string)created["application_id"]!;
    }
}
