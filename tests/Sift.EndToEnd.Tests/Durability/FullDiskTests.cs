using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Sift.EndToEnd.Tests.Peers;
using Sift.EndToEnd.Tests.Sip;

namespace Sift.EndToEnd.Tests.Durability;

/// <summary>The disk of the server fills up while it works, and is given room again.</summary>
public sealed class FullDiskTests
{
    private const string Busy = "+15550100002";
    private const string Lasting = "+15550100001";

    // Enough that the server is content with what is free at the start.
    private const int DiskMegabytes = 280;

    [Fact]
    public async Task On_a_full_disk_nothing_accepted_is_lost_what_is_new_is_refused_with_the_reason_and_room_heals_it()
    {
        await using var server = await SiftServer.StartOnSmallDiskAsync(
            DiskMegabytes, ("Sift__Sandbox__Enabled", "true"), ("Sift__Api__RequestsPerSecond", "100000"), ("Sift__Trunks__0__Name", "carrier"), ("Sift__Trunks__0__Host", "127.0.0.1"),
            ("Sift__Trunks__0__Port", Ports.Next().ToString()), ("Sift__Trunks__0__SourceAddresses__0", "127.0.0.1"), ("Sift__Trunks__0__KeepAliveInterval", "00:00:00"));
        var number = await TrunkCall.NumberAsync(server, TrunkCall.HangUp());
        await using var receiver = await CallbackReceiver.StartAsync();
        var ids = new ConcurrentDictionary<(string Connection, string Status), ConcurrentDictionary<string, bool>>();
        receiver.Hear("status", (id, body) =>
        {
            var connection = body["connection"]!;
            ids.GetOrAdd(((string)connection["connection_id"]!, (string)connection["status"]!), _ => new())[id!] = true;
            return Task.FromResult(Results.Ok());
        });
        var accepted = new List<string>();
        var lasting = (string)(await server.PostFormAsync("connections", ("phone_number", Lasting), ("routine", """[{"name":"Pause","seconds":600}]""")))["connection_id"]!;
        await server.ConnectionInAsync(lasting, "connected");
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(HttpStatusCode.Created, (await PlaceAsync()).Status);
        }

        await FillAsync(server.OnItsDisk("ballast"));

        // What the database has room for already is still accepted.
        (HttpStatusCode Status, string Answer) refused = default;
        await Eventually.True(
            async () => (refused = await PlaceAsync()).Status != HttpStatusCode.Created, TimeSpan.FromSeconds(60), () => $"a call is refused; {accepted.Count} were accepted\n{server.Output}");
        Assert.True(refused.Status == HttpStatusCode.ServiceUnavailable, $"{refused.Status} {refused.Answer}");
        Assert.Contains("database or disk is full", refused.Answer, StringComparison.Ordinal);
        Assert.Contains("nothing was done", refused.Answer, StringComparison.Ordinal);

        // From then on at once, and whatever else would have to be stored as well.
        using (var application = await server.Api.PostAsync("applications", new StringContent("""{"name":"more","default_routine":[{"name":"HangUp"}]}""", Encoding.UTF8, "application/json")))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, application.StatusCode);
        }

        using (var client = new HttpClient())
        {
            var ready = await client.GetAsync($"{server.BaseUrl}/readyz");
            var missing = JsonNode.Parse(await ready.Content.ReadAsStringAsync())!["missing"]!;
            Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
            Assert.Contains("disk is full", (string?)missing["journal"], StringComparison.Ordinal);
            Assert.Contains("are left on the disk", (string?)missing["disk"], StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync($"{server.BaseUrl}/healthz")).StatusCode);
        }

        Assert.StartsWith("SIP/2.0 480", await InviteAsync(server, number), StringComparison.Ordinal);
        Assert.Equal("connected", (string?)(await server.GetAsync($"connections/{lasting}"))["status"]);

        File.Delete(server.OnItsDisk("ballast"));

        await Eventually.True(async () => (await PlaceAsync()).Status == HttpStatusCode.Created, TimeSpan.FromSeconds(20), () => $"calls are accepted again\n{server.Output}");
        await Eventually.True(
            () => accepted.All(id => ids.ContainsKey((id, "connecting")) && ids.ContainsKey((id, "failed"))),
            TimeSpan.FromSeconds(60),
            () => $"{accepted.Count(id => !ids.ContainsKey((id, "failed")))} of {accepted.Count} accepted calls were never told as ended\n{server.Output}");
        Assert.All(ids.Values, told => Assert.Single(told));
        Assert.Empty(ids.Keys.Select(key => key.Connection).Except(accepted));
        foreach (var id in accepted)
        {
            Assert.Equal("failed", (string?)(await server.GetAsync($"connections/{id}"))["status"]);
        }

        Assert.Equal("connected", (string?)(await server.GetAsync($"connections/{lasting}"))["status"]);
        using var ended = await server.Api.PostAsync($"connections/{lasting}", new FormUrlEncodedContent([KeyValuePair.Create("status", "finished")]));
        await server.ConnectionInAsync(lasting, "finished");
        await Eventually.True(
            async () => (await server.GetAsync("deliveries?state=pending"))["results"]!.AsArray().Count == 0, TimeSpan.FromSeconds(40), () => $"everything told is recorded as told\n{server.Output}");

        async Task<(HttpStatusCode Status, string Answer)> PlaceAsync()
        {
            using var form = new FormUrlEncodedContent([KeyValuePair.Create("phone_number", Busy), KeyValuePair.Create("status_url", receiver.Url("status"))]);
            using var response = await server.Api.PostAsync("connections", form);
            var text = await response.Content.ReadAsStringAsync();
            if (response.IsSuccessStatusCode)
            {
                accepted.Add((string)JsonNode.Parse(text)!["connection_id"]!);
            }

            return (response.StatusCode, text);
        }
    }

    /// <summary>Writes until nothing more goes.</summary>
    private static async Task FillAsync(string file)
    {
        await using var ballast = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (var size = 1 << 20; size >= 1; size /= 16)
        {
            try
            {
                while (true)
                {
                    ballast.Write(new byte[size]);
                }
            }
            catch (IOException)
            {
                // Full for that much: what is left is less.
            }
        }
    }

    /// <summary>The final answer to a call from the carrier.</summary>
    private static async Task<string> InviteAsync(SiftServer server, string number)
    {
        using var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)socket.Client.LocalEndPoint!).Port;
        var sdp = $"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP 0\r\n";
        var invite = $"INVITE sip:{number}@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bKfull\r\nMax-Forwards: 70\r\nFrom: <sip:+15553334444@127.0.0.1>;tag=1\r\nTo: <sip:{number}@127.0.0.1>\r\n"
            + $"Call-ID: full\r\nCSeq: 1 INVITE\r\nContact: <sip:+15553334444@127.0.0.1:{port}>\r\nContent-Type: application/sdp\r\nContent-Length: {sdp.Length}\r\n\r\n{sdp}";
        await socket.SendAsync(Encoding.ASCII.GetBytes(invite), new IPEndPoint(IPAddress.Loopback, server.SipPort));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (true)
        {
            var answer = Encoding.ASCII.GetString((await socket.ReceiveAsync(limit.Token)).Buffer);
            if (!answer.StartsWith("SIP/2.0 1", StringComparison.Ordinal))
            {
                return answer;
            }
        }
    }
}
