using Microsoft.Playwright;

namespace Sift.Web.Tests.ConsolePages;

/// <summary>The buttons of the console.</summary>
internal static class ConsoleButtons
{
    /// <summary>What each says to a person who sees it. A test presses it, in <see cref="ConsoleButtonTests"/>, <see cref="ConsoleActionTests"/> or <see cref="ConsoleWalkTests"/>.</summary>
    public static IReadOnlySet<string> Known { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "Bind", "Create", "Delete", "Disable", "Enable", "Filter", "Hang up", "Look", "Make a new token", "Make a secret", "New token", "Pause", "Release", "Resume", "Revoke",
        "Rotate: a new one, the old signs another day", "Search", "Send all of these once more", "Send once more", "Sign out", "Take",
    };

    /// <summary>Presses a button that changes something, and waits until the page that follows it is there.</summary>
    public static async Task PressAsync(this IPage page, string name, ILocator? within = null)
    {
        await page.EvaluateAsync("() => { window.former = true; }");
        await (within?.GetByRole(AriaRole.Button, new() { Name = name }) ?? page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true })).First.ClickAsync();
        await page.WaitForFunctionAsync("() => !window.former && document.readyState === 'complete'");
    }

    /// <summary>Presses a button whose answer is shown once, and reads it.</summary>
    public static async Task<string> PressAndReadAsync(this IPage page, string name)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true }).ClickAsync();
        return await page.GetByRole(AriaRole.Status).InnerTextAsync();
    }
}
