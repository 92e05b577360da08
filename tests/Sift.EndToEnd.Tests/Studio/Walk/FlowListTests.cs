using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Sift.EndToEnd.Tests.Peers;

namespace Sift.EndToEnd.Tests.Studio.Walk;

/// <summary>Every button and menu item of the list of flows.</summary>
public sealed class FlowListTests
{
    [Fact]
    public async Task The_list_of_flows_is_searched_paged_sorted_and_every_item_of_its_menus_does_what_it_says()
    {
        await using var server = await SiftServer.StartAsync();
        for (var i = 1; i <= 11; i++)
        {
            await server.PostJsonAsync("workflows", DrawnFlow.InARow($"Flow {i:00}", DrawnFlow.Activity("log1", "Sift.Log", ("message", "Noted."))));
        }

        await using var browser = await Browser.OpenAsync(server);
        await browser.GoAsync("/studio");
        var elements = new Elements(browser.Page);
        await LookThroughAsync(browser.Page, elements);
        await OneRowAsync(server, browser.Page, elements);
        await ManyRowsAsync(server, elements);
        await ImportAsync(elements);
        await elements.ChooseAsync("Flow 01", "Edit");
        await browser.Page.WaitForURLAsync("**/definitions/*/edit");
        await browser.Page.Locator(".x6-node").First.WaitForAsync();
        await browser.AssertNoErrorsAsync();
    }

    private static async Task LookThroughAsync(IPage page, Elements elements)
    {
        await Assertions.Expect(elements.Rows).ToHaveCountAsync(10);
        await page.GetByLabel("Next page").ClickAsync();
        await Assertions.Expect(elements.Rows).ToHaveCountAsync(2);
        await page.GetByLabel("First page").ClickAsync();
        await Assertions.Expect(elements.Rows).ToHaveCountAsync(10);
        await page.GetByLabel("Last page").ClickAsync();
        await Assertions.Expect(elements.Rows).ToHaveCountAsync(2);
        await page.GetByLabel("Previous page").ClickAsync();
        await Assertions.Expect(elements.Rows).ToHaveCountAsync(10);

        var name = page.Locator("#sift-main thead .mud-table-sort-label").Filter(new() { HasText = "Name" });
        await name.ClickAsync();
        await Assertions.Expect(elements.Rows.First).ToContainTextAsync("Connection");
        await name.ClickAsync();
        await Assertions.Expect(elements.Rows.First).ToContainTextAsync("Flow 11");

        await elements.Row("Flow 11").First.WaitForAsync();
        await page.GetByPlaceholder("Search on Id").FillAsync("Connection");
        await Assertions.Expect(elements.Rows).ToHaveCountAsync(1);
        await page.GetByTitle("View description").First.ClickAsync();
        await Assertions.Expect(page.Locator(".mud-dialog, .mud-popover-open").First).ToContainTextAsync("What every connection runs");
        await page.Keyboard.PressAsync("Escape");
        await page.GetByPlaceholder("Search on Id").FillAsync("Flow 0");
        await Assertions.Expect(elements.Rows).ToHaveCountAsync(9);
    }

    private static async Task OneRowAsync(SiftServer server, IPage page, Elements elements)
    {
        await elements.ChooseAsync("Flow 07", "Publish");
        await elements.ToldAsync("Workflow published");
        Assert.True((bool)(await FlowAsync(server, "Flow 07"))!["is_published"]!);
        await elements.ChooseAsync("Flow 07", "Unpublish");
        await elements.ToldAsync("Workflow retracted");
        Assert.False((bool)(await FlowAsync(server, "Flow 07"))!["is_published"]!);

        await elements.ChooseAsync("Flow 07", "Duplicate");
        await elements.ConfirmAsync();
        await elements.ToldAsync("Duplicate successfully saved");
        await elements.Row("Flow 07 - Duplicate").WaitForAsync();

        await elements.ChooseAsync("Flow 08", "Cancel");
        await elements.ConfirmAsync();

        await elements.ChooseAsync("Flow 08", "Export");
        await elements.Dialog.GetByRole(AriaRole.Checkbox).CheckAsync();
        var (name, content) = await elements.DownloadAsync(() => elements.ConfirmAsync());
        Assert.EndsWith(".json", name, StringComparison.Ordinal);
        Assert.Equal("Flow 08", (string?)JsonNode.Parse(content)!["name"]);

        await elements.ChooseAsync("Flow 07 - Duplicate", "Delete");
        await elements.ConfirmAsync();
        await Assertions.Expect(elements.Row("Duplicate")).ToHaveCountAsync(0);

        await elements.ChooseAsync("Flow 08", "Run");
        await Eventually.True(
            async () => (await server.GetAsync("instances"))["results"]!.AsArray().Count == 1, TimeSpan.FromSeconds(30), () => "the flow was run");
        await page.WaitForTimeoutAsync(300);
    }

    private static async Task ManyRowsAsync(SiftServer server, Elements elements)
    {
        await SelectAsync(elements, "Flow 05", "Flow 06");
        await elements.ChooseAsync(elements.Button("Bulk actions"), "Publish");
        await elements.ConfirmAsync();
        await Eventually.True(async () => (bool)(await FlowAsync(server, "Flow 06"))!["is_published"]!, TimeSpan.FromSeconds(30), () => "both are published");

        await SelectAsync(elements, "Flow 05", "Flow 06");
        await elements.ChooseAsync(elements.Button("Bulk actions"), "Unpublish");
        await elements.ConfirmAsync();
        await Eventually.True(async () => !(bool)(await FlowAsync(server, "Flow 06"))!["is_published"]!, TimeSpan.FromSeconds(30), () => "neither is published");

        await SelectAsync(elements, "Flow 05", "Flow 06");
        await elements.ChooseAsync(elements.Button("Bulk actions"), "Export");
        var (_, content) = await elements.DownloadAsync(() => elements.ConfirmAsync());
        using (var zip = new ZipArchive(new MemoryStream(content)))
        {
            Assert.Equal(2, zip.Entries.Count);
        }

        await SelectAsync(elements, "Flow 05", "Flow 06");
        await elements.ChooseAsync(elements.Button("Bulk actions"), "Delete");
        await elements.ConfirmAsync();
        await Assertions.Expect(elements.Row("Flow 05")).ToHaveCountAsync(0);
        await Assertions.Expect(elements.Row("Flow 06")).ToHaveCountAsync(0);
    }

    private static async Task ImportAsync(Elements elements)
    {
        var menu = elements.Icon("M7 10l5 5 5-5z").First;
        await elements.UploadAsync(() => elements.ChooseAsync(menu, "Import"), ("one.json", Exported("Flow 0A")));
        await elements.Row("Flow 0A").WaitForAsync();

        using var zipped = new MemoryStream();
        using (var zip = new ZipArchive(zipped, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = zip.CreateEntry("two.json").Open();
            entry.Write(Exported("Flow 0B"));
        }

        await elements.UploadAsync(() => elements.ChooseAsync(menu, "Import"), ("two.zip", zipped.ToArray()));
        await elements.Row("Flow 0B").WaitForAsync();
    }

    private static byte[] Exported(string name)
    {
        var flow = DrawnFlow.InARow(name, DrawnFlow.Activity("log1", "Sift.Log", ("message", "Noted.")));
        flow["id"] = $"v-{name[^1]}";
        flow["definitionId"] = $"imported-{name[^1]}";
        return Encoding.UTF8.GetBytes(flow.ToJsonString());
    }

    private static async Task SelectAsync(Elements elements, params string[] rows)
    {
        foreach (var row in rows)
        {
            await elements.Row(row).GetByRole(AriaRole.Checkbox).CheckAsync();
        }
    }

    private static async Task<JsonNode?> FlowAsync(SiftServer server, string name) =>
        (await server.GetAsync("workflows"))["results"]!.AsArray().SingleOrDefault(flow => (string?)flow!["name"] == name);
}
