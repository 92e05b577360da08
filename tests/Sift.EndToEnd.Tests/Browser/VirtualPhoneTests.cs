using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Sift.EndToEnd.Tests.Peers;
using Sift.EndToEnd.Tests.Sip;

namespace Sift.EndToEnd.Tests.Browser;

/// <summary>The page <c>/phone</c>, used as a person uses it.</summary>
[Collection(Chromium.Collection)]
public sealed class VirtualPhoneTests(Chromium chromium)
{
    private const string Number = "+15554443333";

    [Fact]
    public async Task Rings_plays_the_guides_first_call_and_tells_its_steps()
    {
        await using var server = await SiftServer.StartAsync();
        await using var phone = await SignInAsync(server, out var errors);

        var connection = await server.PostFormAsync(
            "connections", ("phone_number", Number), ("routine", """[{"name":"Say","text":"Hello from Sift. This is your first phone call. Goodbye."},{"name":"HangUp"}]"""));
        await SaysAsync(phone, "Ringing");
        await phone.Page.GetByRole(AriaRole.Button, new() { Name = "Answer" }).ClickAsync();
        await SaysAsync(phone, "In call");
        await phone.OpenEarsAsync();
        await SaysAsync(phone, "The other side hung up", TimeSpan.FromSeconds(30));
        var heard = await phone.CloseEarsAsync();
        Assert.True(heard.SoundsLikeSpeech(), $"speech in the page: {heard.Sounding()} sounding in {heard.Duration}");

        await server.ConnectionInAsync((string)connection["connection_id"]!, "finished");
        foreach (var step in new[] { "Answered", "Say: Hello from Sift.", "Ended:" })
        {
            await phone.Page.Locator("#steps li").Filter(new() { HasText = step }).First.WaitForAsync(new() { Timeout = 10_000 });
        }

        Assert.Empty(errors);
    }

    [Fact]
    public async Task Calls_a_number_and_keys_digits()
    {
        await using var receiver = await CallbackReceiver.StartAsync();
        await using var server = await SiftServer.StartAsync();
        receiver.Routine("digits", TrunkCall.HangUp());
        var number = await TrunkCall.NumberAsync(server, new JsonObject
        {
            ["name"] = "GetDigits", ["count"] = 3, ["timeout_seconds"] = 20, ["on_done"] = receiver.Url("digits"),
        });
        await using var phone = await SignInAsync(server, out var errors);

        await phone.Page.GetByLabel("Call", new() { Exact = true }).First.FillAsync(number);
        await phone.Page.GetByRole(AriaRole.Button, new() { Name = "Call", Exact = true }).ClickAsync();
        await SaysAsync(phone, "In call");
        foreach (var key in new[] { "4", "2", "hash" })
        {
            await phone.Page.GetByRole(AriaRole.Button, new() { Name = key, Exact = true }).ClickAsync();
        }

        var done = await receiver.WaitForAsync("digits");
        Assert.Equal("42#", (string?)done.Body["digits"]);
        var connection = await server.ConnectionInAsync((string)done.Body["connection_id"]!, "finished");
        Assert.Equal((Number, number), ((string?)connection["from"], (string?)connection["to"]));
        await phone.Page.Locator("#steps li").Filter(new() { HasText = "Key 4" }).WaitForAsync(new() { Timeout = 10_000 });
        await SaysAsync(phone, "The other side hung up");
        Assert.Empty(errors);
    }

    [Fact]
    public async Task A_number_that_nobody_has_and_a_wrong_password_are_told_in_words()
    {
        await using var server = await SiftServer.StartAsync();
        await using var phone = await SignInAsync(server, out _);
        await phone.Page.Locator("#destination").FillAsync("+15550109999");
        await phone.Page.GetByRole(AriaRole.Button, new() { Name = "Call", Exact = true }).ClickAsync();
        await SaysAsync(phone, "Nobody has this number");

        await phone.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await phone.Page.GetByLabel("Sandbox password").FillAsync("wrong");
        await phone.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await phone.Page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "The password is not right." }).WaitForAsync(new() { Timeout = 10_000 });
    }

    private Task<BrowserPage> SignInAsync(SiftServer server, out ConcurrentQueue<string> errors)
    {
        var seen = errors = new ConcurrentQueue<string>();
        return SignInAsync(server, seen);
    }

    private async Task<BrowserPage> SignInAsync(SiftServer server, ConcurrentQueue<string> errors)
    {
        var phone = new BrowserPage(await chromium.NewPageAsync(tone: 600));
        phone.Page.PageError += (_, message) => errors.Enqueue(message);
        phone.Page.Console += (_, message) =>
        {
            if (message.Type == "error" && message.Text.Contains("Content Security Policy", StringComparison.Ordinal))
            {
                errors.Enqueue(message.Text);
            }
        };
        await phone.Page.GotoAsync($"{server.BaseUrl}/phone");
        await phone.Page.GetByLabel("Sandbox password").FillAsync(SiftServer.SandboxPassword);
        await phone.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await SaysAsync(phone, "Ready");
        return phone;
    }

    private static Task SaysAsync(BrowserPage phone, string text, TimeSpan? limit = null) => phone.Page.Locator("#status")
        .Filter(new() { HasText = text }).WaitForAsync(new() { Timeout = (float)(limit ?? TimeSpan.FromSeconds(20)).TotalMilliseconds });
}
