using System.Net;
using System.Text.RegularExpressions;
using Sift.Web.Tests.Deliveries;
using Sift.Web.Tests.Observability;
using Sift.Web.Tests.Testing;
using Sift.Workflows.Journal;

namespace Sift.Web.Tests.ConsolePages;

[Collection(SiftServerCollection.Name)]
public sealed partial class ConsolePageTests(SiftServer server)
{
    private const string Hostile = "<script>alert('x')</script><img src=x onerror=alert(1)>\"'";

    public static TheoryData<string> Pages { get; } =
        ["", "/connections", "/connections?status=failed&direction=incoming&number=%2B1", "/applications", "/numbers", "/numbers?country=NO", "/trunks", "/deliveries", "/deliveries?state=dead", "/keys", "/audit"];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Every_page_is_whole_and_holds_no_inline_script_or_style(string path)
    {
        var response = await server.Client.GetAsync("/console" + path);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.DoesNotContain("unsafe-inline", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        var html = await response.Content.ReadAsStringAsync();
        Assert.EndsWith("</html>", html.TrimEnd(), StringComparison.Ordinal);
        Assert.DoesNotMatch(Inline(), html);
    }

    [Fact]
    public async Task Without_a_session_a_page_leads_to_the_sign_in()
    {
        var answer = await server.Anonymous.GetAsync("/console/deliveries");
        Assert.Equal("/sign-in", answer.RequestMessage!.RequestUri!.AbsolutePath);
    }

    [Fact]
    public async Task Hostile_names_replies_and_messages_are_shown_as_text()
    {
        await server.NewApplicationAsync(Hostile);
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Reply = Hostile;
        var call = await RecordedCall.WriteAsync(server, new IncidentRecorded(Hostile, null));
        var delivery = Deliver.New(receiver.Url, body: Hostile) with { ConnectionId = call };
        await server.SendAsync(delivery);
        await server.InStateAsync(delivery.Id, "succeeded");

        foreach (var path in new[] { "/applications", $"/connections/{call}", $"/deliveries/{delivery.Id}", "/connections?number=" + Uri.EscapeDataString(Hostile) })
        {
            var html = await server.Client.GetStringAsync("/console" + path);
            Assert.DoesNotContain("<script>alert", html, StringComparison.Ordinal);
            Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
            Assert.Contains("alert(", WebUtility.HtmlDecode(html), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Trunks_and_other_accounts_are_for_the_operator_only()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await server.Stranger.GetAsync("/console/trunks")).StatusCode);
        Assert.DoesNotContain("/console/trunks", await server.Stranger.GetStringAsync("/console"), StringComparison.Ordinal);
        Assert.DoesNotContain(SiftServer.Account, await server.Stranger.GetStringAsync("/console/keys"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_accounts_connection_and_delivery_are_not_there()
    {
        var call = await RecordedCall.WriteAsync(server);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Stranger.GetAsync($"/console/connections/{call}")).StatusCode);
        await using var receiver = await WebhookReceiver.StartAsync();
        var delivery = await server.SendAsync(Deliver.New(receiver.Url));
        await server.InStateAsync(delivery, "succeeded");
        Assert.Equal(HttpStatusCode.NotFound, (await server.Stranger.GetAsync($"/console/deliveries/{delivery}")).StatusCode);
    }

    [Fact]
    public async Task A_sensitive_call_shows_no_digits()
    {
        var call = await RecordedCall.WriteAsync(
            server,
            new ActivityStarted(null, "0", "root:GetDigits2", RecordedCall.GetDigits(true), null),
            new SignalReceived("leg.digit", null, new System.Text.Json.Nodes.JsonObject { ["digit"] = "7" }, null, null));

        var html = await server.Client.GetStringAsync($"/console/connections/{call}");

        Assert.DoesNotContain("key 7", html, StringComparison.Ordinal);
        Assert.Contains("no digits are shown", html, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"<script(?![^>]*\bsrc=)|\son\w+\s*=|\sstyle\s*=|javascript:", RegexOptions.IgnoreCase)]
    private static partial Regex Inline();
}
