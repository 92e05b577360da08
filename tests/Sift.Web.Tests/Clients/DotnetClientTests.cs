using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Sift.Client;
using Sift.Testing;
using Sift.Web.Browser;
using Sift.Web.Tests.Testing;
using Capability = Sift.Client.Capability;

namespace Sift.Web.Tests.Clients;

/// <summary>The .NET client against the server that it is for.</summary>
[Collection(SiftServerCollection.Name)]
public sealed class DotnetClientTests(SiftServer server)
{
    private const string Body = """{"connection":{}}""";
    private static readonly string Secret = "whsec_" + Convert.ToBase64String("0123456789abcdef0123456789abcdef"u8);

    private SiftClient Client => new(server.Anonymous, SiftServer.Account, SiftServer.Token);

    [Fact]
    public async Task Its_tokens_carry_to_the_server_what_was_permitted()
    {
        var token = new Capability(SiftServer.Account, SiftServer.Token)
            .AllowIncoming("Jørgen & co")
            .AllowOutgoing("0f1e2d3c4b5a6978", new Dictionary<string, string> { ["plan"] = "gold+", ["a b"] = "1&2=3" })
            .Mint(TimeSpan.FromMinutes(1));

        var (capability, refusal) = await server.Services.GetRequiredService<CapabilityTokens>().VerifyAsync(token);

        Assert.Null(refusal);
        Assert.Equal(("Jørgen & co", "0f1e2d3c4b5a6978"), (capability!.ClientName, capability.Outgoing!.ApplicationId));
        Assert.Equal("gold+", (string?)capability.Outgoing.Parameters!["plan"]);
        Assert.Equal("1&2=3", (string?)capability.Outgoing.Parameters!["a b"]);
        Assert.InRange(capability.ExpiresAt - DateTimeOffset.UtcNow, TimeSpan.FromSeconds(50), TimeSpan.FromSeconds(61));
    }

    [Fact]
    public async Task Its_calls_reach_the_API()
    {
        var application = await Client.CreateApplicationAsync("client", onIncoming: "https://pbx.example.com/in");
        var number = (await Client.AvailableNumbersAsync("US"))[0];
        var registered = await Client.RegisterNumberAsync(number, application.AppId);
        Assert.Equal((number, application.AppId), (registered.Number, registered.ApplicationId));
        Assert.Contains(registered, await ListAsync(Client.ListPhoneNumbersAsync()));

        var routine = new JsonArray(new JsonObject { ["name"] = "HangUp" });
        var call = await Client.PlaceCallAsync(new NewCall("+15550100200") { Routine = routine }, "one key");
        var again = await Client.PlaceCallAsync(new NewCall("+15550100200") { Routine = routine }, "one key");
        Assert.Equal(call.ConnectionId, again.ConnectionId);
        Assert.Equal(("connecting", "outgoing"), (call.Status, call.Direction));
        await Client.RunAsync(call.ConnectionId, routine);
        Assert.Equal("finished", (await Client.HangUpAsync(call.ConnectionId)).Status);
        Assert.NotNull((await Client.GetConnectionAsync(call.ConnectionId)).EndTime);
        Assert.Contains(call.ConnectionId, (await ListAsync(Client.ListConnectionsAsync())).Select(c => c.ConnectionId));
    }

    [Fact]
    public async Task A_list_is_followed_over_its_pages()
    {
        var wanted = new List<string>();
        for (var i = 0; i < 60; i++)
        {
            wanted.Add((await Client.PlaceCallAsync(new NewCall("+15550100200") { StatusUrl = "https://pbx.example.com/s" })).ConnectionId);
        }

        var seen = (await ListAsync(Client.ListConnectionsAsync())).Select(c => c.ConnectionId).ToList();

        Assert.Empty(wanted.Except(seen));
        Assert.Equal(seen.Count, seen.Distinct().Count());
    }

    [Fact]
    public async Task A_refusal_says_what_is_wrong()
    {
        var refusal = await Assert.ThrowsAsync<SiftException>(() => Client.PlaceCallAsync(new NewCall("5551234")));
        Assert.Equal(400, refusal.Status);
        Assert.Contains("phone_number", refusal.Errors.Keys);

        var stranger = new SiftClient(server.Anonymous, SiftServer.Account, "wrong");
        Assert.Equal(401, (await Assert.ThrowsAsync<SiftException>(() => stranger.GetConnectionAsync("x"))).Status);
    }

    [Fact]
    public void It_knows_the_servers_signatures()
    {
        var time = new VirtualTime();
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var signature = Sign(now.ToString());

        Assert.True(Check(signature));
        Assert.True(Check("v1,AAAA " + signature));
        Assert.False(Check("v1,AAAA"));
        Assert.False(Check(signature.Replace("v1,", "v2,", StringComparison.Ordinal)));
        Assert.False(Check("v1,\u00e6\u00f8\u00e5"));
        Assert.False(WebhookSignature.IsValid([Secret], "id", now.ToString(), signature, "other"u8, time: time));
        Assert.False(WebhookSignature.IsValid([Secret], "id", (now - 301).ToString(), Sign((now - 301).ToString()), Encoding.UTF8.GetBytes(Body), time: time));
        Assert.False(WebhookSignature.IsValid([Secret], null, now.ToString(), signature, Encoding.UTF8.GetBytes(Body), time: time));
        Assert.False(WebhookSignature.IsValid([Secret], "id", "soon", signature, Encoding.UTF8.GetBytes(Body), time: time));

        bool Check(string given) => WebhookSignature.IsValid(["whsec_AAAA", Secret], "id", now.ToString(), given, Encoding.UTF8.GetBytes(Body), time: time);

        string Sign(string timestamp) => "v1," + Convert.ToBase64String(System.Security.Cryptography.HMACSHA256.HashData(
            "0123456789abcdef0123456789abcdef"u8, Encoding.UTF8.GetBytes($"id.{timestamp}.{Body}")));
    }

    private static async Task<List<T>> ListAsync<T>(IAsyncEnumerable<T> items)
    {
        var list = new List<T>();
        await foreach (var item in items)
        {
            list.Add(item);
        }

        return list;
    }
}
