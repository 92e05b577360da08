using System.Buffers.Binary;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using Sift.EndToEnd.Tests.Peers;

namespace Sift.EndToEnd.Tests.Browser;

/// <summary>Debian's Chromium without a screen, one process per voice: its microphone is a tone.</summary>
public sealed class Chromium : IAsyncLifetime
{
    public const string Collection = "chromium";

    private const string Program = "/usr/bin/chromium";
    private const int SampleRate = 48_000;

    private readonly Dictionary<int, IBrowser> _browsers = [];
    private readonly string _directory = TemporaryFolder.Create("sift-chromium-");
    private readonly int _port = Ports.Next();
    private IPlaywright? _playwright;
    private WebApplication? _site;

    public async Task InitializeAsync()
    {
        _playwright = await Playwright.CreateAsync();

        // A web site of its own, as a customer has one. Pages made up by the driver will not do: Chromium takes them for pages of the open
        // internet and keeps them from connecting to this machine.
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{_port}");
        _site = builder.Build();
        _site.Run(context =>
        {
            context.Response.ContentType = "text/html";
            return context.Response.WriteAsync(BrowserPage.Html.Replace("SERVER", context.Request.Query["server"], StringComparison.Ordinal));
        });
        await _site.StartAsync();
    }

    /// <summary>A page that logs in at that server.</summary>
    internal string ClientUrl(SiftServer server, string token) => $"http://127.0.0.1:{_port}/client?server={server.BaseUrl}#{token}";

    /// <summary>A page of its own session in the browser that speaks with that pitch.</summary>
    public async Task<IPage> NewPageAsync(int tone, bool allowMicrophone = true)
    {
        if (!_browsers.TryGetValue(allowMicrophone ? tone : 0, out var browser))
        {
            browser = await _playwright!.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
            {
                ExecutablePath = Program,
                Headless = true,
                Args =
                [
                    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
                    "--autoplay-policy=no-user-gesture-required", "--disable-background-timer-throttling", "--disable-renderer-backgrounding",
                    .. allowMicrophone
                        ? (string[])["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", $"--use-file-for-fake-audio-capture={ToneFile(tone)}"]
                        : ["--use-fake-device-for-media-stream", "--deny-permission-prompts"],
                ],
            });
            _browsers.Add(allowMicrophone ? tone : 0, browser);
        }

        var context = await browser.NewContextAsync();
        await context.AddInitScriptAsync(BrowserPage.Instruments);
        return await context.NewPageAsync();
    }

    public async Task DisposeAsync()
    {
        foreach (var browser in _browsers.Values)
        {
            await browser.DisposeAsync();
        }

        _playwright?.Dispose();
        await _site!.DisposeAsync();
        TemporaryFolder.Delete(_directory);
    }

    /// <summary>A whole number of periods, since the browser plays it over and over.</summary>
    private string ToneFile(int tone)
    {
        var path = Path.Combine(_directory, $"{tone}.wav");
        var samples = SampleRate * 2;
        var file = new byte[44 + (2 * samples)];
        "RIFF"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), file.Length - 8);
        "WAVEfmt "u8.CopyTo(file.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(16), 16);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(20), 1);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(22), 1);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(24), SampleRate);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(28), SampleRate * 2);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(32), 2);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(34), 16);
        "data"u8.CopyTo(file.AsSpan(36));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(40), 2 * samples);
        for (var i = 0; i < samples; i++)
        {
            BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(44 + (2 * i)), (short)(8000 * Math.Sin(2 * Math.PI * tone * i / SampleRate)));
        }

        File.WriteAllBytes(path, file);
        return path;
    }
}

[CollectionDefinition(Chromium.Collection)]
public sealed class ChromiumCollection : ICollectionFixture<Chromium>;
