using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sift.EndToEnd.Tests.Peers;

namespace Sift.EndToEnd.Tests.Browser;

/// <summary>The ways on which sound of a real browser may have to travel, and what strangers may send to the port.</summary>
[Collection(Chromium.Collection)]
public sealed partial class BrowserNetworkTests(Chromium chromium)
{
    private const string Phone = "+15554443333";

    [Fact]
    public async Task A_server_in_the_full_ICE_role_checks_the_browser_and_both_are_heard()
    {
        await using var server = await SiftServer.StartAsync(("Sift__WebRtc__Ice", "full"));
        await using var phone = await BaresipPhone.RegisterAsync(server, Phone, tone: 1000);
        await using var client = await CallPhoneAsync(server, phone);

        var answer = await client.Page.EvaluateAsync<string>("net.peers[0].remoteDescription.sdp");
        Assert.DoesNotContain("ice-lite", answer, StringComparison.Ordinal);
        var pair = (await client.SelectedPairAsync()).GetProperty("pair");
        Assert.True(pair.GetProperty("requestsReceived").GetInt32() > 0, $"the server checked: {pair}");
        Assert.True(pair.GetProperty("nominated").GetBoolean());

        // Consent is asked for all along.
        var asked = pair.GetProperty("requestsReceived").GetInt32();
        var heard = await client.ListenAsync(12);
        Assert.True(heard.Share(1000) > 0.8, $"the browser hears the phone: {heard.Share(1000):F2}");
        Assert.True((await client.SelectedPairAsync()).GetProperty("pair").GetProperty("requestsReceived").GetInt32() >= asked + 2, "consent checks of the server");

        await client.OpenEarsAsync();
        await client.RunAsync("net.peers[0].restartIce()");
        await Eventually.True(
            async () => await client.Page.EvaluateAsync<bool>("net.peers[0].signalingState === 'stable' && net.peers[0].iceConnectionState === 'connected' && ears.seconds() > 3"),
            TimeSpan.FromSeconds(20),
            () => "the ICE restart comes to an end");
        var during = await client.CloseEarsAsync();
        Assert.True(during.LongestSilence() < TimeSpan.FromSeconds(2), $"silent for {during.LongestSilence()}");
        await HangUpAsync(server, client, phone);
    }

    [Fact]
    public async Task The_address_that_a_STUN_server_sees_is_offered_to_the_browser()
    {
        using var stun = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var answering = AnswerAsStunServerAsync(stun, new IPEndPoint(IPAddress.Parse("203.0.113.7"), 40123));
        await using var server = await SiftServer.StartAsync(
            ("Sift__WebRtc__Ice", "full"),
            ("Sift__WebRtc__IceServers__0__Urls__0", $"stun:{stun.Client.LocalEndPoint}"));
        await using var phone = await BaresipPhone.RegisterAsync(server, Phone, tone: 1000);
        await answering;
        await using var client = await CallPhoneAsync(server, phone);

        var answer = await client.Page.EvaluateAsync<string>("net.peers[0].remoteDescription.sdp");
        Assert.Matches(@"a=candidate:\d+ 1 udp \d+ 203\.0\.113\.7 40123 typ srflx raddr 127\.0\.0\.1 rport \d+", answer);
        await HangUpAsync(server, client, phone);
    }

    [Theory]
    [InlineData("lite")]
    [InlineData("full")]
    public async Task A_browser_whose_network_lets_no_UDP_out_calls_over_TCP(string role)
    {
        await using var server = await SiftServer.StartAsync(("Sift__WebRtc__Ice", role));
        await using var phone = await BaresipPhone.RegisterAsync(server, Phone, tone: 1000);
        // Neither side hears of an address of the other for UDP.
        await using var client = await CallPhoneAsync(
            server, phone, "net.hide = /\"type\":\"candidate\".* udp /; net.answer = sdp => sdp.replace(/a=candidate:\\d+ 1 udp [^\\r]*\\r\\n/g, '')");

        var pair = await client.SelectedPairAsync();
        Assert.Equal("tcp", pair.GetProperty("local").GetProperty("protocol").GetString());
        Assert.Equal("tcp", pair.GetProperty("remote").GetProperty("protocol").GetString());
        await HangUpAsync(server, client, phone);
    }

    [Fact]
    public async Task A_browser_that_may_only_relay_calls_through_the_configured_TURN_server()
    {
        var port = Ports.Next();
        var relays = Ports.Range(20);
        await using var turn = ExternalProgram.Start(
            "turnserver",
            [
                "-n", "--listening-ip=127.0.0.1", $"--listening-port={port}", "--relay-ip=127.0.0.1", $"--min-port={relays}", $"--max-port={relays + 19}",
                "--lt-cred-mech", "--user=page:secret", "--realm=sift", "--no-tls", "--no-dtls", "--no-cli", "--allow-loopback-peers", "--log-file=stdout", "--pidfile=",
            ],
            Path.GetTempPath());
        await using var server = await SiftServer.StartAsync(
            ("Sift__WebRtc__IceServers__0__Urls__0", $"turn:127.0.0.1:{port}?transport=udp"),
            ("Sift__WebRtc__IceServers__0__Username", "page"),
            ("Sift__WebRtc__IceServers__0__Credential", "secret"));
        await using var phone = await BaresipPhone.RegisterAsync(server, Phone, tone: 1000);

        await using var client = await CallPhoneAsync(server, phone, "net.configuration = { iceTransportPolicy: 'relay' }");

        var pair = await client.SelectedPairAsync();
        Assert.Equal("relay", pair.GetProperty("local").GetProperty("candidateType").GetString());
        Assert.InRange(pair.GetProperty("local").GetProperty("port").GetInt32(), relays, relays + 19);
        await HangUpAsync(server, client, phone);
    }

    [Fact]
    public async Task Ten_thousand_fuzzed_datagrams_at_the_port_are_counted_and_the_call_lives()
    {
        var port = Ports.Next();
        await using var server = await SiftServer.StartAsync(("Sift__WebRtc__Port", $"{port}"));
        await using var phone = await BaresipPhone.RegisterAsync(server, Phone, tone: 1000);
        await using var client = await CallPhoneAsync(server, phone);
        var before = await RefusedAsync(server);

        using var stranger = new UdpClient();
        stranger.Connect(IPAddress.Loopback, port);
        var random = new Random(7);
        byte[] first = [0, 1, 2, 3, 20, 22, 23, 25, 63, 64, 79, 128, 129, 144, 191, 192, 255];
        byte[] magic = [0x21, 0x12, 0xA4, 0x42];
        await client.OpenEarsAsync();
        for (var i = 0; i < 10_000; i++)
        {
            var datagram = new byte[random.Next(1, 600)];
            random.NextBytes(datagram);
            datagram[0] = first[random.Next(first.Length)];
            if (datagram is [<= 3, _, _, _, _, _, _, _, ..])
            {
                // STUN to the eye, so that it gets as far as its attributes.
                datagram[1] = 1;
                datagram[3] = (byte)(datagram.Length - 20);
                datagram[2] = (byte)((datagram.Length - 20) >> 8);
                magic.CopyTo(datagram, 4);
            }

            stranger.Send(datagram);
            if (i % 100 == 99)
            {
                // A burst that the kernel drops would prove nothing.
                await Eventually.True(async () => (await RefusedAsync(server)).Values.Sum() - before.Values.Sum() >= i - 50, TimeSpan.FromSeconds(10), () => "the port reads what it is sent");
            }
        }

        var heard = await client.CloseEarsAsync();
        var after = await RefusedAsync(server);
        Assert.InRange(after.Values.Sum() - before.Values.Sum(), 9_900, 10_100);
        Assert.All(["check", "unknown_source", "unknown_protocol"], reason => Assert.True(after[reason] - before[reason] > 500, $"{reason}: {after[reason]}"));
        Assert.True(heard.Share(1000) > 0.8 && heard.LongestSilence() < TimeSpan.FromSeconds(1), $"the call went on: {heard.Share(1000):F2}, silent for {heard.LongestSilence()}");
        await HangUpAsync(server, client, phone);
    }

    private static async Task<Dictionary<string, long>> RefusedAsync(SiftServer server)
    {
        var text = await server.Api.GetStringAsync($"{server.BaseUrl}/metrics");
        return RefusedLine().Matches(text).ToDictionary(static m => m.Groups[1].Value, static m => long.Parse(m.Groups[2].Value));
    }

    private static async Task AnswerAsStunServerAsync(UdpClient stun, IPEndPoint mapped)
    {
        var question = await stun.ReceiveAsync();
        byte[] answer = [0x01, 0x01, 0, 12, .. question.Buffer[4..20], 0x00, 0x20, 0, 8, 0, 1, .. new byte[6]];
        var port = mapped.Port ^ 0x2112;
        (answer[26], answer[27]) = ((byte)(port >> 8), (byte)port);
        var address = mapped.Address.GetAddressBytes();
        for (var i = 0; i < 4; i++)
        {
            answer[28 + i] = (byte)(address[i] ^ question.Buffer[4 + i]);
        }

        await stun.SendAsync(answer, question.RemoteEndPoint);
    }

    /// <summary>A browser in a call with that phone, which it hears.</summary>
    private async Task<BrowserPage> CallPhoneAsync(SiftServer server, BaresipPhone phone, string before = "")
    {
        var created = await server.PostJsonAsync("applications", new JsonObject
        {
            ["name"] = "browser",
            ["default_routine"] = new JsonArray(new JsonObject { ["name"] = "CallPhone", ["phone_number"] = Phone }),
        });
        var client = await BrowserPage.LogInAsync(chromium, server, CapabilityToken.Mint((string)created["application_id"]!, "alice"));
        await client.HeardOfAsync("onAuthenticated");
        await client.RunAsync($"{{ {before} }}; Sift.connect()");
        await client.HeardOfAsync("onConnected");
        await phone.WaitForOutputAsync("Call established");
        await Eventually.True(
            async () => (await client.ListenAsync(0.5)).Share(1000) > 0.8, TimeSpan.FromSeconds(20), () => $"the browser hears the phone\n{server.Output}");
        return client;
    }

    /// <summary>The phone must have heard the browser to the end.</summary>
    private static async Task HangUpAsync(SiftServer server, BrowserPage client, BaresipPhone phone)
    {
        await client.ListenAsync(1.5);
        var connection = (await client.ConnectionIdAsync())!;
        await client.RunAsync("Sift.hangUp()");
        await server.ConnectionInAsync(connection, "finished");
        await phone.WaitForOutputAsync("closed");
        var told = await phone.HeardAsync();
        var end = told.Slice(told.Duration - TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(1));
        Assert.True(end.Share(600) > 0.8, $"the phone hears the browser: {end.Share(600):F2} at {end.Level():F3}\n{server.Output}");
    }

    [GeneratedRegex("sift_browser_datagrams_refused_total\\{[^}]*reason=\"(\\w+)\"[^}]*\\} (\\d+)")]
    private static partial Regex RefusedLine();
}
