using Microsoft.Playwright;
using Sift.Web.Tests.Testing;

namespace Sift.Web.Tests.ConsolePages;

/// <summary>Every page in a real browser, with live calls whose headers and callback replies are full of markup.</summary>
[Collection(ConsoleServerCollection.Name)]
public sealed class ConsoleWalkTests(ConsoleServer server)
{
    /// <summary>With SIFT_SCREENSHOTS=directory in the environment every page is drawn there.</summary>
    private static readonly string? Screenshots = Environment.GetEnvironmentVariable("SIFT_SCREENSHOTS");

    [Theory]
    [InlineData(ColorScheme.Light, 1360)]
    [InlineData(ColorScheme.Dark, 1360)]
    [InlineData(ColorScheme.Dark, 390)]
    public async Task Every_page_is_accessible_and_shows_hostile_text_as_text(ColorScheme scheme, int width)
    {
        var (page, complaints) = await server.SignInAsync(scheme, width);
        var axe = await File.ReadAllTextAsync(Path.Combine(await NodePackages.DirectoryAsync(), "node_modules", "axe-core", "axe.min.js"));
        foreach (var path in await PagesAsync(page))
        {
            await page.GotoAsync(server.Url + path);
            if (Screenshots is not null)
            {
                await page.ScreenshotAsync(new PageScreenshotOptions { FullPage = true, Path = Path.Combine(Screenshots, $"{scheme}-{width}-{path.Replace('/', '_')[..Math.Min(path.Length, 40)]}.png") });
            }

            foreach (var summary in await page.Locator("summary").AllAsync())
            {
                await summary.ClickAsync();
            }

            Assert.False(await page.EvaluateAsync<bool>("() => 'hacked' in window"), $"{path} ran what it should show");
            Assert.Equal(0, await page.Locator("img").CountAsync());
            if (path.StartsWith("/console", StringComparison.Ordinal))
            {
                // A button whose test is missing is one that nobody has pressed.
                var buttons = await page.EvaluateAsync<string[]>("() => [...document.querySelectorAll('button')].map(button => button.firstChild.textContent.trim())");
                Assert.Empty(buttons.Except(ConsoleButtons.Known));
            }

            Assert.True(await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= window.innerWidth"), $"{path} is wider than the screen");
            await page.EvaluateAsync(axe);
            var violations = await page.EvaluateAsync<string[]>(
                "async () => (await axe.run()).violations.filter(v => v.impact === 'serious' || v.impact === 'critical').map(v => v.id + ': ' + v.nodes[0].html)");
            Assert.True(violations.Length == 0, $"{path}: {string.Join(Environment.NewLine, violations)}");
        }

        // The page that is not there says so.
        Assert.Equal(["404"], complaints.Select(complaint => System.Text.RegularExpressions.Regex.Match(complaint, "status of (404)") is { Success: true } found ? found.Groups[1].Value : complaint));
    }

    [Fact]
    public async Task The_sign_in_page_is_accessible_and_takes_the_operator_password()
    {
        var page = await server.VisitAsync();
        await page.GotoAsync(server.Url + "/console/trunks");
        await page.EvaluateAsync(await File.ReadAllTextAsync(Path.Combine(await NodePackages.DirectoryAsync(), "node_modules", "axe-core", "axe.min.js")));
        Assert.Empty(await page.EvaluateAsync<string[]>("async () => (await axe.run()).violations.filter(v => v.impact === 'serious' || v.impact === 'critical').map(v => v.id)"));

        await page.FillAsync("#account_id", "operator");
        await page.FillAsync("#token", "not the password");
        await page.ClickAsync("button[type=submit]");
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("not the operator password");
        await page.FillAsync("#token", ConsoleServer.OperatorPassword);
        await page.Keyboard.PressAsync("Enter");

        await page.WaitForURLAsync("**/console/trunks", new() { WaitUntil = WaitUntilState.DOMContentLoaded });
    }

    [Fact]
    public async Task A_page_is_reached_and_left_by_keyboard_alone()
    {
        var (page, _) = await server.SignInAsync();
        await page.GotoAsync(server.Url + "/console");
        await page.Keyboard.PressAsync("Tab");
        Assert.Equal("Skip to the content", await page.EvaluateAsync<string>("() => document.activeElement.textContent"));
        await page.Keyboard.PressAsync("Enter");
        Assert.Equal("main", await page.EvaluateAsync<string>("() => document.activeElement.id"));
        await page.Locator("nav a", new() { HasTextString = "Connections" }).PressAsync("Enter");
        await page.WaitForURLAsync("**/console/connections", new() { WaitUntil = WaitUntilState.DOMContentLoaded });
        await page.GetByLabel("Number or name").FillAsync("200001");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/console/connections?*", new() { WaitUntil = WaitUntilState.DOMContentLoaded });
        await page.Locator("tbody a").First.PressAsync("Enter");
        await page.Locator(".ladder summary").First.PressAsync("Space");
        await Assertions.Expect(page.Locator(".ladder pre").First).ToBeVisibleAsync();
    }

    private async Task<List<string>> PagesAsync(IPage page)
    {
        List<string> pages =
        [
            "/console", "/console/applications", "/console/numbers", "/console/trunks", "/console/trunks/carrier", "/console/keys", "/console/audit", $"/console/connections/{server.Recorded}",
            "/console/deliveries?state=succeeded", "/console/nothing-here", "/phone",
        ];
        foreach (var (list, link) in new[] { ("/console/connections", "tbody a"), ("/console/deliveries", "tbody a"), ("/console/trunks", "details.refused a") })
        {
            await page.GotoAsync(server.Url + list);
            pages.Add(list);
            await page.Locator(link).First.WaitForAsync(new() { State = WaitForSelectorState.Attached, Timeout = 15_000 });
            pages.Add((await page.Locator(link).First.GetAttributeAsync("href"))!);
        }

        return [.. pages.Distinct()];
    }
}
