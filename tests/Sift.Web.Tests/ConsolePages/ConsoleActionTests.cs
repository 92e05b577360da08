using System.Net;
using System.Net.Http.Json;
using Microsoft.Playwright;

namespace Sift.Web.Tests.ConsolePages;

/// <summary>What people do in the console, done in a real browser.</summary>
[Collection(ConsoleServerCollection.Name)]
public sealed class ConsoleActionTests(ConsoleServer server)
{
    [Fact]
    public async Task The_flight_recorder_of_a_live_call_shows_messages_steps_and_callbacks_with_their_markup_as_text()
    {
        var (page, _) = await server.SignInAsync();
        await page.GotoAsync(server.Url + "/console/connections?status=connected&number=200001");
        await page.Locator("tbody a").First.ClickAsync();

        await page.Locator(".ladder summary").First.ClickAsync();
        Assert.Contains($"User-Agent: {HostilePhone.Markup}", await page.Locator(".ladder pre").First.InnerTextAsync(), StringComparison.Ordinal);
        await page.Locator("#callbacks summary").First.ClickAsync();
        Assert.Contains("window.hacked=1", await page.Locator("#callbacks pre").First.InnerTextAsync(), StringComparison.Ordinal);
        Assert.Contains("Pause", await page.Locator("#steps").InnerTextAsync(), StringComparison.Ordinal);
        Assert.True(await page.Locator(".axis .bar rect").CountAsync() > 0);
    }

    [Fact]
    public async Task A_recording_plays_from_where_the_time_axis_is_clicked_and_the_axis_follows()
    {
        var (page, complaints) = await server.SignInAsync();
        await page.GotoAsync($"{server.Url}/console/connections/{server.Recorded}");
        var player = page.Locator("audio");
        await Assertions.Expect(page.Locator(".axis .bar.recorded rect")).ToHaveCountAsync(1);
        Assert.Equal("hidden", await page.Locator(".playhead").EvaluateAsync<string>("line => getComputedStyle(line).visibility"));

        var box = (await page.Locator(".axis .bar.recorded rect").BoundingBoxAsync())!;
        await page.Mouse.ClickAsync(box.X + (box.Width / 2), box.Y + (box.Height / 2));

        await Assertions.Expect(page.Locator(".playhead.shown")).ToHaveCountAsync(1, new() { Timeout = 10_000 });
        Assert.Equal("visible", await page.Locator(".playhead").EvaluateAsync<string>("line => getComputedStyle(line).visibility"));
        var half = await player.EvaluateAsync<double>("player => player.duration") / 2;
        Assert.InRange(await player.EvaluateAsync<double>("player => player.currentTime"), half * 0.8, (half * 2) + 0.1);
        Assert.InRange(await page.Locator(".playhead").EvaluateAsync<double>("line => line.getBoundingClientRect().x"), box.X + (box.Width * 0.4), box.X + box.Width + 2);
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task A_call_that_nobody_took_has_a_flight_recorder_with_the_reason_for_the_operator()
    {
        var (page, _) = await server.SignInAsync();
        await page.GotoAsync(server.Url + "/console/trunks");
        var refused = page.Locator("details.refused").First;
        await Assertions.Expect(refused).ToContainTextAsync("nobody has the number", new() { Timeout = 15_000 });
        await refused.Locator("summary").First.ClickAsync();
        await refused.GetByRole(AriaRole.Link).ClickAsync();

        await Assertions.Expect(page.Locator(".verdict")).ToContainTextAsync("404: nobody has the number that was called");
        Assert.True(await page.Locator(".axis .message").CountAsync() >= 2);
        Assert.Contains("INVITE", await page.Locator(".ladder").InnerTextAsync(), StringComparison.Ordinal);
        var capture = await server.Api.GetByteArrayAsync(await page.GetByRole(AriaRole.Link, new() { Name = "Download for Wireshark" }).GetAttributeAsync("href"));
        Assert.Equal([0x0A, 0x0D, 0x0D, 0x0A], capture[..4]);
    }

    [Fact]
    public async Task The_trunk_doctor_says_which_rule_took_the_last_call_and_what_it_could_talk_in()
    {
        var (page, _) = await server.SignInAsync();
        await page.GotoAsync(server.Url + "/console/trunks/carrier");
        var findings = await page.Locator(".findings").InnerTextAsync();
        Assert.Contains("by the rule “the address of carrier's host 127.0.0.1”", findings, StringComparison.Ordinal);
        Assert.Contains("The last call offered PCMU; Sift takes PCMU and PCMA.", findings, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lists_follow_what_happens_without_a_reload()
    {
        var (page, _) = await server.SignInAsync();
        await page.GotoAsync(server.Url + "/console/connections");
        var before = await page.Locator("tbody tr").CountAsync();
        await page.EvaluateAsync("() => { window.same = true; }");

        Assert.Equal(200, await server.Phone.CallAsync(ConsoleServer.Number));

        await Assertions.Expect(page.Locator("tbody tr")).ToHaveCountAsync(before + 1, new() { Timeout = 15_000 });
        Assert.True(await page.EvaluateAsync<bool>("() => window.same === true"));
    }

    [Fact]
    public async Task Connections_are_found_by_part_of_a_number_state_failure_and_day()
    {
        var (page, _) = await server.SignInAsync();
        await page.GotoAsync(server.Url + "/console/connections");
        await page.GetByLabel("Number or name").FillAsync("0200002");
        await page.GetByLabel("Direction").SelectOptionAsync("incoming");
        await page.GetByLabel("From").FillAsync(TimeProvider.System.GetUtcNow().AddDays(-1).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
        await page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await Assertions.Expect(page.Locator("tbody tr")).ToHaveCountAsync(1);
        Assert.Contains(ConsoleServer.RecordedNumber, await page.Locator("tbody").InnerTextAsync(), StringComparison.Ordinal);

        await page.GetByLabel("Failure").SelectOptionAsync("busy");
        await page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await Assertions.Expect(page.Locator("#list")).ToContainTextAsync("No connection matches.");
    }

    [Fact]
    public async Task A_host_is_paused_and_resumed()
    {
        var host = server.Receiver.Host;
        (await server.Api.PostAsync($"/v0/endpoints/{Uri.EscapeDataString(host)}/pause", null)).EnsureSuccessStatusCode();
        var (page, _) = await server.SignInAsync();
        await page.GotoAsync(server.Url + "/console/deliveries");
        var row = page.Locator("section[aria-labelledby=hosts] tr", new() { HasTextString = host });

        await row.GetByRole(AriaRole.Button, new() { Name = "Resume" }).ClickAsync();
        await Assertions.Expect(row.GetByRole(AriaRole.Button, new() { Name = "Pause" })).ToBeVisibleAsync();
        Assert.Equal("active", await StateAsync());
        await row.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await Assertions.Expect(row.GetByRole(AriaRole.Button, new() { Name = "Resume" })).ToBeVisibleAsync();
        Assert.Equal("paused", await StateAsync());
        await row.GetByRole(AriaRole.Button, new() { Name = "Resume" }).ClickAsync();
        await Assertions.Expect(row.GetByRole(AriaRole.Button, new() { Name = "Pause" })).ToBeVisibleAsync();

        async Task<string?> StateAsync() => (await server.GetAsync("/v0/endpoints")).GetProperty("results").EnumerateArray().Single(endpoint => endpoint.GetProperty("host").GetString() == host).GetProperty("state").GetString();
    }

    [Fact]
    public async Task One_delivery_and_all_of_a_kind_are_sent_once_more()
    {
        var (page, _) = await server.SignInAsync();
        await page.GotoAsync(server.Url + "/console/deliveries?state=succeeded&kind=on_incoming");
        await page.Locator("tbody a").First.ClickAsync();
        var attempts = await page.Locator("#attempts li").CountAsync();
        await page.PressAsync("Send once more");
        await Assertions.Expect(page.Locator("#attempts li")).ToHaveCountAsync(attempts + 1, new() { Timeout = 15_000 });

        await page.GotoAsync(server.Url + "/console/deliveries?state=succeeded&kind=on_incoming");
        await page.PressAsync("Send all of these once more");
        await page.Locator("tbody a").First.ClickAsync();
        await Assertions.Expect(page.Locator("#attempts li")).ToHaveCountAsync(attempts + 2, new() { Timeout = 15_000 });
    }

    [Fact]
    public async Task A_secret_is_made_and_shown_once()
    {
        var (page, _) = await server.SignInAsync();
        await page.GotoAsync(server.Url + "/console/keys");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make a secret" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("whsec_");
        await page.ReloadAsync();
        Assert.DoesNotContain("it is not shown again", await page.InnerTextAsync("main"), StringComparison.Ordinal);
        await Assertions.Expect(page.Locator("#secrets ~ table, section table").First).ToContainTextAsync("whsec_…");
    }

    [Fact]
    public async Task The_operator_makes_an_account_gives_it_another_token_and_disables_it()
    {
        var (page, _) = await server.SignInAsync();
        await page.GotoAsync(server.Url + "/console/keys");
        await page.GetByLabel("Name of a new account").FillAsync("Branch office");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        var (id, first) = Shown(await page.GetByRole(AriaRole.Status).InnerTextAsync());
        Assert.Equal(HttpStatusCode.OK, await AskAsync(id, first));

        await page.ReloadAsync();
        var row = page.Locator("section[aria-labelledby=accounts] tr", new() { HasTextString = id });
        await row.GetByRole(AriaRole.Button, new() { Name = "New token" }).ClickAsync();
        var (_, second) = Shown(await page.GetByRole(AriaRole.Status).InnerTextAsync());
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (await AskAsync(id, first), await AskAsync(id, second)));

        await page.ReloadAsync();
        await row.GetByRole(AriaRole.Button, new() { Name = "Disable" }).ClickAsync();
        await Assertions.Expect(row).ToContainTextAsync("disabled");
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(id, second));
        await page.GotoAsync(server.Url + "/console/audit");
        var audit = await page.InnerTextAsync("#list");
        Assert.Contains("CreateAccount", audit, StringComparison.Ordinal);
        Assert.Contains($"/v0/accounts/{id}/disable", audit, StringComparison.Ordinal);
    }

    private static (string Id, string Token) Shown(string text)
    {
        var found = System.Text.RegularExpressions.Regex.Match(text, "account id ([0-9a-f]{16}), token ([0-9a-f]{40})");
        Assert.True(found.Success, text);
        return (found.Groups[1].Value, found.Groups[2].Value);
    }

    private async Task<HttpStatusCode> AskAsync(string account, string token)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Url + "/v0/applications");
        request.Headers.Authorization = new("Basic", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{account}:{token}")));
        return (await client.SendAsync(request)).StatusCode;
    }
}
