using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Logging;

namespace Sift.Testing.Tests;

/// <summary>A customer's real web application, in the simulator by its handler, and what is on the wire between the two.</summary>
public sealed class WebApplicationTests
{
    [Fact]
    public async Task A_real_application_answers_the_webhooks_of_a_call()
    {
        await using var application = await StartAsync();
        await using var call = await Simulation.Of(application.GetTestServer().CreateHandler(), "https://shop.example.com/incoming").CallAsync(from: "+15550100200");

        await call.HearsAsync("press 1");
        await call.PressAsync("1");
        await call.EndsAsync();

        Assert.Equal(["Hello +15550100200, press 1 or 2.", "You pressed 1."], call.Said);
        Assert.DoesNotContain(call.Heard, heard => heard.Kind == HeardKind.Hold);
    }

    [Fact]
    public async Task A_redirect_and_an_error_of_a_real_application_are_failures()
    {
        await using var application = await StartAsync();
        await using var call = await Simulation.Of(application.GetTestServer().CreateHandler(), "https://shop.example.com/moved", new SimulationOptions { FallbackRoutine = """[{"name":"Say","text":"The fallback."}]""" }).CallAsync();

        await call.EndsAsync();

        Assert.Equal(["The fallback."], call.Said);
        Assert.True(call.Simulation.Webhooks.Count > 3, "it is tried again until the deadline");
    }

    [Fact]
    public async Task Webhooks_carry_id_timestamp_and_signature()
    {
        const string Secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZg==";
        await using var simulation = Simulation.Of(_ => Reply.Routine("""[{"name":"HangUp"}]"""), new SimulationOptions { WebhookSecret = Secret });
        var call = await simulation.CallAsync(clientData: """{"cart":7}""");
        await call.EndsAsync();

        var webhook = Assert.Single(simulation.Webhooks);
        var signed = $"{webhook.WebhookId}.{webhook.Headers["webhook-timestamp"]}.{webhook.Content}";
        var expected = Convert.ToBase64String(System.Security.Cryptography.HMACSHA256.HashData("0123456789abcdef"u8, System.Text.Encoding.UTF8.GetBytes(signed)));
        Assert.Equal("v1," + expected, webhook.Headers["webhook-signature"]);
        Assert.Equal((call.ConnectionId, "incoming", 7), ((string?)webhook.Body["connection"]!["connection_id"], (string?)webhook.Body["connection"]!["direction"], (int)webhook.Body["connection"]!["client_data"]!["cart"]!));
    }

    [Fact]
    public async Task An_answer_that_never_comes_costs_15_seconds_an_attempt_and_no_real_time()
    {
        await using var call = await Simulation.Of(_ => Reply.Never).CallAsync();

        await call.EndsAsync();

        Assert.Equal([0, 15, 30, 45], call.Simulation.Webhooks.Select(webhook => (int)Math.Round((webhook.At - call.Simulation.Webhooks[0].At).TotalSeconds)));
        Assert.Single(call.Said);
    }

    [Fact]
    public async Task An_answer_cannot_steer_the_simulation_that_waits_for_it()
    {
        SimulatedCall? call = null;
        Exception? problem = null;
        await using var simulation = Simulation.Of(async request =>
        {
            if (request.Path == "/done")
            {
                problem = await Record.ExceptionAsync(() => call!.PressAsync("1"));
            }

            return request.Path == "/incoming" ? Reply.Routine("""[{"name":"Say","text":"Hello","on_done":"https://app.example.com/done"}]""") : Reply.Empty;
        });
        call = await simulation.CallAsync();
        await call.EndsAsync();

        Assert.IsType<SimulationException>(problem);
    }

    private static async Task<WebApplication> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        var application = builder.Build();
        application.MapPost("/incoming", async (HttpContext http) =>
        {
            var from = (string?)(await JsonNode.ParseAsync(http.Request.Body))!["connection"]!["from"];
            await Task.Yield();
            return Results.Text($$"""{"routine":[{"name":"GetDigits","count":1,"text":"Hello {{from}}, press 1 or 2.","on_done":"https://shop.example.com/choice"}]}""", "application/json");
        });
        application.MapPost("/choice", async (HttpContext http) =>
        {
            var digits = (string?)(await JsonNode.ParseAsync(http.Request.Body))!["digits"];
            return Results.Text($$"""{"routine":[{"name":"Say","text":"You pressed {{digits}}."},{"name":"HangUp"}]}""", "application/json");
        });
        application.MapPost("/moved", () => Results.Redirect("/incoming"));
        await application.StartAsync();
        return application;
    }
}
