using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Sift.EndToEnd.Tests.Peers;
using Sift.EndToEnd.Tests.Sip;

namespace Sift.EndToEnd.Tests.Studio;

/// <summary>From the palette to the telephone: what a person draws answers calls.</summary>
public sealed class DesignerTests
{
    private const string Caller = "+15557770009";

    /// <summary>The sandbox phone that answers and sends back what it hears.</summary>
    private const string Echo = "+15550100001";

    [Fact]
    public async Task A_drawn_flow_answers_a_call_and_is_watched_while_it_runs()
    {
        await using var server = await SiftServer.StartAsync();
        await using var browser = await Browser.OpenAsync(server);
        await browser.GoAsync("/studio");
        var designer = new Designer(browser.Page);
        await designer.CreateAsync("Front desk");
        await designer.OpenCategoryAsync("Call");
        await designer.DropAsync("Say", 90, 60);
        await designer.FillAsync("Text", "Welcome to the front desk.");
        await designer.DropAsync("Get digits", 300, 60);
        await designer.AddPortsAsync("Keys", "1", "2");
        await designer.DropAsync("Say", 550, 20);
        await designer.FillAsync("Text", "You have chosen the first branch, thank you very much for that.");
        await designer.DropAsync("Hang up", 620, 180);
        await designer.ConnectAsync("Say1", "Done", "GetDigits1");
        await designer.ConnectAsync("GetDigits1", "1", "Say2");
        await designer.ConnectAsync("GetDigits1", "Timeout", "HangUp1");
        await designer.ConnectAsync("Say2", "Done", "HangUp1");
        await designer.PublishAsync();
        await browser.PictureAsync("studio-designer.png");
        var flow = designer.FlowId;

        var available = await TrunkCall.BindAsync(server, new JsonObject { ["name"] = "Front desk", ["workflow_id"] = flow });
        await using var phone = await BaresipPhone.RegisterAsync(server, Caller);
        await phone.DialAsync($"sip:{available}@127.0.0.1:{server.SipPort}");
        await phone.WaitForOutputAsync("Call established");
        var instance = await Eventually.Get(
            async () => (string?)(await server.GetAsync($"instances?workflow_id={flow}"))["results"]!.AsArray().SingleOrDefault()?["instance_id"],
            TimeSpan.FromSeconds(10),
            () => $"an instance of flow {flow}\n{phone.Output}\n{server.Output}");

        await browser.GoAsync($"/studio/workflows/instances/{instance}/view");
        await Assertions.Expect(Badge(browser.Page, "Say1")).ToHaveTextAsync("1");
        await Assertions.Expect(Badge(browser.Page, "Say2")).ToHaveTextAsync("0");
        await phone.PressAsync("1");
        await Assertions.Expect(Badge(browser.Page, "Say2")).ToHaveTextAsync("1", new() { Timeout = 20_000 });
        await browser.PictureAsync("studio-viewer.png");

        await server.ConnectionInAsync(instance, "finished");
        var heard = await phone.HeardAsync();
        Assert.True(heard.SoundsLikeSpeech(), "the branch speaks");
        Assert.True(heard.Sounding() > TimeSpan.FromSeconds(3), $"greeting and branch were heard, not the greeting alone: {heard.Sounding()}");
        var journal = (await server.GetAsync($"instances/{instance}/journal"))["entries"]!.AsArray();
        Assert.Contains(journal, entry => (string?)entry!["kind"] == "activity.completed" && (string?)entry["data"]!["outcome"] == "1");
        await browser.AssertNoErrorsAsync();
    }

    [Fact]
    public async Task Pages_follow_each_other_without_loading_anew()
    {
        await using var server = await SiftServer.StartAsync();
        await using var browser = await Browser.OpenAsync(server);
        await browser.GoAsync("/studio");
        await browser.Page.EvaluateAsync("() => window.sameDocument = true");

        await browser.Page.GetByText("connection", new() { Exact = true }).ClickAsync();
        await browser.Page.WaitForURLAsync("**/definitions/connection/edit");
        await Assertions.Expect(browser.Page.Locator(".activity-label")).ToHaveCountAsync(3);
        await browser.Page.Locator("#sift-header").GetByText("Calls").ClickAsync();
        await browser.Page.GetByText("Workflow instances").WaitForAsync();

        Assert.True(await browser.Page.EvaluateAsync<bool>("() => window.sameDocument === true"));
        await browser.AssertNoErrorsAsync();
    }

    [Fact]
    public async Task A_routine_is_shown_as_the_list_of_its_commands()
    {
        await using var server = await SiftServer.StartAsync();
        await using var browser = await Browser.OpenAsync(server);
        var call = await server.PostJsonAsync("connections", new JsonObject
        {
            ["phone_number"] = Echo,
            ["routine"] = new JsonArray(TrunkCall.Say("Hello."), TrunkCall.Pause(60), TrunkCall.Say("Good bye."), TrunkCall.HangUp()),
        });
        var id = (string)call["connection_id"]!;
        await server.ConnectionInAsync(id, "connected");

        await browser.GoAsync("/studio/workflows/instances");
        await browser.Page.GetByText(id, new() { Exact = true }).First.ClickAsync();

        await Assertions.Expect(browser.Page.Locator(".activity-label")).ToHaveTextAsync(["Say1", "Pause2", "Say3", "HangUp4"]);
        await Assertions.Expect(Badge(browser.Page, "Say1")).ToHaveTextAsync("1");
        await browser.PictureAsync("studio-routine.png");
        await browser.AssertNoErrorsAsync();
    }

    private static ILocator Badge(IPage page, string activity) => page.Locator(".x6-node")
        .Filter(new() { Has = page.Locator(".activity-label", new() { HasText = activity }) })
        .Locator(".mud-badge").First;
}
