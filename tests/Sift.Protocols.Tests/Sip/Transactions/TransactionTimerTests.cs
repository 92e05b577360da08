using Sift.Protocols.Tests.Sip.UserAgent;

namespace Sift.Protocols.Tests.Sip.Transactions;

/// <summary>RFC 3261 Table 4, one tick before and at the tick.</summary>
public sealed class TransactionTimerTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);
    private readonly Pair _pair = new();
    private readonly RawPeer _raw;

    public TransactionTimerTests()
    {
        _pair.Network.Latency = TimeSpan.Zero;
        _pair.Network.Drop = (_, _) => true;
        _raw = new(_pair.Network, _pair.Bob);
    }

    [Fact]
    public void Timer_A_doubles_from_T1()
    {
        _pair.Alice.Call(_pair.Bob);
        var at = TimeSpan.Zero;
        var interval = TimeSpan.FromMilliseconds(500);
        for (var sent = 1; sent <= 6; sent++)
        {
            at = interval - Tick;
            _pair.Network.Run(at);
            Assert.Equal(sent, _pair.Alice.CountSent("INVITE"));
            _pair.Network.Run(Tick);
            Assert.Equal(sent + 1, _pair.Alice.CountSent("INVITE"));
            interval *= 2;
        }
    }

    [Fact]
    public void Timer_G_repeats_a_refusal_up_to_T2_and_timer_H_ends_it()
    {
        _raw.Request("INVITE", body: "offer");
        _pair.Bob.Reject(_pair.Bob.Calls[0], 486);
        foreach (var (seconds, sent) in new[] { (0.5, 2), (1.0, 3), (2.0, 4), (4.0, 5), (4.0, 6) })
        {
            _pair.Network.Run(TimeSpan.FromSeconds(seconds) - Tick);
            Assert.Equal(sent - 1, _pair.Bob.CountSent("SIP/2.0 486"));
            _pair.Network.Run(Tick);
            Assert.Equal(sent, _pair.Bob.CountSent("SIP/2.0 486"));
        }

        _pair.Network.Run(TimeSpan.FromSeconds(32 - 11.5) - Tick);
        Assert.NotNull(_pair.Bob.Agent.Deadline);
        _pair.Network.Run(Tick);
        Assert.Null(_pair.Bob.Agent.Deadline);
        Assert.Equal(11, _pair.Bob.CountSent("SIP/2.0 486"));
    }

    [Fact]
    public void Timer_I_absorbs_repeated_ACKs_for_T4()
    {
        _raw.Request("INVITE", body: "offer");
        _pair.Bob.Reject(_pair.Bob.Calls[0], 486);
        _raw.Request("ACK", _raw.LastResponse.To!.Tag!, branch: "INVITE1raw-call");
        Assert.Equal(_pair.Network.Now + TimeSpan.FromSeconds(5), _pair.Bob.Agent.Deadline);
        _raw.Request("ACK", _raw.LastResponse.To!.Tag!, branch: "INVITE1raw-call");
        Assert.Empty(_pair.Bob.Refusals);
        _pair.Network.Run(TimeSpan.FromSeconds(5));
        Assert.Null(_pair.Bob.Agent.Deadline);
    }

    [Fact]
    public void Timer_J_repeats_the_answer_to_a_repeated_request_for_64_T1()
    {
        _raw.Request("BYE", "gone");
        _pair.Network.Run(TimeSpan.FromSeconds(32) - Tick);
        _raw.Request("BYE", "gone");
        Assert.Equal(2, _pair.Bob.CountSent("SIP/2.0 481"));
        Assert.Single(_pair.Bob.Refusals);
        _pair.Network.Run(Tick);
        Assert.Null(_pair.Bob.Agent.Deadline);
    }

    [Fact]
    public void Timer_D_answers_repeated_refusals_with_the_ACK_for_32_s()
    {
        _pair.Alice.Call(_pair.Bob);
        var raw = new RawPeer(_pair.Network, _pair.Alice);
        raw.Respond("INVITE", 486);
        _pair.Network.Run(TimeSpan.FromSeconds(32) - Tick);
        raw.Respond("INVITE", 486);
        Assert.Equal(2, _pair.Alice.CountSent("ACK"));
        Assert.Equal(raw.LastRequest("INVITE").TopVia!.Branch, raw.LastRequest("ACK").TopVia!.Branch);
        _pair.Network.Run(Tick);
        Assert.Null(_pair.Alice.Agent.Deadline);
        raw.Respond("INVITE", 486);
        Assert.Equal(2, _pair.Alice.CountSent("ACK"));
    }

    [Fact]
    public void Timer_E_is_T2_once_a_provisional_came_and_timer_K_lasts_T4()
    {
        _pair.Network.Drop = null;
        var (alice, _) = _pair.Connect();
        _pair.Seconds(40);
        _pair.Network.Drop = (_, _) => true;
        var raw = new RawPeer(_pair.Network, _pair.Alice);
        _pair.Alice.HangUp(alice);
        raw.Respond("BYE", 100);
        _pair.Network.Run(TimeSpan.FromMilliseconds(500));
        Assert.Equal(2, _pair.Alice.CountSent("BYE"));
        _pair.Network.Run(TimeSpan.FromSeconds(4) - Tick);
        Assert.Equal(2, _pair.Alice.CountSent("BYE"));
        _pair.Network.Run(Tick);
        Assert.Equal(3, _pair.Alice.CountSent("BYE"));
        raw.Respond("BYE", 200);
        Assert.Equal(_pair.Network.Now + TimeSpan.FromSeconds(5), _pair.Alice.Agent.Deadline);
    }
}
