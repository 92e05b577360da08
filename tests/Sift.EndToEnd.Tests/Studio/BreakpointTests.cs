using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Sift.EndToEnd.Tests.Peers;

namespace Sift.EndToEnd.Tests.Studio;

/// <summary>A person stops a test call at an activity and lets it go on.</summary>
public sealed class BreakpointTests
{
    [Fact]
    public async Task A_box_ticked_in_the_designer_holds_the_test_call_until_a_person_lets_it_go_on()
    {
        await using var server = await SiftServer.StartAsync();
        await using var browser = await Browser.OpenAsync(server);
        var page = browser.Page;
        await browser.GoAsync("/studio");
        var designer = new Designer(page);
        await designer.CreateAsync("Held");
        await designer.OpenCategoryAsync("Call");
        await designer.DropAsync("Say", 90, 60);
        await designer.FillAsync("Text", "First.");
        await designer.DropAsync("Say", 400, 60);
        await designer.FillAsync("Text", "Second.");
        await page.GetByLabel("Breakpoint").CheckAsync();
        await page.WaitForTimeoutAsync(1500);
        await browser.PictureAsync("studio-breakpoint.png");
        await designer.DropAsync("Hang up", 700, 60);
        await designer.ConnectAsync("Say1", "Done", "Say2");
        await designer.ConnectAsync("Say2", "Done", "HangUp1");

        var instance = await designer.RunAsync();
        await Assertions.Expect(page.Locator("#sift-state-text")).ToHaveTextAsync("Held before Say2");
        Assert.Equal("connected", (string?)(await server.GetAsync($"connections/{instance}"))["status"]);
        await Assertions.Expect(page.Locator("#sift-loading")).ToBeHiddenAsync();
        await page.Locator(".x6-node").First.WaitForAsync();
        await browser.PictureAsync("studio-held.png");

        await page.GetByRole(AriaRole.Button, new() { Name = "One step" }).ClickAsync();
        await Assertions.Expect(page.Locator("#sift-state-text")).ToHaveTextAsync("Held before HangUp1");
        await page.GetByRole(AriaRole.Link, new() { Name = "Time travel" }).ClickAsync();
        await Assertions.Expect(page.Locator("#act-text")).ToContainTextAsync("This test run is held before HangUp1");
        await Assertions.Expect(page.Locator(".flow g.held")).ToContainTextAsync("HangUp1");
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        await Assertions.Expect(page.Locator("#status")).ToHaveTextAsync("finished");
        await server.ConnectionInAsync(instance, "finished");
        await browser.AssertNoErrorsAsync();
    }

    [Fact]
    public async Task A_held_run_goes_on_after_kill_9_and_dials_then()
    {
        await using var server = await SiftServer.StartAsync();
        var flow = (string)(await server.PostJsonAsync(
            "workflows", DrawnFlow.InARow("Held", DrawnFlow.Activity("say1", "Sift.Say", ("text", "Hello.")), DrawnFlow.Activity("hang1", "Sift.HangUp"))))["workflow_id"]!;
        var id = (string)(await server.PostJsonAsync($"workflows/{flow}/test", new JsonObject { ["breakpoints"] = new JsonArray("say1") }))["instance_id"]!;
        Assert.Equal("say1", (string?)(await server.GetAsync($"instances/{id}"))["held"]![0]!["activity"]);

        await server.KillAsync();
        await server.RestartAsync();

        Assert.Equal("say1", (string?)(await server.GetAsync($"instances/{id}"))["held"]![0]!["activity"]);
        Assert.Equal("connecting", (string?)(await server.GetAsync($"connections/{id}"))["status"]);
        await server.PostJsonAsync($"instances/{id}/continue", new JsonObject());
        var ended = await server.ConnectionInAsync(id, "finished");
        Assert.NotNull(ended["start_time"]);
    }
}
