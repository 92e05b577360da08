using Microsoft.Playwright;

namespace Sift.EndToEnd.Tests.Studio;

/// <summary>The designer as a person uses it: drag, type, connect, publish.</summary>
internal sealed class Designer(IPage page)
{
    // The designer saves half a second after a change and answers within as much.
    private const float Settle = 900;

    public async Task CreateAsync(string name)
    {
        await page.GetByText("Create workflow").First.ClickAsync();
        var dialog = page.Locator(".mud-dialog");
        await dialog.Locator("input").First.FillAsync(name);
        await dialog.GetByText("Ok", new() { Exact = true }).ClickAsync();
        await page.WaitForURLAsync("**/workflows/definitions/*/edit");
        await page.Locator("[draggable=true]").First.WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await page.Locator(".graph-container").First.WaitForAsync();
    }

    /// <summary>The id of the flow that is open, from the address.</summary>
    public string FlowId => new Uri(page.Url).Segments[^2].TrimEnd('/');

    public async Task OpenCategoryAsync(string name)
    {
        await page.Locator(".mud-expand-panel-header", new() { HasText = name }).ClickAsync();
        await page.WaitForTimeoutAsync(600);
    }

    public async Task DropAsync(string activity, int x, int y)
    {
        var known = await page.Locator(".x6-node").CountAsync();
        await page.Locator($"[draggable=true][data-activity=\"{activity}\"]").DragToAsync(page.Locator(".graph-container").First, new() { TargetPosition = new() { X = x, Y = y } });
        await Assertions.Expect(page.Locator(".x6-node")).ToHaveCountAsync(known + 1);
        await page.WaitForTimeoutAsync(Settle);
    }

    public async Task FillAsync(string label, string text)
    {
        var field = page.GetByLabel(label, new() { Exact = true }).First;
        await field.FillAsync(text);
        await field.BlurAsync();
        await page.WaitForTimeoutAsync(Settle);
    }

    /// <summary>Types entries into a list whose entries become ports.</summary>
    public async Task AddPortsAsync(string label, params string[] entries)
    {
        var field = page.Locator(".mud-input-control").Filter(new() { HasText = label }).Locator("input").First;
        await field.ClickAsync();
        foreach (var entry in entries)
        {
            await page.Keyboard.TypeAsync(entry);
            await page.Keyboard.PressAsync("Enter");
            await page.WaitForTimeoutAsync(400);
        }

        await page.WaitForTimeoutAsync(Settle);
    }

    public async Task ConnectAsync(string from, string outcome, string to)
    {
        var known = await page.Locator(".x6-edge").CountAsync();
        var (fromX, fromY) = await PortAsync(from, outcome);
        var (toX, toY) = await PortAsync(to, "In");
        await page.Mouse.MoveAsync(fromX, fromY);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync((fromX + toX) / 2, (fromY + toY) / 2, new() { Steps = 5 });
        await page.Mouse.MoveAsync(toX, toY, new() { Steps = 5 });
        await page.Mouse.UpAsync();
        await Assertions.Expect(page.Locator(".x6-edge")).ToHaveCountAsync(known + 1);
        await page.WaitForTimeoutAsync(Settle);
    }

    public async Task PublishAsync()
    {
        await page.Locator(".mud-button-group-root .mud-icon-button").First.ClickAsync();
        await page.GetByText("Workflow published").WaitForAsync();
    }

    /// <summary>Presses the run button; the id of the instance whose viewer opens.</summary>
    public async Task<string> RunAsync()
    {
        await page.Locator("button:has(svg path[d='M8 5v14l11-7z'])").First.ClickAsync();
        await page.WaitForURLAsync("**/workflows/instances/*/view");
        return new Uri(page.Url).Segments[^2].TrimEnd('/');
    }

    private async Task<(float X, float Y)> PortAsync(string activity, string port)
    {
        var box = await page.Locator(".x6-node")
            .Filter(new() { Has = page.Locator(".activity-label", new() { HasText = activity }) })
            .Locator($"g[port=\"{port}\"] circle").First.BoundingBoxAsync();
        Assert.True(box is not null, $"{activity} has a port {port}");
        return (box.X + (box.Width / 2), box.Y + (box.Height / 2));
    }
}
