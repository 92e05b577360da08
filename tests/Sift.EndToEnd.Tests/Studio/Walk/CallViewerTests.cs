using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Sift.EndToEnd.Tests.Peers;

namespace Sift.EndToEnd.Tests.Studio.Walk;

/// <summary>Every tab and button of the viewer of a call.</summary>
public sealed class CallViewerTests
{
    [Fact]
    public async Task A_failed_call_tells_where_and_why_in_every_tab_and_can_be_retried()
    {
        await using var server = await SiftServer.StartAsync();
        var flow = DrawnFlow.InARow(
            "Broken",
            DrawnFlow.Activity("set1", "Sift.SetVariable", ("variable", "Topic"), ("value", "bills")),
            DrawnFlow.Activity("delay1", "Sift.Delay", ("seconds", "{{ \"soon\" }}")));
        flow["variables"] = new JsonArray(new JsonObject { ["id"] = "v1", ["name"] = "Topic", ["typeName"] = "String", ["value"] = "none" });
        var workflow = (string)(await server.PostJsonAsync("workflows?publish=true", flow))["workflow_id"]!;
        var id = (string)(await server.PostJsonAsync($"workflows/{workflow}/test", new JsonObject()))["instance_id"]!;

        await using var browser = await Browser.OpenAsync(server);
        var page = browser.Page;
        await browser.GoAsync($"/studio/workflows/instances/{id}/view");
        await page.Locator(".x6-node").First.WaitForAsync();
        var elements = new Elements(page);
        await JournalAsync(page, elements);
        await ActivityAsync(page, elements);
        await DetailsAsync(page, elements, ((string)(await server.GetAsync($"instances/{id}"))["incidents"]![0]!)["root:delay1: ".Length..]);

        await Assertions.Expect(page.Locator("#sift-state-text")).ToHaveTextAsync("Failed at delay1");
        await page.GetByRole(AriaRole.Button, new() { Name = "Retry" }).ClickAsync();
        await Eventually.True(
            async () => (await server.GetAsync($"instances/{id}/journal"))["entries"]!.AsArray().Count(entry => (string?)entry!["kind"] == "activity.faulted") == 2,
            TimeSpan.FromSeconds(30),
            () => "the activity was tried again");
        await page.Locator(".x6-node").First.WaitForAsync();

        // Retrying has loaded the page anew: the details are in front again.
        await page.GetByRole(AriaRole.Link, new() { Name = workflow }).First.ClickAsync();
        await page.WaitForURLAsync($"**/studio/workflows/definitions/{workflow}/edit");
        await page.Locator(".x6-node").First.WaitForAsync();
        await browser.AssertNoErrorsAsync();
    }

    private static async Task JournalAsync(IPage page, Elements elements)
    {
        await elements.Tab("Journal").ClickAsync();
        await page.GetByText("Faulted").First.WaitForAsync();
        await page.GetByTitle("Show accumulated time").ClickAsync();
        await page.GetByTitle("Showing all events").ClickAsync();
        await page.GetByTitle("Showing incidents").ClickAsync();
        await page.GetByText("Faulted").First.WaitForAsync();
        await elements.Tab("Activity call stack").ClickAsync();
        await elements.Tab("Journal").ClickAsync();
    }

    private static async Task ActivityAsync(IPage page, Elements elements)
    {
        await page.Locator(".x6-node").Filter(new() { HasText = "delay1" }).ClickAsync();
        await elements.Tab("Activity").ClickAsync();
        await page.Locator("#sift-main").GetByText("root:delay1").First.WaitForAsync();
        await elements.Tab("Executions").ClickAsync();
        await Assertions.Expect(elements.Tab("Executions")).ToContainTextAsync("1");
        await page.Locator("#sift-main tbody tr").Filter(new() { HasText = "Faulted" }).First.WaitForAsync();
        await elements.Icon("M0,0h24v24H0V0z").First.ClickAsync();
        await elements.Icon("M5 15H3v4c0 1.1.9 2 2").First.ClickAsync();
    }

    private static async Task DetailsAsync(IPage page, Elements elements, string reason)
    {
        await elements.Tab("Incidents").ClickAsync();
        await page.Locator("#sift-main .mud-expand-panel-header").Filter(new() { HasText = reason }).ClickAsync();
        await page.Locator("#sift-main .mud-expand-panel .mud-expand-panel-content").GetByText(reason).First.WaitForAsync();
        await elements.Tab("Variables").ClickAsync();
        await page.Locator("#sift-main").GetByText("Topic").First.WaitForAsync();
        await page.Locator("#sift-main").GetByText("bills").First.WaitForAsync();
        await elements.Tab("Input/Output").ClickAsync();
    }
}
