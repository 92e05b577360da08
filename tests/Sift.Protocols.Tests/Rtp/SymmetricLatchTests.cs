using Sift.Protocols.Rtp;

namespace Sift.Protocols.Tests.Rtp;

public sealed class SymmetricLatchTests
{
    private static readonly TransportAddress Signalled = TransportAddress.FromIPv4(0x0A000001, 4000);
    private static readonly TransportAddress Natted = TransportAddress.FromIPv4(0xC0A80101, 5555);
    private static readonly TransportAddress Stranger = TransportAddress.FromIPv4(0x08080808, 6666);

    private readonly SymmetricLatch _latch = new();

    [Fact]
    public void Follows_the_first_packet_and_then_refuses_a_stranger()
    {
        _latch.OnSignalled(Signalled, LatchScope.AnyHost);
        Assert.Equal(LatchVerdict.Accept, _latch.OnPacket(Natted, At(0)));
        Assert.Equal(Natted, _latch.Target);
        Assert.True(_latch.Learned);
        Assert.Equal(LatchVerdict.Accept, _latch.OnPacket(Natted, At(2.0)));
        Assert.Equal(LatchState.Locked, _latch.State);
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(LatchVerdict.Reject, _latch.OnPacket(Stranger, At(3)));
            Assert.Equal(LatchVerdict.Accept, _latch.OnPacket(Natted, At(3)));
        }

        Assert.Equal(Natted, _latch.Target);
    }

    [Fact]
    public void May_move_once_proven_while_settling_but_one_packet_is_no_proof()
    {
        _latch.OnSignalled(Signalled, LatchScope.AnyHost);
        _latch.OnPacket(Signalled, At(0));
        Assert.Equal(LatchVerdict.Reject, _latch.OnPacket(Natted, At(1)));
        Assert.Equal(LatchVerdict.Accept, _latch.OnPacket(Natted, At(1.02)));
        Assert.Equal(Natted, _latch.Target);
    }

    [Fact]
    public void A_locked_source_gives_way_only_after_long_silence()
    {
        _latch.OnSignalled(Signalled, LatchScope.AnyHost);
        _latch.OnPacket(Signalled, At(0));
        _latch.OnPacket(Signalled, At(10));
        _latch.OnPacket(Natted, At(14.99));
        Assert.Equal(LatchVerdict.Reject, _latch.OnPacket(Natted, At(14.99)));
        _latch.OnPacket(Stranger, At(15));
        Assert.Equal(LatchVerdict.Reject, _latch.OnPacket(Natted, At(15)));
        Assert.Equal(LatchVerdict.Accept, _latch.OnPacket(Natted, At(15.02)));
    }

    [Fact]
    public void New_signalling_opens_it_and_repeated_signalling_does_not()
    {
        _latch.OnSignalled(Signalled, LatchScope.AnyHost);
        _latch.OnPacket(Natted, At(0));
        _latch.OnPacket(Natted, At(5));
        _latch.OnSignalled(Signalled, LatchScope.AnyHost);
        Assert.Equal(Natted, _latch.Target);
        _latch.OnSignalled(Signalled with { Port = 4002 }, LatchScope.AnyHost);
        Assert.Equal(4002, _latch.Target.Port);
        Assert.Equal(LatchVerdict.Accept, _latch.OnPacket(Stranger, At(6)));
    }

    [Fact]
    public void Scopes_keep_others_out()
    {
        _latch.OnSignalled(Signalled, LatchScope.SameHost);
        Assert.Equal(LatchVerdict.Reject, _latch.OnPacket(Natted, At(0)));
        Assert.Equal(LatchVerdict.Accept, _latch.OnPacket(Signalled with { Port = 9 }, At(0)));
        var strict = new SymmetricLatch();
        strict.OnSignalled(Signalled, LatchScope.SignalledOnly);
        Assert.Equal(LatchVerdict.Reject, strict.OnPacket(Signalled with { Port = 9 }, At(0)));
        Assert.Equal(LatchVerdict.Accept, strict.OnPacket(Signalled, At(0)));
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);
}
