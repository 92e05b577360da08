using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;
using Sift.Web.Tests.Hosting;
using Sift.Web.Tests.Testing;

namespace Sift.Web.Tests.ConsolePages;

/// <summary>Every page in a real browser, with live calls whose headers and callback replies are full of markup.</summary>
public sealed class ConsoleWalkTests : IAsyncLifetime
{
    private const string Number = "+15550200001";

    private readonly string directory = Directory.CreateTempSubdirectory("sift-console-").FullName;
    private ServerProcess server = null!;
    private WebhookReceiver receiver = null!;
    private HttpClient api = null!;
    private HostilePhone phone = null!;
    private IPlaywright playwright = null!;
    private IBrowser browser = null!;

    public async Task InitializeAsync()
    {
        receiver = await WebhookReceiver.StartAsync();
        receiver.Reply = $$"""{"routine":[{"name":"Pause","seconds":600}],"note":{{JsonSerializer.Serialize(HostilePhone.Markup)}}}""";
        server = await ServerProcess.StartAsync(directory, new Dictionary<string, string>
        {
            ["Sift__Trunks__0__Name"] = "carrier",
            ["Sift__Trunks__0__Host"] = "127.0.0.1",
            ["Sift__Trunks__0__Port"] = "9",
            ["Sift__Trunks__0__KeepAliveInterval"] = "00:00:00",
            ["Sift__Numbers__US__0"] = Number,
            ["Sift__Sandbox__Enabled"] = "true",
        });
        api = server.ClientOf(server.Account, server.Token);
        var created = await api.PostAsJsonAsync("/v0/applications", new { name = HostilePhone.Markup, on_incoming = receiver.Url });
        var application = (await created.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("app_id").GetString();
        (await api.PostAsJsonAsync("/v0/phonenumbers", new { phone_number = Number, application_id = application })).EnsureSuccessStatusCode();
        phone = new HostilePhone(server.Sip);
        Assert.Equal(200, await phone.CallAsync(Number));
        Assert.Equal(404, await phone.CallAsync("+15559998888"));
        await receiver.NextAsync();
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = "/usr/bin/chromium", Args = ["--no-sandbox"] });
    }

    public async Task DisposeAsync()
    {
        await browser.DisposeAsync();
        playwright.Dispose();
        phone.Dispose();
        api.Dispose();
        await server.DisposeAsync();
        await receiver.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1360)]
    [InlineData(ColorScheme.Dark, 390)]
    public async Task Every_page_is_accessible_and_shows_hostile_text_as_text(ColorScheme scheme, int width)
    {
        var (page, complaints) = await SignInAsync(scheme, width);
        var axe = await File.ReadAllTextAsync(Path.Combine(await NodePackages.DirectoryAsync(), "node_modules", "axe-core", "axe.min.js"));
        foreach (var path in await PagesAsync(page))
        {
            await page.GotoAsync(server.Url + path);
            foreach (var summary in await page.Locator("summary").AllAsync())
            {
                await summary.ClickAsync();
            }

            Assert.False(await page.EvaluateAsync<bool>("() => 'hacked' in window"), $"{path} ran what it should show");
            Assert.Equal(0, await page.Locator("img").CountAsync());
            Assert.True(await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= window.innerWidth"), $"{path} is wider than the screen");
            await page.EvaluateAsync(axe);
            var violations = await page.EvaluateAsync<string[]>(
                "async () => (await axe.run()).violations.filter(v => v.impact === 'serious' || v.impact === 'critical').map(v => v.id + ': ' + v.nodes[0].html)");
            Assert.True(violations.Length == 0, $"{path}: {string.Join(Environment.NewLine, violations)}");
        }

        Assert.Empty(complaints);
    }

    [Fact]
    public async Task The_flight_recorder_of_a_live_call_shows_messages_steps_and_callbacks_with_their_markup_as_text()
    {
        var (page, _) = await SignInAsync(ColorScheme.Light, 1360);
        await page.GotoAsync(server.Url + "/console/connections");
        await page.Locator("tbody a").First.ClickAsync();

        await page.Locator(".ladder summary").First.ClickAsync();
        Assert.Contains($"User-Agent: {HostilePhone.Markup}", await page.Locator(".ladder pre").First.InnerTextAsync(), StringComparison.Ordinal);
        await page.Locator("#callbacks summary").First.ClickAsync();
        Assert.Contains("window.hacked=1", await page.Locator("#callbacks pre").First.InnerTextAsync(), StringComparison.Ordinal);
        Assert.Contains("Pause", await page.Locator("#steps").InnerTextAsync(), StringComparison.Ordinal);
        Assert.True(await page.Locator(".axis .bar rect").CountAsync() > 0);
    }

    [Fact]
    public async Task A_call_that_nobody_took_is_found_with_its_messages_by_the_operator()
    {
        var (page, _) = await SignInAsync(ColorScheme.Light, 1360);
        await page.GotoAsync(server.Url + "/console/trunks");
        await Assertions.Expect(page.Locator("details.refused").First).ToContainTextAsync("nobody has the number", new() { Timeout = 15_000 });
    }

    [Fact]
    public async Task Lists_follow_what_happens_without_a_reload()
    {
        var (page, _) = await SignInAsync(ColorScheme.Light, 1360);
        await page.GotoAsync(server.Url + "/console/connections");
        var before = await page.Locator("tbody tr").CountAsync();
        await page.EvaluateAsync("() => { window.same = true; }");

        Assert.Equal(200, await phone.CallAsync(Number));

        await Assertions.Expect(page.Locator("tbody tr")).ToHaveCountAsync(before + 1, new() { Timeout = 15_000 });
        Assert.True(await page.EvaluateAsync<bool>("() => window.same === true"));
    }

    [Fact]
    public async Task A_secret_is_made_and_shown_once()
    {
        var (page, _) = await SignInAsync(ColorScheme.Light, 1360);
        await page.GotoAsync(server.Url + "/console/keys");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make a secret" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("whsec_");
        await page.ReloadAsync();
        Assert.DoesNotContain("it is not shown again", await page.InnerTextAsync("main"), StringComparison.Ordinal);
        await Assertions.Expect(page.Locator("#secrets ~ table, section table").First).ToContainTextAsync("whsec_…");
    }

    private async Task<(IPage Page, List<string> Complaints)> SignInAsync(ColorScheme scheme, int width)
    {
        var context = await browser.NewContextAsync(new BrowserNewContextOptions { ColorScheme = scheme, ViewportSize = new ViewportSize { Width = width, Height = 900 } });
        var page = await context.NewPageAsync();
        await page.GotoAsync(server.Url + "/sign-in?return=/console");
        await page.FillAsync("#account_id", server.Account);
        await page.FillAsync("#token", server.Token);
        await page.ClickAsync("button[type=submit]");
        await page.WaitForURLAsync("**/console");
        var complaints = new List<string>();
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                complaints.Add(message.Text);
            }
        };
        page.Dialog += (_, dialog) => complaints.Add("dialog: " + dialog.Message);
        return (page, complaints);
    }

    private async Task<List<string>> PagesAsync(IPage page)
    {
        List<string> pages = ["/console", "/console/applications", "/console/numbers", "/console/trunks", "/console/trunks/carrier", "/console/keys", "/console/audit"];
        foreach (var list in new[] { "/console/connections", "/console/deliveries" })
        {
            pages.Add(list);
            await page.GotoAsync(server.Url + list);
            pages.Add((await page.Locator("tbody a").First.GetAttributeAsync("href"))!);
        }

        return pages;
    }
}
