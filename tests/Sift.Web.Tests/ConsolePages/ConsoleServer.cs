using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;
using Sift.Web.Tests.Hosting;
using Sift.Web.Tests.Testing;

namespace Sift.Web.Tests.ConsolePages;

/// <summary>A real server with live calls, a recorded one, a refused one and receivers, all full of markup, and a browser to look at it.</summary>
public sealed class ConsoleServer : IAsyncLifetime
{
    public const string Number = "+15550200001";
    public const string RecordedNumber = "+15550200002";
    public const string OperatorPassword = "the operator's own password";

    private readonly string directory = Directory.CreateTempSubdirectory("sift-console-").FullName;
    private IPlaywright playwright = null!;
    private IBrowser browser = null!;
    private ServerProcess server = null!;

    public string Url => server.Url;

    public string Account => server.Account;

    public HttpClient Api { get; private set; } = null!;

    internal WebhookReceiver Receiver { get; private set; } = null!;

    internal HostilePhone Phone { get; private set; } = null!;

    /// <summary>The connection whose conversation was recorded.</summary>
    public string Recorded { get; private set; } = "";

    public async Task InitializeAsync()
    {
        Receiver = await WebhookReceiver.StartAsync();
        Receiver.Reply = $$"""{"routine":[{"name":"Pause","seconds":600}],"note":{{JsonSerializer.Serialize(HostilePhone.Markup)}}}""";
        server = await ServerProcess.StartAsync(directory, new Dictionary<string, string>
        {
            ["Sift__Trunks__0__Name"] = "carrier",
            ["Sift__Trunks__0__Host"] = "127.0.0.1",
            ["Sift__Trunks__0__Port"] = "9",
            ["Sift__Trunks__0__KeepAliveInterval"] = "00:00:00",
            ["Sift__Numbers__US__0"] = Number,
            ["Sift__Numbers__US__1"] = RecordedNumber,
            ["Sift__Sandbox__Enabled"] = "true",
            ["Sift__Console__Password"] = OperatorPassword,
        });
        Api = server.ClientOf(server.Account, server.Token);
        await BindAsync(Number, new { name = HostilePhone.Markup, on_incoming = Receiver.Url });
        await BindAsync(RecordedNumber, new { name = "Recorder", default_routine = new[] { new { name = "CallPhone", phone_number = "+15550100006", do_record = true } } });
        Phone = new HostilePhone(server.Sip);
        Assert.Equal(200, await Phone.CallAsync(Number));
        Assert.Equal(404, await Phone.CallAsync("+15559998888"));
        await Receiver.NextAsync();
        Recorded = await RecordAsync(async () => Assert.Equal(200, await Phone.CallAsync(RecordedNumber)));
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = "/usr/bin/chromium", Args = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"] });
    }

    public async Task DisposeAsync()
    {
        await browser.DisposeAsync();
        playwright.Dispose();
        Phone.Dispose();
        Api.Dispose();
        await server.DisposeAsync();
        await Receiver.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    /// <summary>A browser of its own, signed in, and what it complains of. Questions are answered with yes.</summary>
    internal Task<(IPage Page, List<string> Complaints)> SignInAsync(ColorScheme scheme = ColorScheme.Light, int width = 1360) => SignInAsync(server.Account, server.Token, scheme, width);

    internal async Task<(IPage Page, List<string> Complaints)> SignInAsync(string account, string token, ColorScheme scheme = ColorScheme.Light, int width = 1360)
    {
        var context = await browser.NewContextAsync(new BrowserNewContextOptions { ColorScheme = scheme, ViewportSize = new ViewportSize { Width = width, Height = 900 } });
        var page = await context.NewPageAsync();
        await page.GotoAsync(Url + "/sign-in?return=/console");
        await page.FillAsync("#account_id", account);
        await page.FillAsync("#token", token);
        await page.ClickAsync("button[type=submit]");
        await page.WaitForURLAsync("**/console", new() { WaitUntil = WaitUntilState.DOMContentLoaded });
        var complaints = new List<string>();
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                complaints.Add(message.Text);
            }
        };
        page.Dialog += async (_, dialog) =>
        {
            if (dialog.Type == "alert")
            {
                complaints.Add("alert: " + dialog.Message);
            }

            await dialog.AcceptAsync();
        };
        return (page, complaints);
    }

    internal async Task<IPage> VisitAsync()
    {
        var context = await browser.NewContextAsync(new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = 1360, Height = 900 } });
        return await context.NewPageAsync();
    }

    public async Task<JsonElement> GetAsync(string path) => await Api.GetFromJsonAsync<JsonElement>(path);

    /// <summary>A call to a tone that is recorded for a second and a half, then ended; its connection.</summary>
    internal async Task<string> RecordAsync(Func<Task> call)
    {
        await call();
        var begun = await RecordingAsync(static recording => recording.GetProperty("status").GetString() != "complete");
        var connection = begun.GetProperty("connection_id").GetString()!;
        var start = begun.GetProperty("start_time").GetDateTimeOffset();
        await RecordingAsync(_ => TimeProvider.System.GetUtcNow() - start > TimeSpan.FromSeconds(1.5));
        (await Api.PostAsync($"/v0/connections/{connection}", new FormUrlEncodedContent([KeyValuePair.Create("status", "finished")]))).EnsureSuccessStatusCode();
        await RecordingAsync(recording => recording.GetProperty("connection_id").GetString() == connection && recording.GetProperty("status").GetString() == "complete");
        return connection;
    }

    private async Task BindAsync(string number, object application)
    {
        var created = await Api.PostAsJsonAsync("/v0/applications", application);
        var id = (await created.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("app_id").GetString();
        (await Api.PostAsJsonAsync("/v0/phonenumbers", new { phone_number = number, application_id = id })).EnsureSuccessStatusCode();
    }

    private async Task<JsonElement> RecordingAsync(Func<JsonElement, bool> isMeant)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await timer.WaitForNextTickAsync(limit.Token))
        {
            var recordings = (await Api.GetFromJsonAsync<JsonElement>("/v0/recordings", limit.Token)).GetProperty("results").EnumerateArray().ToList();
            if (recordings.Exists(recording => isMeant(recording)))
            {
                return recordings.Find(recording => isMeant(recording));
            }
        }

        throw new InvalidOperationException("The timer ended");
    }
}

[CollectionDefinition(Name)]
public sealed class ConsoleServerCollection : ICollectionFixture<ConsoleServer>
{
    public const string Name = "console";
}
