using System.Net;
using Sift.Media.Legs;
using Sift.Media.Sip.Trunks;

namespace Sift.Media.Tests.Sip.Trunks;

public sealed class TrunkTests : IDisposable
{
    private SipWorld? _world;

    public void Dispose() => _world?.Dispose();

    [Fact]
    public void Registers_at_once_and_again_before_the_time_is_over()
    {
        var world = World(register: true);
        var (flow, register) = world.NextRequest("REGISTER");
        Assert.Equal("198.51.100.1:5060", flow.Remote.ToString());
        Assert.Equal("600", register.Headers.Get("Expires"));
        Assert.False(State.Registered);

        world.Respond(register, 200, flow, extra: $"Expires: 120");
        Assert.True(State.Registered);
        world.Advance(TimeSpan.FromSeconds(89.9));
        Assert.Empty(world.Sent);
        world.Advance(TimeSpan.FromSeconds(0.2));

        var (_, again) = world.NextRequest("REGISTER");
        Assert.Equal(register.CallId, again.CallId);
        Assert.True(again.CSeq!.Value.Number > register.CSeq!.Value.Number);
    }

    [Fact]
    public void A_user_name_with_an_at_sign_stays_the_user_part()
    {
        var world = World(register: true, username: "me@branch");
        var (flow, register) = world.NextRequest("REGISTER");

        Assert.Equal("me@branch", register.To!.Uri.User);
        Assert.Equal("198.51.100.1", register.To.Uri.Host);
        world.Respond(register, 200, flow, extra: $"Contact: {register.Headers.Get("Contact")};expires=120");
        world.Advance(TimeSpan.FromSeconds(91));
        world.NextRequest("REGISTER");
    }

    [Fact]
    public void Answers_the_registrars_challenge_with_its_password()
    {
        var world = World(register: true);
        var (flow, register) = world.NextRequest("REGISTER");

        world.Respond(register, 401, flow, extra: "WWW-Authenticate: Digest realm=\"carrier\", nonce=\"n1\", algorithm=MD5, qop=\"auth\"");

        var (_, again) = world.NextRequest("REGISTER");
        Assert.Contains("username=\"user\"", again.Headers.Get("Authorization"), StringComparison.Ordinal);
        world.Respond(again, 200, flow);
        Assert.True(State.Registered);
    }

    [Fact]
    public void Asks_for_the_interval_that_a_423_names()
    {
        var world = World(register: true);
        var (flow, register) = world.NextRequest("REGISTER");

        world.Respond(register, 423, flow, extra: "Min-Expires: 1800");

        Assert.Equal("1800", world.NextRequest("REGISTER").Request.Headers.Get("Expires"));
    }

    [Fact]
    public void Backs_off_when_refused_and_says_why()
    {
        var world = World(register: true);
        var (flow, register) = world.NextRequest("REGISTER");
        world.Respond(register, 403, flow);
        Assert.Contains("403", State.Detail, StringComparison.Ordinal);
        Assert.NotNull(State.NextAttemptAt);

        world.Advance(TimeSpan.FromSeconds(9.9));
        Assert.Empty(world.Sent);
        world.Advance(TimeSpan.FromSeconds(2.7));
        (flow, register) = world.NextRequest("REGISTER");
        world.Respond(register, 403, flow);
        world.Sent.Clear();

        world.Advance(TimeSpan.FromSeconds(19.9));
        Assert.Empty(world.Sent);
        world.Advance(TimeSpan.FromSeconds(6));
        world.NextRequest("REGISTER");
    }

    [Fact]
    public void Waits_as_long_as_the_registrar_asks()
    {
        var world = World(register: true);
        var (flow, register) = world.NextRequest("REGISTER");
        world.Respond(register, 503, flow, extra: "Retry-After: 100");

        world.Advance(TimeSpan.FromSeconds(99.9));
        Assert.Empty(world.Sent);
        world.Advance(TimeSpan.FromSeconds(0.2));

        world.NextRequest("REGISTER");
    }

    [Fact]
    public void Stays_registered_through_a_failed_refresh_until_the_time_is_over()
    {
        var world = World(register: true);
        var (flow, register) = world.NextRequest("REGISTER");
        world.Respond(register, 200, flow, extra: "Expires: 120");
        world.Advance(TimeSpan.FromSeconds(90.1));
        (flow, register) = world.NextRequest("REGISTER");
        world.Respond(register, 500, flow);
        Assert.True(State.Registered);

        for (var i = 0; i < 3; i++)
        {
            world.Advance(TimeSpan.FromSeconds(26));
            (flow, register) = world.NextRequest("REGISTER");
            world.Respond(register, 500, flow);
            world.Advance(TimeSpan.FromSeconds(24 * i));
        }

        Assert.False(State.Registered);
    }

    [Fact]
    public void A_carrier_that_leaves_options_unanswered_is_unavailable_until_it_answers()
    {
        var world = World(keepAlive: TimeSpan.FromSeconds(60));
        world.NextRequest("OPTIONS");
        world.Advance(TimeSpan.FromSeconds(33));
        Assert.False(State.Available);
        world.Sent.Clear();

        world.Advance(TimeSpan.FromSeconds(28));
        var (flow, options) = world.NextRequest("OPTIONS");
        world.Respond(options, 404, flow);

        Assert.True(State.Available);
        Assert.Equal(404, State.LastStatus);
        Assert.NotNull(State.LastAnswerAt);
    }

    [Fact]
    public void A_name_is_resolved_first_and_tried_again_when_unknown()
    {
        _world = new SipWorld(options => options.Trunks.Add(new TrunkOptions { Name = "t", Host = "sip.carrier.example", KeepAliveInterval = TimeSpan.Zero }));
        _world.Run();
        Assert.False(State.Available);
        Assert.Contains("resolve", State.Detail, StringComparison.Ordinal);
        _world.Names["sip.carrier.example"] = IPAddress.Parse("198.51.100.44");

        _world.Advance(TimeSpan.FromSeconds(15.1));
        _world.Post(new DialLeg(new LegId("00000000000000aa"), "+15554443333", null, TimeSpan.FromSeconds(10), []));

        var (flow, invite) = _world.NextRequest("INVITE");
        Assert.Equal("198.51.100.44:5060", flow.Remote.ToString());
        Assert.Equal("sip.carrier.example", invite.RequestUri.Host);
    }

    [Fact]
    public void A_call_to_our_registered_contact_is_for_the_number_in_To()
    {
        var world = World(register: true);
        world.Sent.Clear();

        world.Receive(
            SipText.Request("INVITE", "sip:user@192.0.2.1", "sip:+15551110000@c", "sip:+15550002222@c", "Contact: <sip:c@198.51.100.1>", body: SipWorld.Offer),
            SipText.Udp("198.51.100.1:5060"));

        Assert.Equal("+15550002222", world.Next<LegIncoming>().To);
    }

    [Theory]
    [InlineData("ftp", "192.0.2.0/24")]
    [InlineData("udp", "not an address")]
    public void A_trunk_that_cannot_be_is_said_so_at_the_start(string transport, string source) =>
        Assert.Throws<ArgumentException>(() => new SipWorld(options => options.Trunks.Add(new TrunkOptions
        {
            Name = "t",
            Host = "198.51.100.1",
            Transport = transport,
            SourceAddresses = [source],
        })));

    private TrunkState State => _world!.Host.Trunks.All[0].State;

    private SipWorld World(bool register = false, TimeSpan keepAlive = default, string username = "user") => _world = new SipWorld(options => options.Trunks.Add(new TrunkOptions
    {
        Name = "t",
        Host = "198.51.100.1",
        Username = username,
        Password = "pass",
        Register = register,
        KeepAliveInterval = keepAlive,
    }));
}
