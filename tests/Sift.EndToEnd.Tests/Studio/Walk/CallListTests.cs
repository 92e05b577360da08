using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Sift.EndToEnd.Tests.Peers;

namespace Sift.EndToEnd.Tests.Studio.Walk;

/// <summary>Every button, filter and menu item of the list of calls.</summary>
public sealed class CallListTests
{
    [Fact]
    public async Task The_list_of_calls_is_filtered_and_every_item_of_its_menus_does_what_it_says()
    {
        await using var server = await SiftServer.StartAsync();
        var (waiting, noted) = (new List<string>(), new List<string>());
        var wait = await FlowAsync(server, "Waits", DrawnFlow.Activity("wait1", "Sift.WaitForEvent", ("event", "go")));
        var note = await FlowAsync(server, "Notes", DrawnFlow.Activity("log1", "Sift.Log", ("message", "Noted.")));
        for (var i = 0; i < 3; i++)
        {
            waiting.Add(await RunAsync(server, wait));
            noted.Add(await RunAsync(server, note));
        }

        await using var browser = await Browser.OpenAsync(server);
        await browser.GoAsync("/studio/workflows/instances");
        var elements = new Elements(browser.Page);
        await Assertions.Expect(elements.Rows).ToHaveCountAsync(6);
        await FilterAsync(browser.Page, elements, noted);

        await elements.ChooseAsync(waiting[0], "Cancel");
        await elements.ConfirmAsync();
        await StatusAsync(server, waiting[0], "cancelled");
        await elements.ChooseAsync(noted[0], "Delete");
        await elements.ConfirmAsync();
        await Assertions.Expect(elements.Row(noted[0])).ToHaveCountAsync(0);

        await elements.Row(waiting[1]).GetByRole(AriaRole.Checkbox).CheckAsync();
        await elements.Row(waiting[2]).GetByRole(AriaRole.Checkbox).CheckAsync();
        await elements.ChooseAsync(elements.Button("Bulk actions"), "Cancel");
        await elements.ConfirmAsync();
        await StatusAsync(server, waiting[1], "cancelled");
        await StatusAsync(server, waiting[2], "cancelled");

        var file = await server.Api.GetByteArrayAsync($"instances/{noted[1]}/export");
        await elements.Row(noted[1]).GetByRole(AriaRole.Checkbox).CheckAsync();

        // The two that were cancelled are still ticked.
        await elements.ChooseAsync(elements.Button("Bulk actions"), "Delete");
        await elements.ConfirmAsync();
        await Assertions.Expect(elements.Rows).ToHaveCountAsync(2);

        await elements.UploadAsync(() => elements.ChooseAsync(elements.Button("Actions"), "Import"), ("call.json", file));
        await elements.ToldAsync("Successfully imported one instance");
        await Assertions.Expect(elements.Row(noted[1])).ToHaveCountAsync(1);
        await elements.ChooseAsync(elements.Button("Actions"), "Refresh");
        await Assertions.Expect(elements.Rows).ToHaveCountAsync(3);
        await elements.ChooseAsync(elements.Button("Actions"), "Pause Polling");

        await elements.ChooseAsync(noted[2], "View");
        await browser.Page.WaitForURLAsync($"**/instances/{noted[2]}/view");
        await browser.Page.Locator(".x6-node").First.WaitForAsync();
        await elements.Row(noted[2]).First.HoverAsync();
        await elements.Row(noted[2]).First.Locator("button").First.ClickAsync();
        await elements.Dialog.GetByText(noted[2]).First.WaitForAsync();
        await browser.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(elements.Dialog).ToHaveCountAsync(0);
        await elements.Row(noted[2]).First.HoverAsync();
        await elements.Row(noted[2]).First.Locator("button").Last.ClickAsync();
        await elements.Icon("M3,10h11v2H3").First.ClickAsync();
        await browser.Page.WaitForURLAsync($"**/definitions/{note}/edit");
        await browser.Page.Locator(".x6-node").First.WaitForAsync();
        await browser.AssertNoErrorsAsync();
    }

    private static async Task FilterAsync(IPage page, Elements elements, List<string> noted)
    {
        await page.GetByPlaceholder("Search on Id").FillAsync(noted[0]);
        await Assertions.Expect(elements.Rows).ToHaveCountAsync(1);
        await page.GetByPlaceholder("Search on Id").FillAsync("");
        await Assertions.Expect(elements.Rows).ToHaveCountAsync(6);

        await PickAsync(page, "Workflows", "Notes");
        await Assertions.Expect(elements.Rows).ToHaveCountAsync(3);
        await PickAsync(page, "Workflows", "Notes");
        await Assertions.Expect(elements.Rows).ToHaveCountAsync(6);
        await PickAsync(page, "Status", "Running");
        await Assertions.Expect(elements.Rows).ToHaveCountAsync(3);
        await PickAsync(page, "Status", "Running");
        await PickAsync(page, "Sub status", "Suspended");
        await Assertions.Expect(elements.Rows).ToHaveCountAsync(3);
        await PickAsync(page, "Sub status", "Suspended");
        await Assertions.Expect(elements.Rows).ToHaveCountAsync(6);

        await page.Locator(".mud-select-has-incidents").First.ClickAsync();
        await page.Locator(".mud-popover-open .mud-list-item").Filter(new() { HasText = "Yes" }).ClickAsync();
        await Assertions.Expect(elements.Rows.GetByRole(AriaRole.Checkbox)).ToHaveCountAsync(0);
        await page.Locator(".mud-select-has-incidents").First.ClickAsync();
        await page.Locator(".mud-popover-open .mud-list-item").First.ClickAsync();
        await Assertions.Expect(elements.Rows).ToHaveCountAsync(6);

        await elements.Button("Date filters").ClickAsync();
        await elements.Button("Add").ClickAsync();
        await elements.Button("Clear").ClickAsync();
        await elements.Button("Apply").ClickAsync();
        await Assertions.Expect(page.Locator(".mud-popover-open")).ToHaveCountAsync(0);
        await elements.Button("Date filters").ClickAsync();
        await elements.Button("Close").ClickAsync();
        await Assertions.Expect(page.Locator(".mud-popover-open")).ToHaveCountAsync(0);
        await Assertions.Expect(elements.Rows).ToHaveCountAsync(6);
    }

    /// <summary>Ticks an entry of one of the filters, or takes the tick away.</summary>
    private static async Task PickAsync(IPage page, string filter, string entry)
    {
        await page.Locator(".mud-input-control.mud-select-extended")
            .Filter(new() { Has = page.Locator("label").GetByText(filter, new() { Exact = true }) })
            .Locator("div.mud-input-slot").ClickAsync();
        await page.Locator(".mud-popover-open").GetByText(entry, new() { Exact = true }).First.ClickAsync();

        // One of the filters has a field to search in, which takes the Escape key for itself.
        await page.Mouse.ClickAsync(700, 900);
        await Assertions.Expect(page.Locator(".mud-popover-open")).ToHaveCountAsync(0);
    }

    private static async Task<string> FlowAsync(SiftServer server, string name, JsonObject activity) =>
        (string)(await server.PostJsonAsync("workflows?publish=true", DrawnFlow.InARow(name, activity)))["workflow_id"]!;

    private static async Task<string> RunAsync(SiftServer server, string flow) =>
        (string)(await server.PostJsonAsync($"workflows/{flow}/test", new JsonObject()))["instance_id"]!;

    private static Task StatusAsync(SiftServer server, string id, string status) => Eventually.True(
        async () => (string?)(await server.GetAsync($"instances/{id}"))["status"] == status, TimeSpan.FromSeconds(30), () => $"{id} becomes {status}");
}
