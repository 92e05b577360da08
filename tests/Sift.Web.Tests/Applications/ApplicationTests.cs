using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Sift.Web.Tests.Testing;

namespace Sift.Web.Tests.Applications;

[Collection(SiftServerCollection.Name)]
public sealed class ApplicationTests(SiftServer server)
{
    [Fact]
    public async Task The_guides_form_post_creates_an_application()
    {
        var response = await server.Client.PostAsync("/v0/applications", Form(("name", "My app"), ("on_incoming", "http://example.com/on_incoming")));
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var application = await SiftServer.JsonAsync(response);
        Assert.Matches("^[0-9a-f]{16}$", application["app_id"]!.GetValue<string>());
        Assert.Equal(application["app_id"]!.GetValue<string>(), application["application_id"]!.GetValue<string>());
        Assert.Equal("http://example.com/on_incoming", application["on_incoming"]!.GetValue<string>());
        Assert.EndsWith($"/v0/applications/{application["app_id"]}", response.Headers.Location!.AbsoluteUri, StringComparison.Ordinal);
        Assert.False(application.ContainsKey("default_routine"));
        var read = await SiftServer.JsonAsync(await server.Client.GetAsync(response.Headers.Location));
        Assert.True(JsonNode.DeepEquals(application, read));
    }

    [Fact]
    public async Task A_form_carries_a_list_as_json_text_and_gives_the_same_as_json()
    {
        const string Routine = """[{"name":"Say","text":"Hello"},{"name":"HangUp"}]""";
        var form = await SiftServer.JsonAsync(await server.Client.PostAsync("/v0/applications", Form(("name", "a"), ("default_routine", Routine))));
        var json = await SiftServer.JsonAsync(await server.Client.PostAsync("/v0/applications", Json($$"""{"name":"a","default_routine":{{Routine}}}""")));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Routine), form["default_routine"]));
        Assert.True(JsonNode.DeepEquals(form["default_routine"], json["default_routine"]));
    }

    [Fact]
    public async Task Every_bad_field_is_named_at_once()
    {
        var response = await server.Client.PostAsync("/v0/applications", Json(
            """{"name":7,"on_incoming":"ftp://x","answer":"maybe","default_routine":[{"name":"Sing"},{"name":"Say"}],"script":"https://x/y","colour":"red","phone_numbers":["+15550100200"]}"""));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        var problem = await SiftServer.JsonAsync(response);
        Assert.Equal(
            ["answer", "colour", "default_routine", "name", "on_incoming", "phone_numbers", "script"],
            problem["errors"]!.AsObject().Select(error => error.Key).Order(StringComparer.Ordinal));
        Assert.Equal(["must be a string"], await SiftServer.ErrorsAsync(response, "name"));
        var routine = await SiftServer.ErrorsAsync(response, "default_routine");
        Assert.Contains(routine, message => message.Contains("[0].name", StringComparison.Ordinal));
        Assert.Contains(routine, message => message.Contains("[1].text", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{", "body")]
    [InlineData("[]", "body")]
    [InlineData("""{"name":"a","name":"b"}""", "body")]
    [InlineData("{}", "name")]
    [InlineData("""{"name":"a"}""", "on_incoming")]
    [InlineData("""{"name":"","on_incoming":"https://x.example"}""", "name")]
    public async Task A_body_that_makes_no_application_is_refused(string body, string field)
    {
        var response = await server.Client.PostAsync("/v0/applications", Json(body));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.NotEmpty(await SiftServer.ErrorsAsync(response, field));
    }

    [Fact]
    public async Task A_field_given_twice_in_a_form_is_refused()
        => Assert.Equal(["is given more than once"], await SiftServer.ErrorsAsync(
            await server.Client.PostAsync("/v0/applications", Form(("name", "a"), ("name", "b"), ("on_incoming", "https://x.example"))), "name"));

    [Fact]
    public async Task Other_content_types_are_refused()
    {
        var xml = await server.Client.PostAsync("/v0/applications", new StringContent("<a/>", Encoding.UTF8, "application/xml"));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, xml.StatusCode);
    }

    [Fact]
    public async Task Patch_changes_what_is_sent_and_null_unsets()
    {
        var id = await server.NewApplicationAsync();
        var path = $"/v0/applications/{id}";
        var changed = await SiftServer.JsonAsync(await server.Client.PatchAsync(path, Json("""{"answer":"on_demand","fallback_url":"https://b.example/f"}""")));
        Assert.Equal("on_demand", changed["answer"]!.GetValue<string>());
        Assert.Equal("Front desk", changed["name"]!.GetValue<string>());
        changed = await SiftServer.JsonAsync(await server.Client.PatchAsync(path, Json("""{"fallback_url":null}""")));
        Assert.False(changed.ContainsKey("fallback_url"));
        Assert.Equal("on_demand", changed["answer"]!.GetValue<string>());
        Assert.NotEmpty(await SiftServer.ErrorsAsync(await server.Client.PatchAsync(path, Json("""{"on_incoming":null}""")), "on_incoming"));
        Assert.NotEmpty(await SiftServer.ErrorsAsync(await server.Client.PatchAsync(path, Json("""{"name":null}""")), "name"));
    }

    [Fact]
    public async Task Put_replaces_the_whole_application()
    {
        var path = $"/v0/applications/{await server.NewApplicationAsync()}";
        var replaced = await SiftServer.JsonAsync(await server.Client.PutAsync(path, Json("""{"name":"n","default_routine":[{"name":"HangUp"}]}""")));
        Assert.Equal("n", replaced["name"]!.GetValue<string>());
        Assert.False(replaced.ContainsKey("on_incoming"));
        Assert.Equal(HttpStatusCode.BadRequest, (await server.Client.PutAsync(path, Json("""{"name":"n"}"""))).StatusCode);
    }

    [Fact]
    public async Task Delete_removes_it_and_unbinds_its_numbers()
    {
        var id = await server.NewApplicationAsync();
        await server.Client.PostAsJsonAsync("/v0/phonenumbers", new { phone_number = "+15550205001", application_id = id });
        Assert.Equal(HttpStatusCode.NoContent, (await server.Client.DeleteAsync($"/v0/applications/{id}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Client.GetAsync($"/v0/applications/{id}")).StatusCode);
        var number = await SiftServer.JsonAsync(await server.Client.GetAsync("/v0/phonenumbers/+15550205001"));
        Assert.Null(number["application_id"]);
    }

    [Fact]
    public async Task Another_accounts_application_does_not_exist()
    {
        var path = $"/v0/applications/{await server.NewApplicationAsync()}";
        Assert.Equal(HttpStatusCode.NotFound, (await server.Stranger.GetAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Stranger.PatchAsync(path, Json("""{"name":"x"}"""))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Stranger.DeleteAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync(path)).StatusCode);
        Assert.Empty((await SiftServer.JsonAsync(await server.Stranger.GetAsync("/v0/applications")))["results"]!.AsArray());
    }

    private static FormUrlEncodedContent Form(params (string, string)[] fields) => new(fields.Select(field => KeyValuePair.Create(field.Item1, field.Item2)));

    private static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");
}
