using System.Net;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Sift.Web.Tests.Testing;

/// <summary>A customer's web server on loopback.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly WebApplication application;
    private readonly Channel<Request> requests = Channel.CreateUnbounded<Request>();

    private WebhookReceiver(WebApplication application) => this.application = application;

    public HttpStatusCode Status { get; set; } = HttpStatusCode.OK;

    public string Reply { get; set; } = "";

    public string Url => application.Urls.First() + "/hook";

    public string Host => new Uri(application.Urls.First()).Authority;

    public int WaitingCount => requests.Reader.Count;

    public static async Task<WebhookReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new WebhookReceiver(builder.Build());
        receiver.application.Run(receiver.HandleAsync);
        await receiver.application.StartAsync();
        return receiver;
    }

    public async Task<Request> NextAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        return await requests.Reader.ReadAsync(limit.Token);
    }

    public ValueTask DisposeAsync() => application.DisposeAsync();

    private async Task HandleAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync();
        var headers = http.Request.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.ToString());
        http.Response.StatusCode = (int)Status;
        await http.Response.WriteAsync(Reply);
        requests.Writer.TryWrite(new Request(body, headers));
    }

    internal sealed record Request(string Body, IReadOnlyDictionary<string, string> Headers);
}
