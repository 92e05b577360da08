using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Sift.EndToEnd.Tests.Peers;
using Sift.EndToEnd.Tests.Sip;

namespace Sift.EndToEnd.Tests.Durability;

/// <summary>kill -9 in the middle of everything, then a restart on the same data.</summary>
public sealed class KillTests
{
    [Fact]
    public async Task After_kill_9_no_accepted_call_is_lost_or_dialled_twice_and_every_instance_ends()
    {
        var port = Ports.Next();
        await using var receiver = await CallbackReceiver.StartAsync();
        receiver.Answer("status", async body =>
        {
            if ((string?)body["connection"]!["status"] != "connected")
            {
                return Results.Ok();
            }

            await Task.Delay(Random.Shared.Next(0, 1500));
            return Results.Content(
                """{"routine":[{"name":"Say","text":"Hello there."},{"name":"GetDigits","count":1,"timeout_seconds":2},{"name":"Say","text":"Goodbye then."},{"name":"HangUp"}]}""",
                "application/json");
        });
        await using var server = await TrunkCall.ServerAsync(port);
        await using var carrier = Sipp.Start(server.SipPort, "uas", out _, "-sf", Repository.Scenario("answer-slowly.xml"), "-p", port.ToString(), "-trace_msg", "-message_file", Path.Combine(server.DataDirectory, "sipp.log"));

        await Eventually.True(() => !Ports.IsFree(port), TimeSpan.FromSeconds(10), () => $"sipp listens\n{carrier.Output}");

        var accepted = new List<string>();
        for (var i = 0; i < 50; i++)
        {
            var created = await server.PostFormAsync("connections", ("phone_number", $"+1555667{i:0000}"), ("status_url", receiver.Url("status")));
            accepted.Add((string)created["connection_id"]!);
            await Task.Delay(60);
        }

        await server.KillAsync();
        await server.RestartAsync();

        foreach (var id in accepted)
        {
            await Eventually.True(
                async () => (string?)(await server.GetAsync($"connections/{id}"))["status"] is "finished" or "failed",
                TimeSpan.FromSeconds(60),
                () => $"connection {id} ends\n{server.Output}");
        }

        await Eventually.True(
            () => accepted.All(id => receiver.At("status").Any(c => (string?)c.Body["connection"]!["connection_id"] == id && c.Status is "finished" or "failed")),
            TimeSpan.FromSeconds(30),
            () => $"each of the {accepted.Count} calls is told as ended");

        // An outbound call is dialled at most once: one INVITE dialog per number, retransmissions aside.
        var dialogs = (await File.ReadAllTextAsync(Path.Combine(server.DataDirectory, "sipp.log")))
            .Split("UDP message received", StringSplitOptions.RemoveEmptyEntries)
            .Where(m => m.Contains("\nINVITE sip:+1555667", StringComparison.Ordinal))
            .Select(m => (Number: After(m, "INVITE sip:")[..12], CallId: After(m, "Call-ID: ").Split('\r', '\n')[0]))
            .Distinct()
            .GroupBy(d => d.Number);
        Assert.All(dialogs, d => Assert.Single(d));

        // A repeated callback carries the id of the first attempt: the same thing is never told under two ids.
        var told = receiver.At("status").GroupBy(c => ((string?)c.Body["connection"]!["connection_id"], c.Status));
        Assert.All(told, t => Assert.Single(t.Select(c => c.Id).Distinct()));
    }

    [Fact]
    public async Task After_kill_9_a_phone_rings_without_having_registered_again()
    {
        const string number = "+15554443333";
        await using var server = await SiftServer.StartAsync();
        await using var phone = await BaresipPhone.RegisterAsync(server, number);
        var registrations = Registrations(phone);

        // Written within a group commit; the answer to the phone does not wait for it.
        await Eventually.True(() => Stored(server) == 1, TimeSpan.FromSeconds(10), () => $"the registration is stored\n{server.Output}");
        await server.KillAsync();
        await server.RestartAsync();
        var created = await server.PostFormAsync("connections", ("phone_number", number), ("routine", "[{\"name\":\"Pause\",\"seconds\":1},{\"name\":\"HangUp\"}]"));

        await server.ConnectionInAsync((string)created["connection_id"]!, "finished");
        Assert.Equal(registrations, Registrations(phone));

        static long Stored(SiftServer server)
        {
            using var database = new SqliteConnection($"Data Source={Path.Combine(server.DataDirectory, "sift.db")};Mode=ReadOnly;Pooling=false");
            database.Open();
            using var count = database.CreateCommand();
            count.CommandText = "SELECT COUNT(*) FROM registrations";
            return (long)count.ExecuteScalar()!;
        }

        static int Registrations(BaresipPhone phone) => phone.Output.Split("200 OK").Length;
    }

    private static string After(string text, string mark) => text[(text.IndexOf(mark, StringComparison.OrdinalIgnoreCase) + mark.Length)..];
}
