using System.Net;
using Sift.Protocols.Sip.UserAgent;

namespace Sift.Protocols.Tests.Sip.UserAgent;

/// <summary>Alice and Bob.</summary>
internal sealed class Pair
{
    public Pair(SipUserAgentOptions? alice = null, SipUserAgentOptions? bob = null, ulong seed = 1)
    {
        Network = new(seed);
        Alice = new(Network, new(IPAddress.Parse("192.0.2.1"), 5060), alice ?? NoSessionTimer, seed * 2);
        Bob = new(Network, new(IPAddress.Parse("192.0.2.2"), 5060), bob ?? NoSessionTimer, (seed * 2) + 1);
    }

    /// <summary>Session timers off, so that an idle call leaves nothing to wait for.</summary>
    public static SipUserAgentOptions NoSessionTimer { get; } = new() { SessionExpires = null };

    public SipNetwork Network { get; }

    public Peer Alice { get; }

    public Peer Bob { get; }

    /// <summary>A call that is up.</summary>
    public (SipCallId Alice, SipCallId Bob) Connect(string offer = "offer", string answer = "answer")
    {
        Bob.WhenCalled = call => Bob.Answer(call, answer);
        Alice.WhenAnswered = (call, _, owes) =>
        {
            if (owes)
            {
                Alice.Agent.Acknowledge(call, Peer.Sdp("late answer"), Network.Now, Alice);
            }
        };
        var call = Alice.Call(Bob, offer);
        Seconds(1);
        Assert.Equal("acknowledged", Bob.Log[^1]);
        return (call, Bob.Calls[^1]);
    }

    public void Seconds(double seconds) => Network.Run(TimeSpan.FromSeconds(seconds));

    /// <summary>After every linger nothing may be left.</summary>
    public void AssertNothingLeft()
    {
        Network.Settle(TimeSpan.FromMinutes(5));
        Assert.Null(Alice.Agent.Deadline);
        Assert.Null(Bob.Agent.Deadline);
        Assert.Equal(0, Alice.Agent.CallCount);
        Assert.Equal(0, Bob.Agent.CallCount);
    }
}
