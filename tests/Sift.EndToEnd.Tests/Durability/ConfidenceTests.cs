using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Sift.EndToEnd.Tests.Peers;
using Sift.EndToEnd.Tests.Sip;

namespace Sift.EndToEnd.Tests.Durability;

/// <summary>
/// What a caller enters in confidence reaches the customer's server and nobody else, even when that server fails, repeats it and has it read back;
/// and the log names nobody.
/// </summary>
public sealed class ConfidenceTests
{
    private const string Caller = "+15557770731";
    private const string Stranger = "+15558889463";
    private const string Pin = "73914";

    [Fact]
    public async Task Digits_entered_in_confidence_are_nowhere_to_be_seen_and_the_log_holds_no_numbers()
    {
        await using var server = await SiftServer.StartAsync(("Sift__Sandbox__Enabled", "true"), ("Logging__LogLevel__Default", "Information"));
        await using var receiver = await CallbackReceiver.StartAsync();
        receiver.Routine("in", new JsonObject
        {
            ["name"] = "GetDigits", ["count"] = Pin.Length, ["timeout_seconds"] = 30, ["sensitive"] = true, ["text"] = "Your secret, please.", ["on_done"] = receiver.Url("digits"),
        });
        var answers = 0;
        receiver.Answer("digits", body =>
        {
            // First the worst that can happen to a secret: an error page that repeats it. Then an announcement of it.
            var echo = (string)body["digits"]!;
            return Task.FromResult(Interlocked.Increment(ref answers) == 1
                ? Results.Content($"no such pin: {echo}", "text/plain", statusCode: 500)
                : Results.Content($$"""{"routine":[{"name":"Say","text":"You have entered {{echo}}."},{"name":"HangUp"}]}""", "application/json"));
        });
        var application = await server.PostJsonAsync("applications", new JsonObject { ["name"] = "pins", ["on_incoming"] = receiver.Url("in") });
        var number = (string)JsonNode.Parse(await server.Api.GetStringAsync("availablenumbers/US"))![0]!;
        await server.PostJsonAsync("phonenumbers", new JsonObject { ["phone_number"] = number, ["application_id"] = (string)application["app_id"]! });
        await using var phone = await BaresipPhone.RegisterAsync(server, Caller);
        await phone.DialAsync($"sip:{number}@127.0.0.1:{server.SipPort}");
        await TrunkCall.AsksForDigitsAsync(server, phone, (string)(await receiver.WaitForAsync("in")).Body["connection"]!["connection_id"]!);
        await phone.PressAsync(Pin);
        var told = await receiver.WaitForAsync("digits", callback => (string?)callback.Body["digits"] == Pin);
        var id = (string)told.Body["connection_id"]!;
        await server.ConnectionInAsync(id, "finished");

        // Calls that fail, are refused and are told to nobody listening, so that the log has something to say.
        var failed = await server.PostFormAsync("connections", ("phone_number", "+15550100002"), ("caller_id", number), ("status_url", "http://127.0.0.1:9/away"));
        await server.ConnectionInAsync((string)failed["connection_id"]!, "failed");
        await phone.DialAsync($"sip:{Stranger}@127.0.0.1:{server.SipPort}");
        await Eventually.True(() => server.Output.Contains("failed: no connection", StringComparison.Ordinal), TimeSpan.FromSeconds(20), () => $"the log tells of the failed callback\n{server.Output}");

        Assert.True(answers >= 2);
        foreach (var (place, text) in await EverythingShownAsync(server, id))
        {
            Assert.False(text.Contains(Pin, StringComparison.Ordinal), $"{place} shows what was entered in confidence");
        }

        Assert.DoesNotContain(Pin, server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(Caller[1..], server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(Stranger[1..], server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("15550100002", server.Output, StringComparison.Ordinal);
    }

    private static async Task<List<(string Place, string Text)>> EverythingShownAsync(SiftServer server, string id)
    {
        var shown = new List<(string, string)>();
        List<string> paths = [$"/v0/connections/{id}", $"/v0/connections/{id}/timeline", $"/v0/connections/{id}/pcap", $"/v0/instances/{id}", $"/v0/instances/{id}/journal", $"/v0/deliveries?connection_id={id}", "/metrics"];
        var deliveries = (await server.GetAsync($"deliveries?connection_id={id}"))["results"]!.AsArray().Select(delivery => (string)delivery!["delivery_id"]!).ToList();
        Assert.True(deliveries.Count >= 2);
        paths.AddRange(deliveries.Select(delivery => $"/v0/deliveries/{delivery}"));
        foreach (var path in paths)
        {
            shown.Add((path, await server.Api.GetStringAsync(server.BaseUrl + path)));
        }

        using var browser = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer() }) { BaseAddress = new Uri(server.BaseUrl) };
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("account_id", SiftServer.AccountId), KeyValuePair.Create("token", SiftServer.AuthToken), KeyValuePair.Create("return", "/console")]);
        using var signIn = new HttpRequestMessage(HttpMethod.Post, "/sign-in") { Content = form };
        signIn.Headers.Add("Origin", server.BaseUrl);
        (await browser.SendAsync(signIn)).EnsureSuccessStatusCode();
        paths = ["/console", "/console/connections", $"/console/connections/{id}", "/console/deliveries", "/console/audit", $"/elsa/api/workflow-instances/{id}", $"/elsa/api/workflow-instances/{id}/variables", $"/elsa/api/workflow-instances/{id}/execution-state"];
        paths.AddRange(deliveries.Select(delivery => $"/console/deliveries/{delivery}"));
        foreach (var path in paths)
        {
            shown.Add((path, await browser.GetStringAsync(path)));
        }

        return shown;
    }
}
