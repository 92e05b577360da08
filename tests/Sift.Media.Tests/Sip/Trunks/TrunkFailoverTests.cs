using System.Net;
using Sift.Media.Legs;
using Sift.Media.Sip.Resolution;
using Sift.Media.Sip.Trunks;

namespace Sift.Media.Tests.Sip.Trunks;

/// <summary>A carrier with two servers behind SRV records (RFC 3263 4.3).</summary>
public sealed class TrunkFailoverTests : IDisposable
{
    private const string Main = "198.51.100.1:5081";
    private const string Spare = "198.51.100.2:5082";

    private SipWorld? _world;
    private int _calls;

    public void Dispose() => _world?.Dispose();

    [Fact]
    public void Calls_go_to_the_first_server_under_the_carriers_name()
    {
        var world = World();

        var (flow, invite) = Dial(world);

        Assert.Equal(Main, flow.Remote.ToString());
        Assert.Equal("carrier.example", invite.RequestUri.Host);
        Assert.Null(invite.RequestUri.Port);
    }

    [Fact]
    public void A_server_that_answers_503_is_followed_by_the_next()
    {
        var world = World();
        var (flow, invite) = Dial(world);

        world.Respond(invite, 503, flow);

        world.NextRequest("ACK");
        Assert.Equal(Spare, world.NextRequest("INVITE").Flow.Remote.ToString());
        Assert.True(world.Host.Trunks.All[0].State.Available);
    }

    [Fact]
    public void A_server_that_says_nothing_is_given_up_after_four_seconds()
    {
        var world = World();
        Dial(world);

        world.Advance(TimeSpan.FromSeconds(3.98));
        Assert.All(world.Sent, static sent => Assert.Equal(Main, sent.Flow.Remote.ToString()));
        world.Sent.Clear();
        world.Advance(TimeSpan.FromSeconds(0.04));

        var (flow, invite) = world.NextRequest("INVITE");
        Assert.Equal(Spare, flow.Remote.ToString());
        world.Respond(invite, 200, flow, SipWorld.Offer);
        world.Next<LegAnswered>();
    }

    [Fact]
    public void A_server_that_has_answered_100_is_not_given_up()
    {
        var world = World();
        var (flow, invite) = Dial(world);

        world.Respond(invite, 100, flow);
        world.Advance(TimeSpan.FromSeconds(20));

        Assert.DoesNotContain(world.Sent, static sent => sent.Flow.Remote.ToString() == Spare);
    }

    [Fact]
    public void An_answer_of_the_server_that_was_given_up_is_acknowledged_and_ended()
    {
        var world = World();
        var (flow, invite) = Dial(world);
        world.Advance(TimeSpan.FromSeconds(4.1));
        world.Sent.Clear();

        world.Respond(invite, 200, flow, SipWorld.Offer);

        Assert.Equal(Main, world.NextRequest("ACK").Flow.Remote.ToString());
        Assert.Equal(Main, world.NextRequest("BYE").Flow.Remote.ToString());
        world.NothingMore();
    }

    [Fact]
    public void The_next_call_begins_with_the_server_that_works_until_half_a_minute_is_over()
    {
        var world = World();
        var (flow, invite) = Dial(world);
        world.Respond(invite, 503, flow);
        world.Sent.Clear();

        Assert.Equal(Spare, DialBusy(world));
        world.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(Spare, DialBusy(world));
        world.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(Main, DialBusy(world));
    }

    [Fact]
    public void A_refusal_of_the_callee_is_no_failure_of_the_server()
    {
        var world = World();
        var (flow, invite) = Dial(world);

        world.Respond(invite, 486, flow);

        world.NextRequest("ACK");
        Assert.Empty(world.Sent);
        Assert.Equal(LegEndCause.Busy, world.Next<LegEnded>().Cause);
    }

    [Fact]
    public void A_registration_that_is_refused_with_503_is_tried_at_the_next_server_at_once()
    {
        var world = World(register: true);
        var (flow, register) = world.NextRequest("REGISTER");
        Assert.Equal(Main, flow.Remote.ToString());

        world.Respond(register, 503, flow);

        var (spare, again) = world.NextRequest("REGISTER");
        Assert.Equal(Spare, spare.Remote.ToString());
        world.Respond(again, 200, spare);
        Assert.True(world.Host.Trunks.All[0].State.Registered);
    }

    [Fact]
    public void The_carrier_is_unavailable_when_all_its_servers_are()
    {
        var world = World(keepAlive: TimeSpan.FromSeconds(60));
        Assert.Equal(Main, world.NextRequest("OPTIONS").Flow.Remote.ToString());

        world.Advance(TimeSpan.FromSeconds(33));
        Assert.True(world.Host.Trunks.All[0].State.Available);
        var spare = world.Sent.First(static sent => sent.Flow.Remote.ToString() == Spare);
        world.Respond((Protocols.Sip.Messages.SipRequest)spare.Message, 503, spare.Flow);

        // The first one's half minute is over by then: it is asked once more before the carrier is given up.
        world.Advance(TimeSpan.FromSeconds(33));
        Assert.False(world.Host.Trunks.All[0].State.Available);
    }

    [Fact]
    public void Servers_are_looked_up_again_when_their_records_have_expired()
    {
        var world = World(validFor: TimeSpan.FromSeconds(40));
        world.Services["_sip._udp.carrier.example"] = [new SrvRecord(1, 1, 5083, "moved.example")];
        world.Names["moved.example"] = IPAddress.Parse("198.51.100.3");

        world.Advance(TimeSpan.FromSeconds(39));
        Assert.Equal(Main, Dial(world).Flow.Remote.ToString());
        world.Advance(TimeSpan.FromSeconds(1.1));
        world.Sent.Clear();
        Assert.Equal("198.51.100.3:5083", Dial(world).Flow.Remote.ToString());
    }

    [Fact]
    public void Calls_from_every_server_of_the_carrier_are_its_calls()
    {
        var world = World();

        Assert.True(world.Host.Trunks.All[0].Owns(IPAddress.Parse("198.51.100.2")));
        Assert.False(world.Host.Trunks.All[0].Owns(IPAddress.Parse("198.51.100.3")));
    }

    /// <summary>A call that the callee refuses; the server that it went to.</summary>
    private string DialBusy(SipWorld world)
    {
        // Without what older calls repeat.
        world.Sent.Clear();
        var (flow, invite) = Dial(world);
        world.Respond(invite, 486, flow);
        return flow.Remote.ToString();
    }

    private (Protocols.Sip.Transactions.SipFlow Flow, Protocols.Sip.Messages.SipRequest Request) Dial(SipWorld world)
    {
        world.Post(new DialLeg(new LegId($"00000000000000{++_calls:x2}"), "+15554443333", null, TimeSpan.FromSeconds(60), []));
        return world.NextRequest("INVITE");
    }

    private SipWorld World(bool register = false, TimeSpan keepAlive = default, TimeSpan? validFor = null)
    {
        _world = new SipWorld(options => options.Trunks.Add(new TrunkOptions
        {
            Name = "t",
            Host = "carrier.example",
            Register = register,
            KeepAliveInterval = keepAlive,
        }));
        _world.Names["one.example"] = IPAddress.Parse("198.51.100.1");
        _world.Names["two.example"] = IPAddress.Parse("198.51.100.2");
        _world.Services["_sip._udp.carrier.example"] = [new SrvRecord(20, 1, 5082, "two.example"), new SrvRecord(10, 1, 5081, "one.example")];
        _world.ServicesValidFor = validFor ?? TimeSpan.FromMinutes(5);

        // The first look-up, at the start of the world, found nothing yet.
        _world.Advance(TimeSpan.FromSeconds(15.1));
        return _world;
    }
}
