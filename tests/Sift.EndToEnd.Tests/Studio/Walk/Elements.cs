using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Sift.EndToEnd.Tests.Studio.Walk;

/// <summary>What the pages of the Studio are made of: rows, menus, tabs, dialogs, messages.</summary>
internal sealed class Elements(IPage page)
{
    public ILocator Rows => page.Locator("#sift-main tbody tr");

    public ILocator Row(string text) => Rows.Filter(new() { HasText = text });

    /// <summary>An open dialog.</summary>
    public ILocator Dialog => page.Locator(".mud-dialog");

    /// <summary>A tab by its name, which some of them follow with a count.</summary>
    public ILocator Tab(string name) => page.Locator(".mud-tab").Filter(new() { HasTextRegex = new($"^\\s*{Regex.Escape(name)}\\s*[0-9]*\\s*$", RegexOptions.IgnoreCase) });

    /// <summary>A button that shows nothing but a picture, by how the picture's last path begins.</summary>
    public ILocator Icon(string path) => page.Locator($"#sift-main button:has(svg path[d^=\"{path}\"])");

    /// <summary>A button by its whole text, whatever the style makes of its letters.</summary>
    public ILocator Button(string name) => page.Locator("#sift-main button, .mud-popover-open button").Filter(new() { HasTextRegex = Whole(name) });

    /// <summary>Opens a menu and takes an item of it.</summary>
    public async Task ChooseAsync(ILocator menu, string item)
    {
        await menu.ClickAsync();
        await page.Locator(".mud-popover-open .mud-menu-item").Filter(new() { HasTextRegex = Whole(item) }).First.ClickAsync();
    }

    /// <summary>Takes an item of the menu at the end of a row.</summary>
    public Task ChooseAsync(string row, string item) => ChooseAsync(Row(row).First.Locator(".mud-menu button").Last, item);

    /// <summary>Says yes to the open dialog, with its last button, and waits until it has gone.</summary>
    public async Task ConfirmAsync()
    {
        await Dialog.Locator("button").Last.ClickAsync();
        await Assertions.Expect(Dialog).ToHaveCountAsync(0);
    }

    /// <summary>Waits for a message and closes it, so that the next one of the same words is another.</summary>
    public async Task ToldAsync(string text)
    {
        var message = page.Locator(".mud-snackbar").Filter(new() { HasText = text }).First;
        await message.WaitForAsync();
        await message.Locator("button").First.ClickAsync();
        await Assertions.Expect(page.Locator(".mud-snackbar").Filter(new() { HasText = text })).ToHaveCountAsync(0);
    }

    /// <summary>The file that the browser is given by what is done.</summary>
    public async Task<(string Name, byte[] Content)> DownloadAsync(Func<Task> action)
    {
        var download = await page.RunAndWaitForDownloadAsync(action);
        return (download.SuggestedFilename, await File.ReadAllBytesAsync(await download.PathAsync()));
    }

    /// <summary>Hands files to the chooser that is opened.</summary>
    public async Task UploadAsync(Func<Task> action, params (string Name, byte[] Content)[] files)
    {
        var chooser = await page.RunAndWaitForFileChooserAsync(action);
        await chooser.SetFilesAsync(files.Select(file => new FilePayload { Name = file.Name, MimeType = "application/octet-stream", Buffer = file.Content }));
    }

    private static Regex Whole(string text) => new($"^\\s*{Regex.Escape(text)}\\s*$", RegexOptions.IgnoreCase);
}
