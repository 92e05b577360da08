using Sift.Media.Legs;
using Sift.Media.Sip.Trunks;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Tests.Sip.Calls;

public sealed class IncomingGateTests
{
    private readonly SipFlow _loopback = SipText.Udp("127.0.0.1:6000");

    [Theory]
    [InlineData("say")]
    [InlineData("play")]
    [InlineData("bridge")]
    [InlineData("hook")]
    public void Bench_mode_lets_the_load_generator_in_from_loopback(string user)
    {
        using var world = new SipWorld(options => options.BenchEnabled = true);

        world.Receive(Invite(user), _loopback);

        var incoming = world.Next<LegIncoming>();
        Assert.Equal((user, user), (incoming.BenchScenario, incoming.To));
    }

    [Theory]
    [InlineData("say")]
    [InlineData("hook")]
    public void Without_bench_mode_the_load_generator_is_refused(string user)
    {
        using var world = new SipWorld();

        world.Receive(Invite(user), _loopback);

        world.NextResponse(403);
        world.NothingMore();
    }

    [Fact]
    public void Bench_mode_lets_nobody_in_from_elsewhere()
    {
        using var world = new SipWorld(options => options.BenchEnabled = true);

        world.Receive(Invite("say"), SipText.Udp("203.0.113.5:6000"));

        world.NextResponse(403);
        world.NothingMore();
    }

    [Fact]
    public void Bench_mode_lets_nobody_call_other_names()
    {
        using var world = new SipWorld(options => options.BenchEnabled = true);

        world.Receive(Invite("service"), _loopback);

        world.NextResponse(403);
        world.NothingMore();
    }

    [Fact]
    public void Bench_mode_calls_loopback_by_address_and_nothing_else()
    {
        using var world = new SipWorld(options => options.BenchEnabled = true);

        world.Post(new DialLeg(new LegId("00000000000000aa"), "sip:b@127.0.0.1:7000", null, TimeSpan.FromSeconds(10), []));
        var (flow, invite) = world.NextRequest("INVITE");
        Assert.Equal("127.0.0.1:7000", flow.Remote.ToString());
        Assert.Equal("b", invite.RequestUri.User);

        world.Post(new DialLeg(new LegId("00000000000000ab"), "sip:b@203.0.113.5:7000", null, TimeSpan.FromSeconds(10), []));
        Assert.Equal(LegEndCause.NotFound, world.Next<LegEnded>().Cause);
        Assert.Empty(world.Sent);
    }

    [Fact]
    public void With_trunks_and_no_sandbox_an_unknown_source_is_refused_and_counted()
    {
        using var world = new SipWorld(options => options.Trunks.Add(new TrunkOptions { Name = "t", Host = "198.51.100.1", KeepAliveInterval = TimeSpan.Zero }));

        world.Receive(Invite("+15550002222"), SipText.Udp("203.0.113.5:5060"));

        world.NextResponse(403);
        world.NothingMore();
        Assert.Equal(1, world.Host.Refusals.Counts["unknown source"]);
    }

    [Fact]
    public void With_trunks_and_no_sandbox_nobody_registers()
    {
        using var world = new SipWorld(options => options.Trunks.Add(new TrunkOptions { Name = "t", Host = "198.51.100.1", KeepAliveInterval = TimeSpan.Zero }));

        world.Receive(
            SipText.Request("REGISTER", "sip:sift", "sip:+15554443333@sift", "sip:+15554443333@sift", "Contact: <sip:a@10.0.0.1>"),
            SipText.Udp("203.0.113.5:5060"));

        world.NextResponse(403);
        Assert.Equal(1, world.Host.Refusals.Counts["REGISTER 403"]);
    }

    [Theory]
    [InlineData("192.0.2.77", true)]
    [InlineData("192.0.2.200", false)]
    [InlineData("198.51.100.1", true)]
    public void A_carrier_calls_from_its_addresses_and_blocks(string source, bool admitted)
    {
        using var world = new SipWorld(options => options.Trunks.Add(new TrunkOptions
        {
            Name = "t",
            Host = "198.51.100.1",
            SourceAddresses = ["192.0.2.64/26"],
            KeepAliveInterval = TimeSpan.Zero,
        }));

        world.Receive(Invite("+15550002222"), SipText.Udp(source + ":5060"));

        Assert.Equal(admitted, world.Events.OfType<LegIncoming>().Any());
    }

    [Theory]
    [InlineData("their secret", true)]
    [InlineData("a guess", false)]
    public void A_carrier_may_prove_itself_by_digest_from_any_address(string password, bool admitted)
    {
        using var world = new SipWorld(options => options.Trunks.Add(new TrunkOptions
        {
            Name = "roaming",
            Host = "198.51.100.1",
            InboundUsername = "carrier",
            InboundPassword = "their secret",
            KeepAliveInterval = TimeSpan.Zero,
        }));
        var anywhere = SipText.Udp("203.0.113.5:5060");
        world.Receive(Invite("+15550002222"), anywhere);
        var challenges = world.NextResponse(401).Headers.GetAll("WWW-Authenticate");

        world.Receive(
            Invite("+15550002222", SipText.Authorise(challenges, "carrier", password, "INVITE", "sip:+15550002222@192.0.2.1"), 2),
            anywhere);

        if (admitted)
        {
            Assert.Equal("trunk:roaming", world.Next<LegIncoming>().Origin);
        }
        else
        {
            world.NextResponse(401);
            Assert.Equal(1, world.Host.Refusals.Counts["wrong credentials"]);
        }

        world.NothingMore();
    }

    private static SipRequest Invite(string user, string extra = "", uint sequence = 1) => SipText.Request(
        "INVITE",
        $"sip:{user}@192.0.2.1",
        "sip:sipp@127.0.0.1:6000",
        $"sip:{user}@192.0.2.1",
        ("Contact: <sip:sipp@127.0.0.1:6000>\n" + extra).TrimEnd('\n'),
        sequence,
        body: SipWorld.Offer,
        branch: "g" + sequence);
}
