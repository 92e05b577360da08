using Microsoft.Playwright;
using Sift.EndToEnd.Tests.Peers;

namespace Sift.EndToEnd.Tests.Studio;

/// <summary>A person at a browser: Debian's Chromium without a window, signed in. Fails when a page shows an unhandled error.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;
    private readonly SiftServer _server;

    private Browser(IPlaywright playwright, IBrowser browser, IPage page, SiftServer server)
    {
        (_playwright, _browser, Page, _server) = (playwright, browser, page, server);
        page.PageError += (_, error) => Errors.Add(error);
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                Errors.Add($"console: {message.Text}");
            }
        };
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(server.BaseUrl, StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal) && !request.Url.StartsWith("blob:", StringComparison.Ordinal))
            {
                Errors.Add($"asked somebody else: {request.Url}");
            }
        };
        page.Response += (_, response) =>
        {
            if (response.Status >= 400)
            {
                Errors.Add($"{response.Status} {response.Request.Method} {response.Url}");
            }
        };
    }

    public IPage Page { get; }

    /// <summary>Script errors, errors on the console, answers of 400 and above, and requests to other servers.</summary>
    public List<string> Errors { get; } = [];

    public static async Task<Browser> OpenAsync(SiftServer server)
    {
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = "/usr/bin/chromium",
            Headless = true,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        var context = await browser.NewContextAsync(new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = 1600, Height = 1000 } });
        context.SetDefaultTimeout(60_000);
        Assertions.SetDefaultExpectTimeout(30_000);
        return new Browser(playwright, browser, await context.NewPageAsync(), server);
    }

    /// <summary>Opens a page of the Studio and waits until its element is drawn.</summary>
    public async Task GoAsync(string path)
    {
        await VisitAsync(path);
        await Page.WaitForFunctionAsync("() => document.getElementById('sift-loading')?.hidden");
    }

    /// <summary>Opens any page, signing in when asked to.</summary>
    public async Task VisitAsync(string path)
    {
        await Page.GotoAsync(_server.BaseUrl + path);
        if (Page.Url.Contains("/sign-in", StringComparison.Ordinal))
        {
            await Page.GetByLabel("Account id").FillAsync(SiftServer.AccountId);
            await Page.GetByLabel("Auth token").FillAsync(SiftServer.AuthToken);
            await Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        }
    }

    /// <summary>Keeps a picture in docs/images when SIFT_DOCS_IMAGES is set, so that the docs can be brought up to date.</summary>
    public async Task PictureAsync(string name)
    {
        if (Environment.GetEnvironmentVariable("SIFT_DOCS_IMAGES") is { Length: > 0 })
        {
            await Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Repository.Root, "docs", "images", name), FullPage = true });
        }
    }

    public async Task AssertNoErrorsAsync()
    {
        Assert.False(await Page.Locator("#blazor-error-ui").IsVisibleAsync(), "the error bar is shown");
        Assert.Empty(Errors);
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.CloseAsync();
        _playwright.Dispose();
    }
}
