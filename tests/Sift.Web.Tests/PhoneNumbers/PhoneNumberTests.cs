using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Sift.Activities.Connections;
using Sift.Web.Tests.Testing;

namespace Sift.Web.Tests.PhoneNumbers;

[Collection(SiftServerCollection.Name)]
public sealed class PhoneNumberTests(SiftServer server)
{
    [Fact]
    public async Task The_guides_steps_register_the_first_available_number()
    {
        var available = JsonNode.Parse(await server.Client.GetStringAsync("/v0/availablenumbers/US"))!.AsArray();
        var number = available[0]!.GetValue<string>();
        Assert.Matches(@"^\+1555\d{7}$", number);
        var application = await server.NewApplicationAsync();
        var response = await server.Client.PostAsync("/v0/phonenumbers", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["phone_number"] = number,
            ["application_id"] = application,
        }));
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var registered = await SiftServer.JsonAsync(response);
        Assert.Equal(application, registered["application_id"]!.GetValue<string>());
        Assert.Equal(application, registered["app_id"]!.GetValue<string>());
        Assert.DoesNotContain(number, await server.Client.GetStringAsync("/v0/availablenumbers/US"), StringComparison.Ordinal);
        var directory = server.Services.GetRequiredService<INumberDirectory>();
        Assert.Equal(application, (await directory.FindByNumberAsync(number, default))!.ApplicationId);
        Assert.Contains($"[\"{number}\"]", await server.Client.GetStringAsync($"/v0/applications/{application}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_phone_of_the_guide_and_unknown_numbers_are_not_for_sale()
    {
        foreach (var number in new[] { "+15554443333", "+442071838750" })
        {
            var response = await server.Client.PostAsJsonAsync("/v0/phonenumbers", new { phone_number = number, application_id = "0000000000000000" });
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            Assert.Equal(["application_id", "phone_number"], (await SiftServer.JsonAsync(response))["errors"]!.AsObject().Select(error => error.Key).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task A_number_is_rebound_by_alias_unbound_and_released_and_the_directory_follows()
    {
        const string Number = "+15550204001";
        var directory = server.Services.GetRequiredService<INumberDirectory>();
        var (first, second) = (await server.NewApplicationAsync("first"), await server.NewApplicationAsync("second"));
        Assert.Null(await directory.FindByNumberAsync(Number, default));
        await server.Client.PostAsJsonAsync("/v0/phonenumbers", new { phone_number = Number, app_id = first });
        Assert.Equal(first, (await directory.FindByNumberAsync(Number, default))!.ApplicationId);
        Assert.Equal(HttpStatusCode.OK, (await server.Client.PatchAsync($"/v0/phonenumbers/{Number}", Json($$"""{"application_id":"{{second}}"}"""))).StatusCode);
        Assert.Equal(second, (await directory.FindByNumberAsync(Number, default))!.ApplicationId);
        await server.Client.PatchAsync($"/v0/applications/{second}", Json("""{"on_incoming":"https://changed.example/in"}"""));
        Assert.Equal("https://changed.example/in", (await directory.FindByNumberAsync(Number, default))!.OnIncoming);
        await server.Client.PutAsync($"/v0/phonenumbers/{Number[1..]}", Json("""{"app_id":null}"""));
        Assert.Null(await directory.FindByNumberAsync(Number, default));
        Assert.Equal(HttpStatusCode.NoContent, (await server.Client.DeleteAsync($"/v0/phonenumbers/%2B{Number[1..]}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Client.GetAsync($"/v0/phonenumbers/{Number}")).StatusCode);
    }

    [Fact]
    public async Task A_taken_number_is_a_conflict_and_anothers_number_does_not_exist()
    {
        const string Number = "+15550204002";
        Assert.Equal(HttpStatusCode.Created, (await server.Client.PostAsJsonAsync("/v0/phonenumbers", new { phone_number = Number })).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await server.Client.PostAsJsonAsync("/v0/phonenumbers", new { phone_number = Number })).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await server.Stranger.PostAsJsonAsync("/v0/phonenumbers", new { phone_number = Number })).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Stranger.GetAsync($"/v0/phonenumbers/{Number}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Stranger.DeleteAsync($"/v0/phonenumbers/{Number}")).StatusCode);
    }

    [Fact]
    public async Task A_number_cannot_be_bound_to_anothers_application()
    {
        var response = await server.Stranger.PostAsJsonAsync("/v0/phonenumbers", new { phone_number = "+15550204003", application_id = await server.NewApplicationAsync() });
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.NotEmpty(await SiftServer.ErrorsAsync(response, "application_id"));
    }

    [Fact]
    public async Task Aliases_that_disagree_are_refused()
        => Assert.NotEmpty(await SiftServer.ErrorsAsync(
            await server.Client.PostAsJsonAsync("/v0/phonenumbers", new { phone_number = "+15550204004", application_id = "a", app_id = "b" }), "app_id"));

    [Fact]
    public async Task Configured_numbers_are_for_sale_and_pages_can_be_asked_for()
    {
        Assert.Contains("+4799999999", await server.Client.GetStringAsync("/v0/availablenumbers/no"), StringComparison.Ordinal);
        Assert.Equal("[]", await server.Client.GetStringAsync("/v0/availablenumbers/ZZ"));
        var page = await SiftServer.JsonAsync(await server.Client.GetAsync("/v0/availablenumbers/GB?format=page&limit=2"));
        var next = await SiftServer.JsonAsync(await server.Client.GetAsync(page["next"]!.GetValue<string>()));
        Assert.Equal(2, page["results"]!.AsArray().Count);
        Assert.True(string.CompareOrdinal(page["results"]![1]!.GetValue<string>(), next["results"]![0]!.GetValue<string>()) < 0);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.Client.GetAsync("/v0/availablenumbers/USA")).StatusCode);
    }

    private static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");
}
