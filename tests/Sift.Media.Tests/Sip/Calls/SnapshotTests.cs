using System.Text;
using Sift.Media.Legs;
using Sift.Media.Sip;
using Sift.Media.Sip.Trunks;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Tests.Sip.Calls;

/// <summary>A call that goes on in another process.</summary>
public sealed class SnapshotTests
{
    private const string To = "sip:+15550002222@192.0.2.1";

    private readonly SipFlow _carrier = SipText.Udp("198.51.100.7:5060");

    [Fact]
    public async Task A_call_goes_on_after_a_restart()
    {
        using var before = new SipWorld(Carrier);
        var (leg, ok) = Up(before);
        var snapshot = await Snapshot(before, leg);
        Assert.NotNull(snapshot);
        before.Dispose();

        using var after = new SipWorld(Carrier, seed: 2);
        Assert.True(after.Host.Restore(snapshot));

        // The far end changes the session, then we hang up: same tags, same port, CSeq going on.
        after.InDialog("INVITE", ok, _carrier, 2, SipWorld.Offer.Replace("1 1 IN", "1 2 IN", StringComparison.Ordinal) + "a=sendonly\n");
        after.NextResponse(100);
        var again = after.NextResponse(200);
        Assert.Equal(PortOf(ok), PortOf(again));
        Assert.Equal(ok.To!.Tag, again.To!.Tag);
        after.InDialog("ACK", ok, _carrier, 2);
        Assert.True(after.Next<LegHoldChanged>().Held);

        after.Post(new HangUpLeg(leg, "done"));
        var (flow, bye) = after.NextRequest("BYE");
        Assert.Equal(_carrier, flow);
        Assert.Equal(ok.To.Tag, bye.From!.Tag);
        Assert.Equal("ft", bye.To!.Tag);
        after.Advance(TimeSpan.FromMilliseconds(40));
        Assert.Equal(LegEndCause.LocalHangUp, after.Next<LegEnded>().Cause);
    }

    [Fact]
    public async Task A_call_that_is_not_up_has_no_snapshot()
    {
        using var world = new SipWorld(Carrier);
        world.Receive(Invite(), _carrier);
        var leg = world.Next<LegIncoming>().Leg;

        Assert.Null(await Snapshot(world, leg));
        Assert.Null(await Snapshot(world, new LegId("0000000000000000")));
    }

    [Fact]
    public async Task A_call_whose_port_is_taken_is_ended_rather_than_left_dead()
    {
        using var before = new SipWorld(Carrier);
        var (leg, ok) = Up(before);
        var snapshot = await Snapshot(before, leg);
        before.Dispose();
        var network = new Rtp.MemoryNetwork();
        network.Taken.Add(PortOf(ok));
        using var after = new SipWorld(Carrier, network, seed: 2);

        Assert.False(after.Host.Restore(snapshot!));

        after.NextRequest("BYE");
    }

    [Theory]
    [InlineData("webrtc", "{}", "{}")]
    [InlineData("sip", "{}", "{}")]
    [InlineData("sip", "nonsense", "nonsense")]
    public void A_snapshot_that_is_not_ours_is_refused(string kind, string signalling, string media)
    {
        using var world = new SipWorld(Carrier);

        Assert.False(world.Host.Restore(new LegSnapshot(new LegId("00000000000000aa"), kind, DateTimeOffset.UnixEpoch, signalling, media)));
    }

    private static async Task<LegSnapshot?> Snapshot(SipWorld world, LegId leg)
    {
        var snapshot = world.Host.SnapshotAsync(leg, CancellationToken.None);
        world.Advance(TimeSpan.FromMilliseconds(40));
        return await snapshot;
    }

    private static int PortOf(SipResponse response)
    {
        var text = Encoding.UTF8.GetString(response.Body.Span);
        var at = text.IndexOf("m=audio ", StringComparison.Ordinal) + 8;
        return int.Parse(text.AsSpan(at, 5), System.Globalization.CultureInfo.InvariantCulture);
    }

    private (LegId Leg, SipResponse Ok) Up(SipWorld world)
    {
        world.Receive(Invite(), _carrier);
        var leg = world.Next<LegIncoming>().Leg;
        world.NextResponse(100);
        world.Post(new AnswerLeg(leg));
        var ok = world.NextResponse(200);
        world.InDialog("ACK", ok, _carrier, 1);
        world.Next<LegAnswered>();
        return (leg, ok);
    }

    private static SipRequest Invite() =>
        SipText.Request("INVITE", To, "sip:+15551110000@carrier", To, "Contact: <sip:caller@198.51.100.7>", body: SipWorld.Offer);

    private static void Carrier(SipOptions options) =>
        options.Trunks.Add(new TrunkOptions { Name = "carrier", Host = "198.51.100.7", KeepAliveInterval = TimeSpan.Zero });
}
