using System.Text.Json.Nodes;
using Sift.Media.Legs;
using Sift.Media.WebRtc;
using Sift.Web.Browser;

namespace Sift.Web.Tests.Browser;

public sealed class SwitchboardTests
{
    private const string Sdp = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111 0\r\na=mid:0\r\n";

    [Fact]
    public async Task A_client_calls_its_application_and_hears_the_answer_and_the_end()
    {
        await using var bench = await SwitchboardBench.StartAsync();
        var (client, socket) = await bench.LogInAsync();

        await bench.SayAsync(client, "connect", new JsonObject { ["topic"] = "sales" });
        var leg = (string)(await socket.NextAsync("connection"))!["connection_id"]!;
        var call = Assert.Single(bench.Legs.Calls);
        Assert.Equal(new BrowserCall(new LegId(leg), "webrtc:alice", SwitchboardBench.Application, SwitchboardBench.Account, SwitchboardBench.Application, """{"topic":"sales"}"""), call);

        await bench.SayAsync(client, "desc", new JsonObject { ["type"] = "offer", ["sdp"] = Sdp });
        await bench.SayAsync(client, "candidate", new JsonObject { ["candidate"] = "candidate:1 1 udp 1 127.0.0.1 9 typ host", ["sdpMid"] = "0" });
        await bench.SayAsync(client, "dtmf", "12#");
        Assert.Equal(["connect", $"offer {Sdp}", "candidate candidate:1 1 udp 1 127.0.0.1 9 typ host", "digits 12#"], bench.Legs.Log);

        bench.Board.Answer(new LegId(leg), "answer");
        var answer = (await socket.NextAsync("desc"))!;
        Assert.Equal(("answer", "answer"), ((string?)answer["type"], (string?)answer["sdp"]));
        bench.Board.Candidate(new LegId(leg), "candidate:2 1 udp 1 203.0.113.7 40123 typ srflx", "0", 0);
        var candidate = (await socket.NextAsync("candidate"))!;
        Assert.Equal(("candidate:2 1 udp 1 203.0.113.7 40123 typ srflx", "0", 0), ((string?)candidate["candidate"], (string?)candidate["sdpMid"], (int?)candidate["sdpMLineIndex"]));
        await bench.PassAsync(TimeSpan.FromSeconds(1));
        bench.Board.End(new BrowserEnd(new LegId(leg), WasUp: true, ByClient: false, LegEndCause.LocalHangUp, null));
        Assert.Null(await socket.NextAsync("hangup"));

        // The same socket carries the next call.
        await bench.SayAsync(client, "connect");
        await socket.NextAsync("connection");
        Assert.Null(bench.Legs.Calls[1].ClientData);
    }

    [Fact]
    public async Task A_client_without_permission_is_told_and_nothing_is_called()
    {
        await using var bench = await SwitchboardBench.StartAsync();
        var (client, socket) = await bench.LogInAsync(capability: bench.CapabilityOf("alice", calls: false));

        await bench.SayAsync(client, "connect");

        Assert.Equal("outgoing-not-permitted", (string?)(await socket.NextAsync("error"))!["code"]);
        Assert.Empty(bench.Legs.Calls);
        Assert.True(client.IsIdle);
    }

    [Fact]
    public async Task A_hang_up_waits_until_a_client_of_the_original_protocol_can_hear_it()
    {
        await using var bench = await SwitchboardBench.StartAsync();
        var (client, socket) = await bench.LogInAsync();
        await bench.SayAsync(client, "connect");
        var leg = new LegId((string)(await socket.NextAsync("connection"))!["connection_id"]!);
        bench.Board.Answer(leg, "answer");
        await socket.NextAsync("desc");

        bench.Board.End(new BrowserEnd(leg, WasUp: true, ByClient: false, LegEndCause.LocalHangUp, null));
        await bench.SettleAsync();
        bench.Time.Advance(TimeSpan.FromMilliseconds(499));
        await bench.SettleAsync();
        socket.AssertSilent();
        bench.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(await socket.NextAsync("hangup"));
    }

    [Fact]
    public async Task All_idle_clients_of_the_name_ring_and_the_first_to_answer_wins()
    {
        await using var bench = await SwitchboardBench.StartAsync();
        var (one, first) = await bench.LogInAsync("desk");
        var (two, second) = await bench.LogInAsync("desk");
        var (_, other) = await bench.LogInAsync("other");

        var leg = await bench.RingAsync("desk", callerData: new JsonObject { ["topic"] = "sales" });
        foreach (var socket in new[] { first, second })
        {
            var caller = (await socket.NextAsync("caller"))!;
            Assert.Equal(("+15550100200", leg.Value, "sales"), ((string?)caller["from"], (string?)caller["connection_id"], (string?)caller["client_data"]!["topic"]));
            Assert.Null(await socket.NextAsync("ring"));
        }

        await bench.SayAsync(two, "ringanswer", true);
        Assert.Equal("answered_elsewhere", (string?)(await first.NextAsync("cancel"))!["reason"]);
        await bench.SayAsync(one, "ringanswer", true);

        Assert.Equal([$"ringing {leg}", $"accept {leg}"], bench.Legs.Log);
        Assert.Equal((ClientState.Idle, ClientState.Engaged), (one.State, two.State));
        other.AssertSilent();
        first.AssertSilent();
    }

    [Fact]
    public async Task A_call_that_everyone_declines_is_declined()
    {
        await using var bench = await SwitchboardBench.StartAsync();
        var (one, _) = await bench.LogInAsync("desk");
        var (two, _) = await bench.LogInAsync("desk");
        var leg = await bench.RingAsync("desk");

        await bench.SayAsync(one, "ringanswer", false);
        Assert.Equal([$"ringing {leg}"], bench.Legs.Log);
        await bench.SayAsync(two, "ringanswer", false);

        Assert.Equal([$"ringing {leg}", $"refuse {leg} Declined"], bench.Legs.Log);
        Assert.True(one.IsIdle && two.IsIdle);
    }

    [Fact]
    public async Task Clients_in_a_call_are_busy_and_unknown_names_unreachable()
    {
        await using var bench = await SwitchboardBench.StartAsync();
        var (client, socket) = await bench.LogInAsync("desk");
        await bench.SayAsync(client, "connect");
        await socket.NextAsync("connection");

        var busy = await bench.RingAsync("desk");
        var unknown = await bench.RingAsync("nobody");
        var foreign = await bench.RingAsync("desk", account: "ffffffffffffffff");
        var nobodys = await bench.RingAsync("desk", account: null);

        Assert.Equal(["connect", $"refuse {busy} Busy", $"refuse {unknown} Unreachable", $"refuse {foreign} Unreachable", $"refuse {nobodys} Unreachable"], bench.Legs.Log);
        socket.AssertSilent();
    }

    [Fact]
    public async Task A_caller_who_gives_up_stops_the_ringing_and_a_late_answer_does_no_harm()
    {
        await using var bench = await SwitchboardBench.StartAsync();
        var (client, socket) = await bench.LogInAsync("desk");
        var leg = await bench.RingAsync("desk");
        await socket.NextAsync("caller");
        await socket.NextAsync("ring");

        bench.Board.End(new BrowserEnd(leg, WasUp: false, ByClient: false, LegEndCause.LocalHangUp, null));
        Assert.Equal("caller_hung_up", (string?)(await socket.NextAsync("cancel"))!["reason"]);
        await bench.SayAsync(client, "ringanswer", true);
        Assert.Equal([$"ringing {leg}"], bench.Legs.Log);

        // A client that knows no cancel goes on to offer; it gets an answer, and then a hang-up, and is free.
        await bench.SayAsync(client, "desc", new JsonObject { ["type"] = "offer", ["sdp"] = Sdp });
        var farewell = (string)(await socket.NextAsync("desc"))!["sdp"]!;
        Assert.Contains("m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n", farewell, StringComparison.Ordinal);
        Assert.Contains("a=mid:0\r\n", farewell, StringComparison.Ordinal);
        bench.Time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Null(await socket.NextAsync("hangup"));
        Assert.True(client.IsIdle);
    }

    [Fact]
    public async Task A_call_made_while_it_rings_counts_as_busy()
    {
        await using var bench = await SwitchboardBench.StartAsync();
        var (client, socket) = await bench.LogInAsync("desk");
        var leg = await bench.RingAsync("desk");
        await socket.NextAsync("caller");
        await socket.NextAsync("ring");

        await bench.SayAsync(client, "connect");

        await socket.NextAsync("connection");
        Assert.Equal([$"ringing {leg}", $"refuse {leg} Busy", "connect"], bench.Legs.Log);
    }

    [Fact]
    public async Task A_second_call_on_one_socket_is_refused_and_the_first_goes_on()
    {
        await using var bench = await SwitchboardBench.StartAsync();
        var (client, socket) = await bench.LogInAsync();
        await bench.SayAsync(client, "connect");
        await socket.NextAsync("connection");

        await bench.SayAsync(client, "connect");

        Assert.Equal("busy", (string?)(await socket.NextAsync("error"))!["code"]);
        Assert.Equal(["connect"], bench.Legs.Log);
    }

    [Theory]
    [InlineData("mic-permission-denied", "mic-permission-denied")]
    [InlineData("<script>", "unknown")]
    public async Task A_client_without_microphone_ends_the_call_with_that_reason(string said, string kept)
    {
        await using var bench = await SwitchboardBench.StartAsync();
        var (client, socket) = await bench.LogInAsync();
        await bench.SayAsync(client, "connect");
        await socket.NextAsync("connection");

        await bench.SayAsync(client, "micerror", said);

        Assert.Equal(["connect", $"fail the browser has no microphone: {kept}"], bench.Legs.Log);
        Assert.True(client.IsIdle);
    }

    [Fact]
    public async Task Another_socket_takes_the_call_up()
    {
        await using var bench = await SwitchboardBench.StartAsync();
        var (client, socket) = await bench.LogInAsync();
        await bench.SayAsync(client, "connect");
        var leg = (string)(await socket.NextAsync("connection"))!["connection_id"]!;
        bench.Board.Closed(client, socket);
        await bench.PassAsync(TimeSpan.FromSeconds(59));

        var (later, second) = await bench.LogInAsync();
        await bench.SayAsync(later, "resume", new JsonObject { ["session"] = client.Session });

        var resumed = (await second.NextAsync("resumed"))!;
        Assert.Equal((true, leg, later.Session), ((bool)resumed["connected"]!, (string?)resumed["connection_id"], (string?)resumed["session"]));
        bench.Board.Answer(new LegId(leg), "answer");
        await second.NextAsync("desc");
        await bench.PassAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(["connect"], bench.Legs.Log);
    }

    [Fact]
    public async Task A_socket_that_is_taken_over_is_closed_with_the_code_that_says_so()
    {
        await using var bench = await SwitchboardBench.StartAsync();
        var (client, socket) = await bench.LogInAsync();
        await bench.SayAsync(client, "connect");

        var (later, second) = await bench.LogInAsync();
        await bench.SayAsync(later, "resume", new JsonObject { ["session"] = client.Session });

        Assert.True((bool)(await second.NextAsync("resumed"))!["connected"]!);
        Assert.Equal(SocketClose.TakenOver, socket.Closed);
    }

    [Fact]
    public async Task A_call_whose_client_does_not_come_back_ends_after_a_minute()
    {
        await using var bench = await SwitchboardBench.StartAsync();
        var (client, socket) = await bench.LogInAsync();
        await bench.SayAsync(client, "connect");
        bench.Board.Closed(client, socket);

        await bench.PassAsync(TimeSpan.FromSeconds(59));
        Assert.Equal(["connect"], bench.Legs.Log);
        await bench.PassAsync(TimeSpan.FromSeconds(2));

        Assert.Equal(["connect", "hangup the browser's connection was lost"], bench.Legs.Log);
        Assert.Equal(0, bench.Board.Count);
    }

    [Theory]
    [InlineData("bob", "secret")]
    [InlineData(null, "secret")]
    public async Task Nobody_else_can_take_the_call_up(string? name, string secret)
    {
        await using var bench = await SwitchboardBench.StartAsync();
        var (client, socket) = await bench.LogInAsync();
        await bench.SayAsync(client, "connect");
        bench.Board.Closed(client, socket);

        var (thief, other) = await bench.LogInAsync(capability: bench.CapabilityOf(name, secret: secret));
        await bench.SayAsync(thief, "resume", new JsonObject { ["session"] = client.Session });

        Assert.False((bool)(await other.NextAsync("resumed"))!["connected"]!);
    }

    [Fact]
    public async Task A_ring_outlives_a_short_loss_of_the_socket()
    {
        await using var bench = await SwitchboardBench.StartAsync();
        var (client, socket) = await bench.LogInAsync("desk");
        var leg = await bench.RingAsync("desk");
        bench.Board.Closed(client, socket);
        await bench.PassAsync(TimeSpan.FromSeconds(3));

        var (later, second) = await bench.LogInAsync("desk");
        await bench.SayAsync(later, "resume", new JsonObject { ["session"] = client.Session });
        Assert.True((bool)(await second.NextAsync("resumed"))!["ringing"]!);
        await second.NextAsync("caller");
        await second.NextAsync("ring");
        await bench.SayAsync(later, "ringanswer", true);

        Assert.Equal([$"ringing {leg}", $"accept {leg}"], bench.Legs.Log);
    }

    [Fact]
    public async Task A_ringing_client_that_stays_away_makes_the_call_unreachable()
    {
        await using var bench = await SwitchboardBench.StartAsync();
        var (client, socket) = await bench.LogInAsync("desk");
        var leg = await bench.RingAsync("desk");

        bench.Board.Closed(client, socket);
        await bench.PassAsync(TimeSpan.FromSeconds(6));

        Assert.Equal([$"ringing {leg}", $"refuse {leg} Unreachable"], bench.Legs.Log);
    }

    [Fact]
    public async Task A_token_that_holds_no_more_ends_the_login_at_the_next_action()
    {
        await using var bench = await SwitchboardBench.StartAsync();
        var (client, socket) = await bench.LogInAsync();
        bench.Withdrawn.Add("secret");

        await bench.SayAsync(client, "connect");

        Assert.NotEqual("OK", (string?)await socket.NextAsync("auth"));
        Assert.Equal(SocketClose.Refused, socket.Closed);
        Assert.Empty(bench.Legs.Calls);
    }

    [Fact]
    public async Task A_token_that_holds_no_more_does_not_ring_and_an_idle_login_ends_by_itself()
    {
        await using var bench = await SwitchboardBench.StartAsync();
        var (_, rung) = await bench.LogInAsync("desk");
        var (_, idle) = await bench.LogInAsync("other");
        bench.Withdrawn.Add("secret");

        var leg = await bench.RingAsync("desk");
        Assert.Equal([$"refuse {leg} Unreachable"], bench.Legs.Log);
        Assert.NotEqual("OK", (string?)await rung.NextAsync("auth"));
        await bench.PassAsync(TimeSpan.FromSeconds(11));
        Assert.NotEqual("OK", (string?)await idle.NextAsync("auth"));
        Assert.Equal(0, bench.Board.Count);
    }

    [Fact]
    public async Task A_token_may_be_renewed_by_its_holder_only()
    {
        await using var bench = await SwitchboardBench.StartAsync();
        var (client, socket) = await bench.LogInAsync("alice", bench.CapabilityOf("alice", calls: false));

        await bench.Board.RenewAsync(client, bench.CapabilityOf("alice"));
        Assert.Equal("OK", (string?)await socket.NextAsync("auth"));
        Assert.NotNull(client.Capability.Outgoing);

        await bench.Board.RenewAsync(client, bench.CapabilityOf("bob"));
        Assert.NotEqual("OK", (string?)await socket.NextAsync("auth"));
        Assert.Equal(SocketClose.Refused, socket.Closed);
    }

    [Fact]
    public async Task A_phone_of_a_number_rings_at_that_number_and_calls_numbers()
    {
        await using var bench = await SwitchboardBench.StartAsync();
        var capability = new Capability(Capability.SandboxIssuer, bench.Time.GetUtcNow().AddHours(1), "secret") { PhoneNumber = "+15554443333" };
        Assert.False(bench.Board.IsVirtualPhone("+15554443333"));
        var (client, socket) = await bench.LogInAsync(capability: capability);
        Assert.True(bench.Board.IsVirtualPhone("+15554443333"));

        await bench.SayAsync(client, "connect", "not a number");
        Assert.Equal("invalid-number", (string?)(await socket.NextAsync("error"))!["code"]);
        await bench.SayAsync(client, "connect", new JsonObject { ["phone_number"] = "+15550100200" });
        await socket.NextAsync("connection");
        var call = Assert.Single(bench.Legs.Calls);
        Assert.Equal(("+15554443333", "+15550100200", null), (call.From, call.To, call.ApplicationId));

        await bench.SayAsync(client, "hangup");
        var routed = Assert.IsType<DialLeg>(new VirtualPhones(bench.Board).Route(new DialLeg(new LegId("l"), "+15554443333", null, TimeSpan.FromSeconds(1), [])));
        Assert.Equal(("webrtc:+15554443333", Capability.SandboxIssuer), (routed.Destination, routed.AccountId));
        await bench.RingAsync("+15554443333", Capability.SandboxIssuer);
        await socket.NextAsync("caller");
        await socket.NextAsync("ring");

        await bench.SayAsync(client, "ringanswer", false);
        bench.Board.Closed(client, socket);
        await bench.SettleAsync();
        Assert.False(bench.Board.IsVirtualPhone("+15554443333"));
    }
}
