using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Sift.Bench.Deliveries;

/// <summary>The customers' servers: one process that answers on every address of 127.0.0.0/8, at once but for /hang, where it never answers.</summary>
internal sealed class Receiver : IDisposable
{
    public const string Verb = "receive";
    public const int Port = 17180;

    private readonly Process _process;

    private Receiver(Process process) => _process = process;

    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>A URL at the n-th of many hosts.</summary>
    public static string Url(int host, string path = "hook") => $"http://127.0.{1 + (host / 200)}.{1 + (host % 200)}:{Port}/{path}";

    public static async Task<Receiver> StartAsync()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? [typeof(Receiver).Assembly.Location, Verb] : [Verb]) { RedirectStandardOutput = true };
        var process = Process.Start(start)!;
        if (await process.StandardOutput.ReadLineAsync() is null)
        {
            throw new InvalidOperationException($"The receiver did not start; is port {Port.ToString(CultureInfo.InvariantCulture)} taken?");
        }

        return new Receiver(process);
    }

    /// <summary>What the process of its own does.</summary>
    public static async Task RunAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://0.0.0.0:{Port}");
        await using var application = builder.Build();
        application.Run(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            if (context.Request.Path == "/hang")
            {
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }

            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("{}");
        });
        await application.StartAsync();
        Console.WriteLine("listens");
        await application.WaitForShutdownAsync();
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
