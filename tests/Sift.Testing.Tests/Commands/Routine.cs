using System.Text.Json.Nodes;

namespace Sift.Testing.Tests.Commands;

/// <summary>A call that runs one command and then says "Next.", as the table tests of the commands have it.</summary>
internal static class Routine
{
    public const string Done = "https://app.example.com/done";

    /// <summary>The command, then "Next.", for a caller who does what the script says. Completes when the call is over and all is told.</summary>
    public static async Task<SimulatedCall> RunAsync(string command, Action<CallerScript>? script = null, SimulationOptions? options = null, Action<Simulation>? prepare = null, Func<HttpExchange, Reply>? done = null)
    {
        var simulation = Simulation.Of(request => request.Path == "/incoming" ? Reply.Routine($$"""[{{command}},{"name":"Say","text":"Next."}]""") : done?.Invoke(request) ?? Reply.Empty, options);
        prepare?.Invoke(simulation);
        var call = await simulation.CallAsync(script: script);
        await call.EndsAsync();
        await simulation.FinishAsync();
        return call;
    }

    /// <summary>The body of the one Done callback, without the members that all have, as they are checked here.</summary>
    public static JsonObject DoneBody(SimulatedCall call)
    {
        var webhook = Assert.Single(call.Simulation.Webhooks, static webhook => webhook.Kind == "on_done");
        Assert.Equal(Done, webhook.Url.AbsoluteUri);
        Assert.Equal("application/json", webhook.Headers["Content-Type"]);
        var body = (JsonObject)webhook.Body.DeepClone();
        Assert.Equal(("1122334455667788", call.ConnectionId), ((string?)body["account_id"], (string?)body["connection_id"]));
        body.Remove("account_id");
        body.Remove("connection_id");
        return body;
    }

    /// <summary>What a routine is refused with.</summary>
    public static string Refusal(string command) => Assert.Throws<SimulationException>(() => Simulation.Of($"[{command}]")).Message;
}
