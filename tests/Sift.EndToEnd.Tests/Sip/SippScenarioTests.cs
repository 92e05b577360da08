using Sift.EndToEnd.Tests.Peers;

namespace Sift.EndToEnd.Tests.Sip;

/// <summary>What carriers and broken networks do, played by sipp.</summary>
public sealed class SippScenarioTests
{
    [Theory]
    [InlineData("listen")]
    [InlineData("no-sdp")]
    [InlineData("two-bodies")]
    [InlineData("send-only")]
    [InlineData("lost-ack")]
    [InlineData("duplicate-invite")]
    public async Task Answers_speaks_and_hangs_up(string scenario)
    {
        var port = Ports.Next();
        await using var server = await TrunkCall.ServerAsync(port);
        var number = await TrunkCall.NumberAsync(server, TrunkCall.Say("One moment please."), TrunkCall.Pause(2), TrunkCall.HangUp());

        var result = await RunAsync(server, port, number, scenario);

        Assert.True(result is { Successful: 1, Failed: 0 }, result.Errors + server.Output);
        var connection = Assert.Single((await server.GetAsync("connections"))["results"]!.AsArray());
        await server.ConnectionInAsync((string)connection!["connection_id"]!, "finished");
        Assert.Equal("+15557770009", (string?)connection["from"]);
    }

    [Fact]
    public async Task Refuses_a_call_without_a_common_codec_with_488()
    {
        var port = Ports.Next();
        await using var server = await TrunkCall.ServerAsync(port);
        var number = await TrunkCall.NumberAsync(server, TrunkCall.HangUp());

        var result = await RunAsync(server, port, number, "codec-mismatch");

        Assert.True(result is { Successful: 1, Failed: 0 }, result.Errors + server.Output);
    }

    [Fact]
    public async Task Gives_up_a_call_whose_answer_is_never_acknowledged()
    {
        var port = Ports.Next();
        await using var server = await TrunkCall.ServerAsync(port);
        var number = await TrunkCall.NumberAsync(server, TrunkCall.Pause(120));

        var result = await RunAsync(server, port, number, "never-ack", TimeSpan.FromSeconds(50));

        Assert.True(result is { Successful: 1, Failed: 0 }, result.Errors + server.Output);
    }

    [Fact]
    public async Task Ends_a_call_whose_media_stopped_without_a_bye()
    {
        var port = Ports.Next();
        await using var server = await TrunkCall.ServerAsync(port, ("Sift__Media__MediaLossWarning", "00:00:02"), ("Sift__Media__MediaLossTimeout", "00:00:04"));
        var number = await TrunkCall.NumberAsync(server, TrunkCall.Pause(120));

        var result = await RunAsync(server, port, number, "lost-bye", TimeSpan.FromSeconds(30));

        Assert.True(result is { Successful: 1, Failed: 0 }, result.Errors + server.Output);
        var connection = Assert.Single((await server.GetAsync("connections"))["results"]!.AsArray());
        await server.ConnectionInAsync((string)connection!["connection_id"]!, "finished");
    }

    [Theory]
    [InlineData("info-digits", "42#")]
    [InlineData("inband-digits", "42#")]
    public async Task Hears_digits_once_each(string scenario, string digits)
    {
        var port = Ports.Next();
        await using var receiver = await CallbackReceiver.StartAsync();
        receiver.Routine("digits", TrunkCall.HangUp());
        await using var server = await TrunkCall.ServerAsync(port);
        var number = await TrunkCall.NumberAsync(server, new System.Text.Json.Nodes.JsonObject
        {
            ["name"] = "GetDigits",
            ["timeout_seconds"] = 3,
            ["count"] = 3,
            ["on_done"] = receiver.Url("digits"),
        });

        var result = await RunAsync(server, port, number, scenario);

        Assert.True(result is { Successful: 1, Failed: 0 }, result.Errors + server.Output);
        Assert.Equal(digits, (string?)Assert.Single(receiver.At("digits")).Body["digits"]);
    }

    [Fact]
    public async Task A_caller_who_gives_up_while_it_rings_is_answered_487()
    {
        var port = Ports.Next();
        await using var receiver = await CallbackReceiver.StartAsync();
        receiver.Answer("incoming", async _ =>
        {
            await Task.Delay(1500);
            return Microsoft.AspNetCore.Http.Results.Ok();
        });
        await using var server = await TrunkCall.ServerAsync(port);
        var number = await TrunkCall.BindAsync(server, new System.Text.Json.Nodes.JsonObject
        {
            ["name"] = "slow",
            ["on_incoming"] = receiver.Url("incoming"),
            ["answer"] = "on_demand",
        });

        var result = await RunAsync(server, port, number, "cancel");

        Assert.True(result is { Successful: 1, Failed: 0 }, result.Errors + server.Output);
    }

    [Fact]
    public async Task A_thousand_calls_at_fifty_per_second_all_succeed()
    {
        var port = Ports.Next();
        await using var server = await TrunkCall.ServerAsync(port, ("Sift__Media__PortMin", "24000"), ("Sift__Media__PortMax", "29999"));
        var number = await TrunkCall.NumberAsync(server, TrunkCall.Pause(60));

        var result = await Sipp.RunAsync(
            server.SipPort, number, TimeSpan.FromSeconds(90),
            "-sn", "uac", "-p", port.ToString(), "-r", "50", "-m", "1000", "-d", "1000");

        Assert.True(result is { Successful: 1000, Failed: 0 }, $"{result.Successful} succeeded, {result.Failed} failed\n{result.Errors}");
    }

    [Fact]
    public async Task Calls_sipps_answering_scenario_through_a_trunk()
    {
        var port = Ports.Next();
        await using var receiver = await CallbackReceiver.StartAsync();
        receiver.Answer("status", body => Task.FromResult(
            (string?)body["connection"]!["status"] == "connected"
                ? Microsoft.AspNetCore.Http.Results.Content("""{"routine":[{"name":"Say","text":"Hello."},{"name":"HangUp"}]}""", "application/json")
                : Microsoft.AspNetCore.Http.Results.Ok()));
        await using var server = await TrunkCall.ServerAsync(port);
        await using var answering = Sipp.Start(server.SipPort, "uas", out var directory, "-sn", "uas", "-p", port.ToString(), "-m", "20", "-mp", Ports.Range(4).ToString());

        await Eventually.True(() => !Ports.IsFree(port), TimeSpan.FromSeconds(10), () => $"sipp listens\n{answering.Output}");

        for (var i = 0; i < 20; i++)
        {
            await server.PostFormAsync("connections", ("phone_number", $"+1555666{i:0000}"), ("status_url", receiver.Url("status")));
        }

        await answering.WaitForExitAsync(TimeSpan.FromSeconds(40));
        var result = Sipp.SippResult.Read(directory, answering.Output);
        Assert.True(result is { Successful: 20, Failed: 0 }, result.Errors + server.Output);
        await Eventually.True(
            () => receiver.At("status").Count(c => c.Status == "finished") == 20,
            TimeSpan.FromSeconds(10),
            () => $"20 calls told as finished: {receiver.At("status").Count(c => c.Status == "finished")}");
    }

    private static Task<Sipp.SippResult> RunAsync(SiftServer server, int port, string number, string scenario, TimeSpan? limit = null) =>
        Sipp.RunAsync(
            server.SipPort, number, limit ?? TimeSpan.FromSeconds(30),
            "-sf", Repository.Scenario($"{scenario}.xml"), "-p", port.ToString(), "-m", "1", "-mp", Ports.Range(4).ToString());
}
