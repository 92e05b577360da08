using System.Net;
using System.Net.Http.Json;
using Sift.Web.Tests.Testing;

namespace Sift.Web.Tests.Deliveries;

public sealed class DeliveryTests : IClassFixture<SiftServer>, IAsyncLifetime
{
    private readonly SiftServer server;
    private WebhookReceiver receiver = null!;

    public DeliveryTests(SiftServer server) => this.server = server;

    public async Task InitializeAsync() => receiver = await WebhookReceiver.StartAsync();

    public async Task DisposeAsync() => await receiver.DisposeAsync();

    [Fact]
    public async Task A_delivery_is_read_with_its_body_and_every_attempt()
    {
        receiver.Reply = "<b>thanks</b>";
        var id = await server.SendAsync(Deliver.New(receiver.Url));
        var delivery = await server.InStateAsync(id, "succeeded");
        Assert.Equal("""{"text":"a + ü"}""", (string?)delivery["body"]);
        var attempt = Assert.Single(delivery["attempts"]!.AsArray())!;
        Assert.Equal(200, (int?)attempt["status"]);
        Assert.Equal("<b>thanks</b>", (string?)attempt["response_body"]);
    }

    [Fact]
    public async Task Bodies_of_a_sensitive_delivery_are_sent_but_never_shown()
    {
        receiver.Reply = """{"echo":"471108152342"}""";
        var id = await server.SendAsync(Deliver.New(receiver.Url, sensitive: true, body: """{"digits":"471108152342"}"""));
        Assert.Contains("471108152342", (await receiver.NextAsync()).Body, StringComparison.Ordinal);
        await server.InStateAsync(id, "succeeded");
        Assert.DoesNotContain("471108152342", await server.Client.GetStringAsync($"/v0/deliveries/{id}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_delivery_that_failed_waits_for_its_next_attempt()
    {
        receiver.Status = HttpStatusCode.ServiceUnavailable;
        var id = await server.SendAsync(Deliver.New(receiver.Url));
        var delivery = await server.InStateAsync(id, "scheduled");
        Assert.Equal("HTTP 503", (string?)delivery["last_error"]);
        Assert.NotNull(delivery["next_attempt_at"]);
    }

    [Fact]
    public async Task A_delivery_is_sent_once_more_with_the_same_id()
    {
        var id = await server.SendAsync(Deliver.New(receiver.Url));
        await server.InStateAsync(id, "succeeded");
        var response = await server.Client.PostAsync($"/v0/deliveries/{id}/redeliver", null);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal((await receiver.NextAsync()).Headers["webhook-id"], (await receiver.NextAsync()).Headers["webhook-id"]);
        Assert.Equal(2, (int?)(await server.InStateAsync(id, "succeeded"))["attempt_count"]);
    }

    [Fact]
    public async Task A_filtered_set_is_sent_once_more()
    {
        receiver.Status = HttpStatusCode.Gone;
        var wanted = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            wanted.Add(await server.SendAsync(Deliver.New(receiver.Url, kind: i == 2 ? "conversation_event" : "on_done")));
            await server.InStateAsync(wanted[i], "aborted");
            await receiver.NextAsync();
        }

        receiver.Status = HttpStatusCode.OK;
        var response = await server.Client.PostAsJsonAsync("/v0/deliveries/redeliver", new { state = "aborted", kind = "on_done" });
        Assert.Equal(2, (int?)(await SiftServer.JsonAsync(response))["redelivered"]);
        Assert.Equal(wanted[..2].Order(), new[] { (await receiver.NextAsync()).Headers["webhook-id"], (await receiver.NextAsync()).Headers["webhook-id"] }.Order());
        Assert.Equal(0, receiver.WaitingCount);
    }

    [Fact]
    public async Task A_redelivery_to_a_filter_with_an_unknown_state_or_field_is_refused()
    {
        var response = await server.Client.PostAsJsonAsync("/v0/deliveries/redeliver", new { state = "lost", colour = "red" });
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.NotEmpty(await SiftServer.ErrorsAsync(response, "state"));
    }

    [Fact]
    public async Task The_list_is_narrowed_by_state_kind_and_connection()
    {
        var delivery = Deliver.New(receiver.Url, kind: "fallback");
        await server.SendAsync(delivery);
        await server.InStateAsync(delivery.Id, "succeeded");
        var found = await SiftServer.JsonAsync(await server.Client.GetAsync($"/v0/deliveries?state=succeeded&kind=fallback&connection_id={delivery.ConnectionId}"));
        Assert.Equal(delivery.Id, (string?)Assert.Single(found["results"]!.AsArray())!["delivery_id"]);
        var other = await SiftServer.JsonAsync(await server.Client.GetAsync($"/v0/deliveries?state=dead&connection_id={delivery.ConnectionId}"));
        Assert.Empty(other["results"]!.AsArray());
    }

    [Fact]
    public async Task Another_account_sees_and_sends_nothing()
    {
        var id = await server.SendAsync(Deliver.New(receiver.Url));
        await server.InStateAsync(id, "succeeded");
        Assert.Equal(HttpStatusCode.NotFound, (await server.Stranger.GetAsync($"/v0/deliveries/{id}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Stranger.PostAsync($"/v0/deliveries/{id}/redeliver", null)).StatusCode);
    }

    [Fact]
    public async Task A_paused_host_gets_nothing_and_all_of_it_when_it_is_resumed()
    {
        var paused = await SiftServer.JsonAsync(await server.Client.PostAsync($"/v0/endpoints/{receiver.Host}/pause", null));
        Assert.Equal("paused", (string?)paused["state"]);
        var id = await server.SendAsync(Deliver.New(receiver.Url));
        var held = await server.InStateAsync(id, "scheduled");
        Assert.Equal(0, (int?)held["attempt_count"]);
        Assert.Null(held["next_attempt_at"]);
        Assert.Equal(0, receiver.WaitingCount);

        await server.Client.PostAsync($"/v0/endpoints/{receiver.Host}/resume", null);
        Assert.Equal(id, (await receiver.NextAsync()).Headers["webhook-id"]);
        await server.InStateAsync(id, "succeeded");
    }

    [Theory]
    [InlineData("user@host")]
    [InlineData("a%2Fb")]
    public async Task What_is_no_host_is_refused(string host)
        => Assert.Equal(HttpStatusCode.BadRequest, (await server.Client.PostAsync($"/v0/endpoints/{host}/pause", null)).StatusCode);
}
