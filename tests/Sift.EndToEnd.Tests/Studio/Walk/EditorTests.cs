using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Sift.EndToEnd.Tests.Peers;

namespace Sift.EndToEnd.Tests.Studio.Walk;

/// <summary>Every tab, button and menu item of the editor.</summary>
public sealed class EditorTests
{
    private const string Fit = "M0,0h24v24H0V0z", Centre = "M5 15H3v4c0", Arrange = "M13,21h6c1.1", Save = "M17 3H5c-1.11", Menu = "M7 10l5 5 5-5z";

    [Fact]
    public async Task Every_tab_button_and_menu_item_of_the_editor_works()
    {
        await using var server = await SiftServer.StartAsync();
        var flow = (string)(await server.PostJsonAsync(
            "workflows?publish=true", DrawnFlow.InARow("Desk", DrawnFlow.Activity("log1", "Sift.Log", ("message", "Noted.")), DrawnFlow.Activity("log2", "Sift.Log", ("message", "Again.")))))["workflow_id"]!;
        await using var browser = await Browser.OpenAsync(server);
        var page = browser.Page;
        var elements = new Elements(page);
        await OpenAsync(browser, flow);
        await CanvasAsync(page, elements);
        await elements.Tab("Code view").ClickAsync();
        await page.Locator(".monaco-editor .view-line").First.WaitForAsync();
        await elements.Tab("Desk").ClickAsync();
        await ActivityAsync(page, elements);
        await FlowAsync(server, page, elements, flow);
        await VersionsAsync(server, page, elements, flow);
        await MenuAsync(server, page, elements, flow);
        await new Designer(page).RunAsync();
        await page.Locator(".x6-node").First.WaitForAsync();
        await browser.AssertNoErrorsAsync();
    }

    private static async Task OpenAsync(Browser browser, string flow)
    {
        await browser.GoAsync($"/studio/workflows/definitions/{flow}/edit");
        await browser.Page.Locator(".x6-node").First.WaitForAsync();
        await browser.Page.Locator("[draggable=true]").First.WaitForAsync(new() { State = WaitForSelectorState.Attached });
    }

    private static async Task CanvasAsync(IPage page, Elements elements)
    {
        await elements.Icon(Fit).First.ClickAsync();
        await elements.Icon(Centre).First.ClickAsync();
        await elements.Icon(Arrange).First.ClickAsync();
        await page.GetByPlaceholder("Search", new() { Exact = true }).FillAsync("digits");
        await page.Locator("[draggable=true]").Filter(new() { HasText = "Get digits" }).First.WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await page.GetByPlaceholder("Search", new() { Exact = true }).FillAsync("");
        await page.GetByRole(AriaRole.Switch).Or(page.Locator(".mud-switch input")).First.UncheckAsync();
        await page.GetByRole(AriaRole.Switch).Or(page.Locator(".mud-switch input")).First.CheckAsync();
        await elements.Icon(Save).First.ClickAsync();
        await elements.ToldAsync("Workflow saved");
    }

    private static async Task ActivityAsync(IPage page, Elements elements)
    {
        await page.Locator(".x6-node").Filter(new() { HasText = "log1" }).ClickAsync();
        await page.GetByLabel("Message", new() { Exact = true }).First.WaitForAsync();
        foreach (var (tab, text) in new[] { ("Output", "does not have any output"), ("Common", "The text to display in the designer"), ("Test", "Select the Start button"), ("Commit strategy", "The commit strategy to use"), ("Log", "Input Properties"), ("Info", "root:log1") })
        {
            await elements.Tab(tab).ClickAsync();
            await page.Locator("#sift-main").GetByText(text).First.WaitForAsync();
            if (tab == "Test")
            {
                await elements.Button("Start").ClickAsync();
                await page.Locator("#sift-main").GetByText("Completed").First.WaitForAsync();
            }
        }
    }

    private static async Task FlowAsync(SiftServer server, IPage page, Elements elements, string flow)
    {
        await elements.Tab("Properties").ClickAsync();
        var name = page.GetByLabel("Name").Last;
        await name.FillAsync("Reception");
        await name.BlurAsync();
        await Eventually.True(async () => (string?)(await server.GetAsync($"workflows/{flow}"))["name"] == "Reception", TimeSpan.FromSeconds(30), () => "the new name is kept");

        await elements.Tab("Variables").ClickAsync();
        await page.GetByText("Add variable").ClickAsync();
        await elements.Dialog.GetByLabel("Name").FillAsync("Topic");
        await elements.ConfirmAsync();
        await KeptAsync("variables");
        await elements.Tab("Input/Output").ClickAsync();
        foreach (var (button, given, list) in new[] { ("Add input", "Number", "inputs"), ("Add output", "Result", "outputs") })
        {
            await elements.Button(button).ClickAsync();
            await elements.Dialog.GetByLabel("Name", new() { Exact = true }).First.FillAsync(given);
            await elements.ConfirmAsync();
            await KeptAsync(list);
        }

        // The Studio saves each change by itself; a person waits for one save before making the next change.
        Task KeptAsync(string list) => Eventually.True(
            async () => (await DefinitionAsync(server, flow))[list]!.AsArray().Count == 1, TimeSpan.FromSeconds(30), () => $"what was added to the {list} is kept");
    }

    private static async Task VersionsAsync(SiftServer server, IPage page, Elements elements, string flow)
    {
        await new Designer(page).PublishAsync();
        await elements.Tab("Version history").ClickAsync();
        var versions = page.Locator(".mud-tabs-panels").Last.Locator("tbody tr");
        await Assertions.Expect(versions).ToHaveCountAsync(2);
        await elements.ChooseAsync(versions.Last.Locator(".mud-menu button").Last, "Rollback to this version");
        await Assertions.Expect(versions).ToHaveCountAsync(3);
        Assert.Equal("Desk", (string?)(await server.GetAsync($"workflows/{flow}"))["name"]);
        await elements.ChooseAsync(versions.Last.Locator(".mud-menu button").Last, "View");
        await page.GetByText("Version 1", new() { Exact = true }).WaitForAsync();
        await elements.ChooseAsync(versions.First.Locator(".mud-menu button").Last, "View");
        await page.GetByText("Auto-save").WaitForAsync();
        await elements.ChooseAsync(versions.First.Locator(".mud-menu button").Last, "Delete");
        await elements.ConfirmAsync();
        await Assertions.Expect(versions).ToHaveCountAsync(2);
        await versions.Last.GetByRole(AriaRole.Checkbox).CheckAsync();
        await elements.ChooseAsync(elements.Button("Bulk actions"), "Delete");
        await elements.ConfirmAsync();
        await Assertions.Expect(versions).ToHaveCountAsync(1);
    }

    private static async Task MenuAsync(SiftServer server, IPage page, Elements elements, string flow)
    {
        var menu = page.Locator(".mud-button-group-root .mud-menu button").First;
        await elements.ChooseAsync(menu, "Export");
        var (file, content) = await elements.DownloadAsync(elements.ConfirmAsync);
        Assert.EndsWith(".json", file, StringComparison.Ordinal);
        await elements.ChooseAsync(menu, "Unpublish");
        await elements.ToldAsync("Workflow unpublished");
        Assert.False((bool)(await server.GetAsync($"workflows/{flow}"))["is_published"]!);

        var changed = JsonNode.Parse(content)!.AsObject();
        changed["description"] = "From a file.";
        await elements.UploadAsync(() => elements.ChooseAsync(menu, "Import"), ("flow.json", Encoding.UTF8.GetBytes(changed.ToJsonString())));
        await Eventually.True(
            async () => (string?)(await DefinitionAsync(server, flow))["description"] == "From a file.", TimeSpan.FromSeconds(30), () => "the file is taken in");

        await elements.ChooseAsync(menu, "Save As");
        await elements.Dialog.GetByLabel("Name").First.FillAsync("Second desk");
        await elements.ConfirmAsync();
        await Eventually.True(
            async () => (await server.GetAsync("workflows"))["results"]!.AsArray().Any(other => (string?)other!["name"] == "Second desk"), TimeSpan.FromSeconds(30), () => "the copy is there");
        await page.Locator(".x6-node").First.WaitForAsync();
    }

    private static async Task<JsonObject> DefinitionAsync(SiftServer server, string flow) =>
        (await server.GetAsync($"workflows/{flow}"))["definition"]!.AsObject();
}
