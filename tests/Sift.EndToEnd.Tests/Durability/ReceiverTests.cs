using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Sift.EndToEnd.Tests.Peers;
using Sift.EndToEnd.Tests.Sip;

namespace Sift.EndToEnd.Tests.Durability;

/// <summary>The customer's server goes away and comes back; Sift is killed while it tells of calls.</summary>
public sealed class ReceiverTests
{
    private const string Caller = "+15557770001";

    [Fact]
    public async Task A_caller_hears_hold_while_the_receiver_is_away_and_the_call_goes_on_where_it_was_once()
    {
        await using var server = await SiftServer.StartAsync();
        await using var receiver = await CallbackReceiver.StartAsync();
        receiver.Routine("in", new JsonObject { ["name"] = "GetDigits", ["count"] = 1, ["timeout_seconds"] = 30, ["on_done"] = receiver.Url("digits") });
        receiver.Routine("digits", new JsonObject { ["name"] = "Say", ["text"] = "Thank you, that was it." }, new JsonObject { ["name"] = "HangUp" });
        var application = await server.PostJsonAsync("applications", new JsonObject { ["name"] = "hold", ["on_incoming"] = receiver.Url("in") });
        var number = (string)JsonNode.Parse(await server.Api.GetStringAsync("availablenumbers/US"))![0]!;
        await server.PostJsonAsync("phonenumbers", new JsonObject { ["phone_number"] = number, ["application_id"] = (string)application["app_id"]! });
        await using var phone = await BaresipPhone.RegisterAsync(server, Caller);
        await phone.DialAsync($"sip:{number}@127.0.0.1:{server.SipPort}");
        await TrunkCall.AsksForDigitsAsync(server, phone, (string)(await receiver.WaitForAsync("in")).Body["connection"]!["connection_id"]!);

        await receiver.PauseAsync();
        await phone.PressAsync("5");
        await Task.Delay(TimeSpan.FromSeconds(30));
        Assert.Empty(receiver.At("digits"));
        await receiver.ResumeAsync();

        var told = await receiver.WaitForAsync("digits", limit: TimeSpan.FromSeconds(30));
        Assert.Equal("5", (string?)told.Body["digits"]);
        var id = (string)told.Body["connection_id"]!;
        await server.ConnectionInAsync(id, "finished");
        Assert.Single(receiver.At("digits"));

        var steps = (await server.GetAsync($"connections/{id}/timeline"))["steps"]!.AsArray().Select(step => (string)step!["name"]!).ToList();
        Assert.Equal(1, steps.Count(step => step == "Say"));
        var heard = await phone.HeardAsync();
        var hold = heard.Slice(TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(20));
        Assert.True(hold.Share(440) > 0.5, $"440 Hz has {hold.Share(440):F2} of what is heard while the receiver is away");
        for (var at = TimeSpan.FromSeconds(8); at < TimeSpan.FromSeconds(26); at += TimeSpan.FromSeconds(2))
        {
            Assert.True(heard.Slice(at, TimeSpan.FromSeconds(2)).Level() > 0.001, $"dead silence at {at}");
        }
    }

    [Fact]
    public async Task After_kill_9_while_events_are_sent_none_is_lost_and_every_repetition_has_the_same_id()
    {
        const int Calls = 200;
        await using var server = await SiftServer.StartAsync(("Sift__Sandbox__Enabled", "true"));
        await using var receiver = await CallbackReceiver.StartAsync();
        receiver.Answer("status", async _ =>
        {
            await Task.Delay(Random.Shared.Next(0, 300));
            return Results.Ok();
        });
        var accepted = new List<string>();
        for (var i = 0; i < Calls; i++)
        {
            var created = await server.PostFormAsync("connections", ("phone_number", "+15550100002"), ("status_url", receiver.Url("status")));
            accepted.Add((string)created["connection_id"]!);
            if (i % 80 == 79)
            {
                await server.KillAsync();
                await server.RestartAsync();
            }
        }

        await server.KillAsync();
        await server.RestartAsync();

        await Eventually.True(
            () => Told().Select(callback => callback.Connection).ToHashSet().IsSupersetOf(accepted),
            TimeSpan.FromSeconds(60),
            () => $"{accepted.Except(Told().Select(callback => callback.Connection)).Count()} of {Calls} calls were never told as ended\n{server.Output}");
        Assert.All(receiver.At("status").GroupBy(c => ((string?)c.Body["connection"]!["connection_id"], c.Status)), told => Assert.Single(told.Select(c => c.Id).Distinct()));

        IEnumerable<(string Connection, string? Id)> Told() => receiver.At("status").Where(c => c.Status is "failed" or "finished").Select(c => ((string)c.Body["connection"]!["connection_id"]!, c.Id));
    }
}
