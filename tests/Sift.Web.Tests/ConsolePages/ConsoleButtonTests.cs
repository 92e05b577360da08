using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Sift.Web.Tests.ConsolePages;

/// <summary>Each button of the console that no walk has another reason to press, in a real browser with live calls.</summary>
[Collection(ConsoleServerCollection.Name)]
public sealed class ConsoleButtonTests(ConsoleServer server)
{
    [Fact]
    public async Task A_live_call_is_hung_up()
    {
        var placed = await server.Api.PostAsync(
            "/v0/connections", new FormUrlEncodedContent([KeyValuePair.Create("phone_number", "+15550100001"), KeyValuePair.Create("routine", """[{"name":"Pause","seconds":600}]""")]));
        var id = (await placed.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("connection_id").GetString();
        var (page, complaints) = await server.SignInAsync();
        await page.GotoAsync($"{server.Url}/console/connections/{id}");
        await Assertions.Expect(page.Locator("#facts")).ToContainTextAsync("connected", new() { Timeout = 15_000 });

        await page.PressAsync("Hang up");

        // The button goes with the call, without a reload.

        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Hang up" })).ToHaveCountAsync(0, new() { Timeout = 15_000 });
        Assert.Equal("finished", (await server.GetAsync($"/v0/connections/{id}")).GetProperty("status").GetString());
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task A_recording_is_deleted_with_its_audio()
    {
        var id = await server.RecordAsync(async () => (await server.Api.PostAsync("/v0/connections", new FormUrlEncodedContent(
        [
            KeyValuePair.Create("phone_number", "+15550100001"), KeyValuePair.Create("routine", """[{"name":"CallPhone","phone_number":"+15550100006","do_record":true}]"""),
        ]))).EnsureSuccessStatusCode());
        var (page, _) = await server.SignInAsync();
        await page.GotoAsync($"{server.Url}/console/connections/{id}");
        var audio = await page.Locator("audio").GetAttributeAsync("src");

        await page.PressAsync("Delete");

        await Assertions.Expect(page.Locator("audio")).ToHaveCountAsync(0);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Api.GetAsync(audio)).StatusCode);
    }

    [Fact]
    public async Task An_application_is_made_bound_to_a_number_that_was_taken_and_both_are_given_up()
    {
        var (page, complaints) = await server.SignInAsync();
        await page.GotoAsync(server.Url + "/console/applications");
        await page.GetByLabel("Name").FillAsync("Night desk");
        await page.GetByLabel("Callback URL for calls").FillAsync("https://night.example.com/in");
        await page.PressAsync("Create");

        await page.GotoAsync(server.Url + "/console/numbers");
        await page.GetByLabel("Country").FillAsync("US");
        await page.PressAsync("Look");
        var offer = page.Locator(".choices li").First;
        var number = (await offer.Locator(".id").InnerTextAsync()).Trim();
        await page.PressAsync("Take", offer);
        var mine = page.Locator("section[aria-labelledby=mine] tr", new() { HasTextString = number });
        await mine.Locator("select").SelectOptionAsync(new SelectOptionValue { Label = "Night desk" });
        await page.PressAsync("Bind", mine);
        await page.GotoAsync(server.Url + "/console/applications");
        var row = page.Locator("tbody tr", new() { HasTextString = "Night desk" });
        await Assertions.Expect(row).ToContainTextAsync(number);

        await page.PressAsync("Delete", row);
        await Assertions.Expect(row).ToHaveCountAsync(0);
        await page.GotoAsync(server.Url + "/console/numbers");
        Assert.Equal("", await mine.Locator("select").InputValueAsync());
        await page.PressAsync("Release", mine);
        await Assertions.Expect(mine).ToHaveCountAsync(0);
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task A_secret_is_rotated_and_revoked()
    {
        var (page, _) = await server.SignInAsync();
        await page.GotoAsync(server.Url + "/console/keys");
        await RevokeAllAsync(page);
        var first = await page.PressAndReadAsync("Make a secret");
        await page.ReloadAsync();
        var second = await page.PressAndReadAsync("Rotate: a new one, the old signs another day");
        Assert.NotEqual(Secret(first), Secret(second));
        await page.ReloadAsync();
        await Assertions.Expect(page.Locator("section[aria-labelledby=secrets] tbody tr")).ToHaveCountAsync(2);

        await RevokeAllAsync(page);
        await Assertions.Expect(page.Locator("section[aria-labelledby=secrets]")).ToContainTextAsync("callbacks go out unsigned");

        static string Secret(string text) => Regex.Match(text, "whsec_[A-Za-z0-9+/=]{20,}").Value is { Length: > 0 } found ? found : throw new InvalidOperationException(text);
    }

    [Fact]
    public async Task An_account_makes_itself_a_new_token_is_enabled_again_and_signs_out()
    {
        var (page, _) = await server.SignInAsync();
        await page.GotoAsync(server.Url + "/console/keys");
        await page.GetByLabel("Name of a new account").FillAsync("Self help");
        var made = Regex.Match(await page.PressAndReadAsync("Create"), "account id ([0-9a-f]{16}), token ([0-9a-f]{40})");
        var (account, token) = (made.Groups[1].Value, made.Groups[2].Value);

        await page.ReloadAsync();
        var row = page.Locator("section[aria-labelledby=accounts] tr", new() { HasTextString = account });
        await page.PressAsync("Disable", row);
        await page.PressAsync("Enable", row);
        await Assertions.Expect(row).ToContainTextAsync("active");

        var (own, _) = await server.SignInAsync(account, token);
        await own.GotoAsync(server.Url + "/console/keys");
        Assert.Equal(0, await own.Locator("section[aria-labelledby=accounts]").CountAsync());
        var fresh = Regex.Match(await own.PressAndReadAsync("Make a new token"), "[0-9a-f]{40}").Value;
        Assert.NotEqual(token, fresh);

        // Whoever was signed in with the old one is out.
        await own.GotoAsync(server.Url + "/console/keys");
        Assert.Contains("/sign-in", own.Url, StringComparison.Ordinal);
        (own, _) = await server.SignInAsync(account, fresh);
        await own.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await own.WaitForURLAsync("**/sign-in*", new() { WaitUntil = WaitUntilState.DOMContentLoaded });
        await own.GotoAsync(server.Url + "/console");
        Assert.Contains("/sign-in", own.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deliveries_are_narrowed_to_a_kind()
    {
        var (page, _) = await server.SignInAsync();
        await page.GotoAsync(server.Url + "/console/deliveries");
        await page.GetByLabel("Kind").SelectOptionAsync("on_done");
        await page.PressAsync("Filter");
        await Assertions.Expect(page.Locator("#list")).ToContainTextAsync("Nothing here.");
        await page.GetByLabel("Kind").SelectOptionAsync("on_incoming");
        await page.PressAsync("Filter");
        Assert.All(await page.Locator("#list tbody tr").AllInnerTextsAsync(), static row => Assert.Contains("on_incoming", row, StringComparison.Ordinal));
        Assert.True(await page.Locator("#list tbody tr").CountAsync() > 0);
    }

    private static async Task RevokeAllAsync(IPage page)
    {
        while (await page.Locator("section[aria-labelledby=secrets]").GetByRole(AriaRole.Button, new() { Name = "Revoke" }).CountAsync() > 0)
        {
            await page.PressAsync("Revoke", page.Locator("section[aria-labelledby=secrets] tbody tr").First);
        }
    }
}
