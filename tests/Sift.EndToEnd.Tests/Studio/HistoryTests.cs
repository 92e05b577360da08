using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Sift.EndToEnd.Tests.Peers;

namespace Sift.EndToEnd.Tests.Studio;

/// <summary>A person looks back at a call, event by event, and at what another version would have done.</summary>
public sealed class HistoryTests
{
    /// <summary>The sandbox phone that answers and sends back what it hears.</summary>
    private const string Echo = "+15550100001";

    [Fact]
    public async Task The_past_of_a_call_is_stepped_through_and_compared_with_another_version()
    {
        await using var server = await SiftServer.StartAsync();
        await using var receiver = await CallbackReceiver.StartAsync();
        receiver.Routine("done");
        var flow = (string)(await server.PostJsonAsync("workflows?publish=true", Flow(receiver.Url("done"), "bills", "Hello.")))["workflow_id"]!;
        var id = (string)(await server.PostJsonAsync("connections", new JsonObject { ["phone_number"] = Echo, ["workflow_id"] = flow }))["connection_id"]!;
        await server.ConnectionInAsync(id, "finished");
        using (var changed = await server.Api.PutAsync($"workflows/{flow}?publish=true", new StringContent(Flow(receiver.Url("done"), "taxes", "Welcome.").ToJsonString(), null, "application/json")))
        {
            Assert.True(changed.IsSuccessStatusCode, await changed.Content.ReadAsStringAsync());
        }

        await using var browser = await Browser.OpenAsync(server);
        var page = browser.Page;
        await browser.VisitAsync($"/console/connections/{id}");
        await page.GetByRole(AriaRole.Link, new() { Name = "Time travel" }).ClickAsync();
        await Assertions.Expect(page.Locator("#position")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("^1 of [0-9]+$"));
        await Assertions.Expect(page.Locator("#who")).ToContainTextAsync(Echo);
        await Assertions.Expect(page.Locator("#previous")).ToBeDisabledAsync();

        // By keys, until the variable is set: the box of the activity is marked, and the change stands in the table.
        await Assertions.Expect(page.Locator("#variables")).Not.ToContainTextAsync("Topic");
        await ForwardToAsync(page, "Topic = \"bills\"");
        await Assertions.Expect(page.Locator("#variables tr.changed")).ToContainTextAsync("bills");
        await Assertions.Expect(page.Locator(".flow g.running")).ToContainTextAsync("set1");
        await Assertions.Expect(page.Locator("#running")).ToContainTextAsync("set1");

        // What was sent and what came back, at the moments they were.
        await ForwardToAsync(page, "sends the callback on_done");
        await Assertions.Expect(page.Locator("#callback")).ToContainTextAsync(receiver.Url("done"));
        await Assertions.Expect(page.Locator("#callback")).ToContainTextAsync(id);
        await Assertions.Expect(page.Locator(".flow g.running")).ToContainTextAsync("say1");
        await browser.PictureAsync("studio-history.png");
        await ForwardToAsync(page, "The callback was answered");
        await Assertions.Expect(page.Locator("#callback")).ToContainTextAsync("routine");
        await Assertions.Expect(page.Locator("#callback")).ToContainTextAsync("Attempt at");

        await page.GetByRole(AriaRole.Button, new() { Name = "Last event" }).ClickAsync();
        await Assertions.Expect(page.Locator("#text")).ToContainTextAsync("Finished");
        await Assertions.Expect(page.Locator("#running")).ToContainTextAsync("Nothing");
        await page.GetByRole(AriaRole.Slider).FillAsync("2");
        await Assertions.Expect(page.Locator("#position")).ToContainTextAsync("2 of");
        await page.Keyboard.PressAsync("ArrowRight");
        await Assertions.Expect(page.Locator("#position")).ToContainTextAsync("3 of");

        await page.Locator("#version").SelectOptionAsync("2");
        await page.GetByRole(AriaRole.Button, new() { Name = "Compare" }).ClickAsync();
        var rows = page.Locator("#differences tbody tr");
        await Assertions.Expect(rows).ToHaveCountAsync(2);
        await Assertions.Expect(rows.Nth(0)).ToContainTextAsync("Topic = \"bills\"");
        await Assertions.Expect(rows.Nth(0)).ToContainTextAsync("Topic = \"taxes\"");
        await Assertions.Expect(rows.Nth(1)).ToContainTextAsync("Hello.");
        await Assertions.Expect(rows.Nth(1)).ToContainTextAsync("Welcome.");
        await page.Locator("#differences").ScrollIntoViewIfNeededAsync();
        await rows.Nth(1).GetByRole(AriaRole.Button).ClickAsync();
        await Assertions.Expect(page.Locator("#text")).ToContainTextAsync("say1 asks for");

        await page.GetByRole(AriaRole.Link, new() { Name = "Connection" }).ClickAsync();
        await page.WaitForURLAsync($"**/console/connections/{id}");
        await browser.AssertNoErrorsAsync();
    }

    [Fact]
    public async Task The_page_fits_a_phone_and_a_dark_screen_and_follows_what_still_runs()
    {
        await using var server = await SiftServer.StartAsync();
        var flow = (string)(await server.PostJsonAsync(
            "workflows?publish=true",
            DrawnFlow.InARow("Waiting", DrawnFlow.Activity("wait1", "Sift.WaitForEvent", ("event", "go")), DrawnFlow.Activity("log1", "Sift.Log", ("message", "gone on")))))["workflow_id"]!;
        var id = (string)(await server.PostJsonAsync($"workflows/{flow}/test", new JsonObject()))["instance_id"]!;
        await using var browser = await Browser.OpenAsync(server);
        await browser.Page.SetViewportSizeAsync(390, 844);
        await browser.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await browser.VisitAsync($"/studio/workflows/instances/{id}/history");

        await Assertions.Expect(browser.Page.Locator("#status")).ToHaveTextAsync("waiting");
        await Assertions.Expect(browser.Page.Locator(".flow g.running")).ToContainTextAsync("wait1");
        Assert.True(await browser.Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), "nothing is wider than the screen");
        Assert.True(await browser.Page.EvaluateAsync<bool>("() => getComputedStyle(document.body).backgroundColor === 'rgb(15, 21, 28)'"), "the page is dark");

        await server.PostJsonAsync($"instances/{id}/events", new JsonObject { ["event"] = "go" });
        await Assertions.Expect(browser.Page.Locator("#status")).ToHaveTextAsync("finished");
        await Assertions.Expect(browser.Page.Locator("#text")).ToContainTextAsync("Finished");
        await Assertions.Expect(browser.Page.Locator(".flow g.completed")).ToHaveCountAsync(2);
        await browser.AssertNoErrorsAsync();
    }

    private static JsonObject Flow(string onDone, string topic, string greeting)
    {
        var flow = DrawnFlow.InARow(
            "Greeting",
            DrawnFlow.Activity("set1", "Sift.SetVariable", ("variable", "Topic"), ("value", topic)),
            DrawnFlow.Activity("say1", "Sift.Say", ("text", greeting), ("onDone", onDone)),
            DrawnFlow.Activity("hang1", "Sift.HangUp"));
        flow["variables"] = new JsonArray(new JsonObject { ["id"] = "v1", ["name"] = "Topic", ["typeName"] = "String", ["value"] = "none" });
        return flow;
    }

    private static async Task ForwardToAsync(IPage page, string text)
    {
        for (var i = 0; i < 60 && !(await page.Locator("#text").InnerTextAsync()).Contains(text, StringComparison.Ordinal); i++)
        {
            await page.Keyboard.PressAsync("ArrowRight");
        }

        await Assertions.Expect(page.Locator("#text")).ToContainTextAsync(text);
    }
}
