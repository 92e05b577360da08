using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Sift.Web.Accounts;
using Sift.Web.Connections;

namespace Sift.Web.Tests.Testing;

/// <summary>The whole server on a database of its own, with call control replaced by one that only writes rows.</summary>
public sealed class SiftServer : IAsyncLifetime
{
    public const string Account = "00112233445566aa";
    public const string Token = "token-of-the-first-account";
    public const string SandboxPassword = "password-of-the-sandbox";

    private readonly Factory factory = new();

    public HttpClient Client { get; private set; } = null!;

    public HttpClient Anonymous { get; private set; } = null!;

    /// <summary>A second account's client.</summary>
    public HttpClient Stranger { get; private set; } = null!;

    public IServiceProvider Services => factory.Services;

    internal FakeCalls Calls => (FakeCalls)Services.GetRequiredService<ICallControl>();

    public async Task InitializeAsync()
    {
        Anonymous = factory.CreateClient();
        Client = ClientOf(Account, Token);
        var created = await Services.GetRequiredService<AccountStore>().CreateAsync("stranger", null, null, default);
        Stranger = ClientOf(created!.Value.Id, created.Value.Token);
    }

    /// <summary>A socket of a browser, not logged in.</summary>
    public Task<System.Net.WebSockets.WebSocket> BrowserSocketAsync() => factory.Server.CreateWebSocketClient().ConnectAsync(new Uri("ws://localhost/webrtc/"), CancellationToken.None);

    public HttpClient ClientOf(string account, string token)
    {
        var client = factory.CreateClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{account}:{token}")));
        return client;
    }

    /// <summary>A client as a browser is: keeps cookies, shows redirects.</summary>
    public HttpClient Browser() => factory.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false, HandleCookies = true });

    /// <summary>A web socket with credentials of its own.</summary>
    public Task<WebSocket> OpenSocketAsync(string path, string account, string token, CancellationToken cancellationToken) => OpenSocketAsync(
        path, request => request.Headers.Authorization = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{account}:{token}")), cancellationToken);

    /// <summary>A web socket whose request carries what it is given.</summary>
    public Task<WebSocket> OpenSocketAsync(string path, Action<HttpRequest> configure, CancellationToken cancellationToken)
    {
        var client = factory.Server.CreateWebSocketClient();
        client.ConfigureRequest = configure;
        return client.ConnectAsync(new Uri(factory.Server.BaseAddress, path), cancellationToken);
    }

    public async Task<string> NewApplicationAsync(string name = "Front desk")
        => (await JsonAsync(await Client.PostAsJsonAsync("/v0/applications", new { name, on_incoming = "https://pbx.example.com/in" })))["app_id"]!.GetValue<string>();

    public static async Task<JsonObject> JsonAsync(HttpResponseMessage response) => JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject();

    /// <summary>The messages for one field of a 400.</summary>
    public static async Task<string[]> ErrorsAsync(HttpResponseMessage response, string field)
        => (await JsonAsync(response))["errors"]?[field]?.AsArray().Select(node => node!.GetValue<string>()).ToArray() ?? [];

    public async Task DisposeAsync() => await factory.DisposeAsync();

    private sealed class Factory : WebApplicationFactory<Program>
    {
        private readonly string directory = Directory.CreateTempSubdirectory("sift-web-").FullName;

        protected override IHost CreateHost(IHostBuilder builder)
        {
            builder.ConfigureHostConfiguration(configuration => configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Sift:DataDirectory"] = directory,
                ["ConnectionStrings:Sift"] = $"Data Source={Path.Combine(directory, "sift.db")}",
                ["Sift:Account:Id"] = Account,
                ["Sift:Account:AuthToken"] = Token,
                ["Sift:Api:RequestsPerSecond"] = "100000",
                ["Sift:Numbers:NO:0"] = "+4799999999",
                ["Sift:Sip:Port"] = "0",
                ["Sift:Sandbox:Password"] = SandboxPassword,
            }));
            return base.CreateHost(builder);
        }

        protected override void ConfigureWebHost(IWebHostBuilder builder)
            => builder.ConfigureTestServices(services => services.AddSingleton<ICallControl, FakeCalls>());

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            Directory.Delete(directory, recursive: true);
        }
    }
}

[CollectionDefinition(Name)]
public sealed class SiftServerCollection : ICollectionFixture<SiftServer>
{
    public const string Name = "server";
}
