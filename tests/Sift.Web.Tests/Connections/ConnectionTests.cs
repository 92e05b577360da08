using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Sift.Web.Tests.Testing;

namespace Sift.Web.Tests.Connections;

[Collection(SiftServerCollection.Name)]
public sealed class ConnectionTests(SiftServer server)
{
    [Fact]
    public async Task The_guides_form_post_places_a_call()
    {
        var response = await server.Client.PostAsync("/v0/connections", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["phone_number"] = "+15554443333",
            ["status_url"] = "http://example.com/say_hello",
        }));
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var connection = await SiftServer.JsonAsync(response);
        var id = connection["connection_id"]!.GetValue<string>();
        Assert.Equal("connecting", connection["status"]!.GetValue<string>());
        Assert.Equal("outgoing", connection["direction"]!.GetValue<string>());
        Assert.Equal("+15554443333", connection["to"]!.GetValue<string>());
        Assert.EndsWith($"/v0/connections/{id}", response.Headers.Location!.AbsoluteUri, StringComparison.Ordinal);
        Assert.Equal("http://example.com/say_hello", server.Calls.Placed.Single(call => call.ConnectionId == id).StatusUrl);
        Assert.True(JsonNode.DeepEquals(connection, await SiftServer.JsonAsync(await server.Client.GetAsync(response.Headers.Location))));
        Assert.Equal(HttpStatusCode.NotFound, (await server.Stranger.GetAsync(response.Headers.Location)).StatusCode);
    }

    [Theory]
    [InlineData("""{}""", "phone_number", "status_url")]
    [InlineData("""{"phone_number":"5554443333","status_url":"https://a.example"}""", "phone_number")]
    [InlineData("""{"phone_number":"+15554443333","status_url":"a"}""", "status_url")]
    [InlineData("""{"phone_number":"+15554443333","routine":[{"name":"Sing"}],"caller_id":"me","timeout_seconds":0,"x":1}""", "routine", "caller_id", "timeout_seconds", "x")]
    [InlineData("""{"phone_number":"+15554443333","routine":"[]","timeout_seconds":"5"}""", "routine", "timeout_seconds")]
    public async Task Bad_fields_are_all_named_and_nothing_is_dialled(string body, params string[] fields)
    {
        var before = server.Calls.Placed.Count;
        var response = await server.Client.PostAsync("/v0/connections", Json(body));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(fields.Order(StringComparer.Ordinal), (await SiftServer.JsonAsync(response))["errors"]!.AsObject().Select(error => error.Key).Order(StringComparer.Ordinal));
        Assert.Equal(before, server.Calls.Placed.Count);
    }

    [Fact]
    public async Task Many_requests_with_one_key_at_the_same_time_place_one_call()
    {
        var number = "+15550300001";
        var responses = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => PlaceAsync(number, "same-key")));
        var ids = new HashSet<string>();
        foreach (var response in responses)
        {
            Assert.Equal(HttpStatusCode.Created, response.StatusCode);
            ids.Add(await response.Content.ReadAsStringAsync());
        }

        Assert.Single(ids);
        Assert.Single(server.Calls.Placed, call => call.PhoneNumber == number);
        Assert.Equal(19, responses.Count(response => response.Headers.Contains("Idempotency-Replayed")));
    }

    [Fact]
    public async Task A_key_with_another_body_is_refused_and_with_another_account_it_is_another_key()
    {
        Assert.Equal(HttpStatusCode.Created, (await PlaceAsync("+15550300002", "body-key")).StatusCode);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await PlaceAsync("+15550300003", "body-key")).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await PlaceAsync("+15550300004", "body-key", server.Stranger)).StatusCode);
        Assert.DoesNotContain(server.Calls.Placed, call => call.PhoneNumber == "+15550300003");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_that_died_half_way_is_completed_by_its_repetition_without_a_second_call(bool afterAcceptance)
    {
        var (number, key) = afterAcceptance ? ("+15550300005", "dead-after") : ("+15550300006", "dead-before");
        (server.Calls.FailNext, server.Calls.FailAfterAcceptance) = (new InvalidOperationException("the process dies here"), afterAcceptance);
        Assert.Equal(HttpStatusCode.InternalServerError, (await PlaceAsync(number, key)).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await PlaceAsync(number, key)).StatusCode);
        Assert.Single(server.Calls.Placed, call => call.PhoneNumber == number);
    }

    [Fact]
    public async Task A_bad_body_does_not_use_up_its_key()
    {
        Assert.Equal(HttpStatusCode.BadRequest, (await PlaceAsync("nonsense", "corrected")).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await PlaceAsync("+15550300007", "corrected")).StatusCode);
    }

    [Fact]
    public async Task A_new_routine_replaces_what_runs()
    {
        var id = await NewAsync("+15550300010");
        var response = await server.Client.PatchAsync($"/v0/connections/{id}", Json("""{"routine":[{"name":"HangUp"}]}"""));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("HangUp", server.Calls.Replaced.Single(call => call.Id == id).Routine[0]!["name"]!.GetValue<string>());
    }

    [Fact]
    public async Task Status_finished_hangs_up_once()
    {
        var id = await NewAsync("+15550300011");
        var response = await server.Client.PostAsync($"/v0/connections/{id}", new FormUrlEncodedContent(new Dictionary<string, string> { ["status"] = "finished" }));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var connection = await SiftServer.JsonAsync(response);
        Assert.Equal("finished", connection["status"]!.GetValue<string>());
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", connection["end_time"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.Conflict, (await server.Client.PatchAsync($"/v0/connections/{id}", Json("""{"status":"finished"}"""))).StatusCode);
    }

    [Theory]
    [InlineData("{}", "routine")]
    [InlineData("""{"status":"connected"}""", "status")]
    [InlineData("""{"status":"finished","routine":[]}""", "routine")]
    [InlineData("""{"routine":{"name":"HangUp"}}""", "routine")]
    public async Task A_change_that_says_nothing_clear_is_refused(string body, string field)
    {
        var id = await NewAsync("+15550300012");
        var response = await server.Client.PatchAsync($"/v0/connections/{id}", Json(body));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.NotEmpty(await SiftServer.ErrorsAsync(response, field));
    }

    [Fact]
    public async Task Another_accounts_connection_does_not_exist()
    {
        var id = await NewAsync("+15550300013");
        Assert.Equal(HttpStatusCode.NotFound, (await server.Stranger.PatchAsync($"/v0/connections/{id}", Json("""{"status":"finished"}"""))).StatusCode);
        Assert.Equal("connecting", (await SiftServer.JsonAsync(await server.Client.GetAsync($"/v0/connections/{id}")))["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task Lists_page_forward_and_back_over_the_same_items()
    {
        for (var i = 0; i < 7; i++)
        {
            await NewAsync("+15550300020");
        }

        var all = await PageAsync("/v0/connections?to=%2B15550300020");
        Assert.Equal(7, all.Ids.Count);
        var first = await PageAsync("/v0/connections?to=%2B15550300020&limit=3");
        Assert.Null(first.Previous);
        var second = await PageAsync(first.Next!);
        var third = await PageAsync(second.Next!);
        Assert.Null(third.Next);
        Assert.Equal(all.Ids, [.. first.Ids, .. second.Ids, .. third.Ids]);
        var back = await PageAsync(third.Previous!);
        Assert.Equal(second.Ids, back.Ids);
        var start = await PageAsync(back.Previous!);
        Assert.Equal(first.Ids, start.Ids);
        Assert.Null(start.Previous);
        Assert.StartsWith("http://", first.Next, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=x", "limit")]
    [InlineData("cursor=nonsense", "cursor")]
    [InlineData("status=asleep", "status")]
    [InlineData("direction=up", "direction")]
    [InlineData("color=red", "color")]
    public async Task A_list_refuses_parameters_it_does_not_understand(string query, string field)
    {
        var response = await server.Client.GetAsync($"/v0/connections?{query}");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.NotEmpty(await SiftServer.ErrorsAsync(response, field));
    }

    private async Task<string> NewAsync(string number)
        => (await SiftServer.JsonAsync(await server.Client.PostAsJsonAsync("/v0/connections", new { phone_number = number, status_url = "https://a.example/s" })))["connection_id"]!.GetValue<string>();

    private async Task<HttpResponseMessage> PlaceAsync(string number, string key, HttpClient? client = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v0/connections") { Content = JsonContent.Create(new { phone_number = number, status_url = "https://a.example/s" }) };
        request.Headers.Add("Idempotency-Key", key);
        return await (client ?? server.Client).SendAsync(request);
    }

    private async Task<(string? Next, string? Previous, List<string> Ids)> PageAsync(string url)
    {
        var page = await SiftServer.JsonAsync(await server.Client.GetAsync(url));
        Assert.True(page.ContainsKey("next") && page.ContainsKey("previous"));
        return (page["next"]?.GetValue<string>(), page["previous"]?.GetValue<string>(), [.. page["results"]!.AsArray().Select(item => item!["connection_id"]!.GetValue<string>())]);
    }

    private static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");
}
