using System.Text.Json.Nodes;
using Sift.EndToEnd.Tests.Hearing;
using Sift.EndToEnd.Tests.Peers;
using Sift.EndToEnd.Tests.Sip;

namespace Sift.EndToEnd.Tests.Browser;

/// <summary>The second half of the Connecting Calls guide: its page and its Python, in a real browser.</summary>
[Collection(Chromium.Collection)]
public sealed class GuideBrowserTests(Chromium chromium)
{
    private const string Phone = "+15554443333";

    [Fact]
    public async Task The_page_calls_a_phone_and_both_are_heard()
    {
        await using var server = await SiftServer.StartAsync();
        var (flask, applicationId) = await ApplicationAsync(server);
        await using var application = flask;
        await using var phone = await BaresipPhone.RegisterAsync(server, Phone, tone: 1000);
        await using var client = await BrowserPage.LogInAsync(chromium, server, "");

        // As the guide has it: the call is asked for in the same breath as the login.
        await client.RunAsync($"Sift.init('{CapabilityToken.Mint(applicationId)}'); Sift.connect({{ phone_number: '{Phone}' }});");
        await client.HeardOfAsync("onConnected");
        await phone.WaitForOutputAsync("Call established");
        await client.ListenAsync(0.5);
        var heard = await client.ListenAsync(1.5);
        Assert.True(heard.Share(1000) > 0.8, $"the browser hears 1000 Hz: {heard.Share(1000):F2}\n{server.Output}");
        Assert.InRange(heard.Level(), 0.05, 0.9);

        var connection = (await client.ConnectionIdAsync())!;
        await client.RunAsync("Sift.hangUp()");
        await server.ConnectionInAsync(connection, "finished");
        var told = await phone.HeardAsync();
        var end = told.Slice(told.Duration - TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(1));
        Assert.True(end.Share(600) > 0.8, $"the phone hears 600 Hz: {end.Share(600):F2} at level {end.Level():F3}");
        Assert.InRange(end.Level(), 0.02, 0.9);

        var incoming = application.Callbacks.First(c => (string?)c["path"] == "/on_incoming")["body"]!["connection"]!;
        Assert.Equal(connection, (string?)incoming["connection_id"]);
        Assert.Equal("connected", (string?)incoming["status"]);
        Assert.Equal("webrtc:anonymous", (string?)incoming["from"]);
        Assert.Equal(Phone, (string?)incoming["client_data"]!["phone_number"]);
    }

    [Fact]
    public async Task One_page_calls_the_other_by_name_and_both_are_heard()
    {
        await using var server = await SiftServer.StartAsync();
        var (flask, _) = await ApplicationAsync(server);
        await using var application = flask;
        await using var alice = new BrowserPage(await chromium.NewPageAsync(tone: 600));
        await using var bob = new BrowserPage(await chromium.NewPageAsync(tone: 900));
        await alice.Page.GotoAsync($"{application.Url}/?client_name=alice");
        await bob.Page.GotoAsync($"{application.Url}/?client_name=bob");
        await alice.InStateAsync("authenticated");
        await bob.InStateAsync("authenticated");

        await alice.Page.GetByText("Call client").ClickAsync();
        await SaysAsync(bob, "A call from webrtc:alice");
        await bob.Page.GetByText("Answer", new() { Exact = true }).ClickAsync();
        await SaysAsync(bob, "Connected");
        await SaysAsync(alice, "Connected");
        await Task.WhenAll(HearsAsync(alice, 900), HearsAsync(bob, 600));

        await bob.Page.GetByText("Hang up").ClickAsync();
        await SaysAsync(alice, "The other side hung up");
        var connections = (await server.GetAsync("connections"))["results"]!.AsArray();
        Assert.Equal(["webrtc:bob", "webrtc:alice"], [(string)connections[0]!["to"]!, (string)connections[1]!["from"]!]);
        foreach (var connection in connections)
        {
            await server.ConnectionInAsync((string)connection!["connection_id"]!, "finished");
        }
    }

    [Fact]
    public async Task A_phone_reaches_the_first_of_two_pages_that_answers()
    {
        await using var server = await SiftServer.StartAsync();
        var number = await TrunkCall.NumberAsync(server, new JsonObject { ["name"] = "CallClient", ["client_name"] = "desk" });
        await using var one = await BrowserPage.LogInAsync(chromium, server, CapabilityToken.Mint(clientName: "desk"));
        await using var two = await BrowserPage.LogInAsync(chromium, server, CapabilityToken.Mint(clientName: "desk"));
        await one.HeardOfAsync("onAuthenticated");
        await two.HeardOfAsync("onAuthenticated");
        await using var phone = await BaresipPhone.RegisterAsync(server, "+15557770003", tone: 1000);

        await phone.DialAsync($"sip:{number}@127.0.0.1:{server.SipPort}");
        Assert.Contains("\"from\":\"+15557770003\"", await one.HeardOfAsync("onIncomingCall"), StringComparison.Ordinal);
        await two.HeardOfAsync("onIncomingCall");
        await two.RunAsync("Sift.answer()");

        await two.HeardOfAsync("onConnected");
        Assert.Equal("onCallCancelled \"answered_elsewhere\"", await one.HeardOfAsync("onCallCancelled"));
        await HearsAsync(two, 1000);
        await phone.HangUpAsync();
        await two.HeardOfAsync("onRemotePartyHungUp");
        var told = await phone.HeardAsync();
        Assert.True(told.Slice(told.Duration - TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(0.9)).Share(600) > 0.8, "the phone hears the page that answered");
    }

    [Fact]
    public async Task A_declined_call_lets_the_routine_go_on_and_the_page_is_free_again()
    {
        await using var receiver = await CallbackReceiver.StartAsync();
        await using var server = await SiftServer.StartAsync();
        receiver.Routine("dialled", TrunkCall.Say("Alice does not want to talk to you at the moment."), TrunkCall.HangUp());
        var number = await TrunkCall.NumberAsync(server, new JsonObject { ["name"] = "CallClient", ["client_name"] = "alice", ["on_done"] = receiver.Url("dialled") });
        await using var alice = await BrowserPage.LogInAsync(chromium, server, CapabilityToken.Mint(clientName: "alice"));
        await alice.HeardOfAsync("onAuthenticated");
        await using var phone = await BaresipPhone.RegisterAsync(server, "+15557770004");

        await phone.DialAsync($"sip:{number}@127.0.0.1:{server.SipPort}");
        await alice.HeardOfAsync("onIncomingCall");
        await alice.RunAsync("Sift.decline()");

        var dialled = await receiver.WaitForAsync("dialled");
        Assert.Equal("declined", (string?)dialled.Body["dial_status"]);
        Assert.Equal("authenticated", await alice.StateAsync());
        var callee = (await server.GetAsync("connections"))["results"]!.AsArray().Single(c => (string?)c!["direction"] == "outgoing");
        Assert.Equal(("failed", "declined", "webrtc:alice"), ((string?)callee!["status"], (string?)callee["failure"], (string?)callee["to"]));
        await phone.WaitForOutputAsync("closed");
        Assert.True((await phone.HeardAsync()).SoundsLikeSpeech(), "the caller hears the next command");
    }

    private static async Task<(FlaskApplication Flask, string ApplicationId)> ApplicationAsync(SiftServer server)
    {
        var port = Ports.Next();
        var created = await server.PostFormAsync("applications", ("name", "SuperCoolApplication"), ("on_incoming", $"http://127.0.0.1:{port}/on_incoming"));
        var id = (string)created["application_id"]!;
        var flask = await FlaskApplication.StartAsync(
            Repository.Sample("connecting-calls/browser.py"),
            new Dictionary<string, string?>
            {
                ["SIFT_API"] = $"{server.BaseUrl}/v0",
                ["SIFT_ACCOUNT_ID"] = SiftServer.AccountId,
                ["SIFT_AUTH_TOKEN"] = SiftServer.AuthToken,
                ["SIFT_APPLICATION_ID"] = id,
            },
            port);
        return (flask, id);
    }

    private static Task SaysAsync(BrowserPage page, string text) => page.Page.GetByRole(Microsoft.Playwright.AriaRole.Status)
        .Filter(new() { HasText = text }).WaitForAsync(new() { Timeout = 20_000 });

    private static async Task HearsAsync(BrowserPage page, int tone)
    {
        Recording? heard = null;
        await Eventually.True(
            async () => (heard = await page.ListenAsync(0.7)).Share(tone) > 0.8 && heard.Level() is > 0.02 and < 0.9,
            TimeSpan.FromSeconds(20),
            () => $"the page hears {tone} Hz; share {heard?.Share(tone):F2}, level {heard?.Level():F3}");
    }
}
