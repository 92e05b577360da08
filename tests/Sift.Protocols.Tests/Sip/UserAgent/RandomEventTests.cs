using Sift.Protocols.Sip.UserAgent;

namespace Sift.Protocols.Tests.Sip.UserAgent;

/// <summary>Whatever the host does and the network loses: no exception, each call ends once, nothing is left.</summary>
public sealed class RandomEventTests
{
    [Fact]
    public void Thousands_of_random_calls_over_a_bad_network_all_end()
    {
        var seen = new Dictionary<string, int>();
        for (var seed = 1UL; seed <= 1000; seed++)
        {
            try
            {
                Play(seed, seen);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                Assert.Fail($"seed {seed}: {e}");
            }
        }

        // The runs must have been where it is dangerous.
        string[] places =
        [
            "answered", "answered, owes answer", "acknowledged", "reoffer INVITE", "reoffer answered", "reoffer refused 488", "info",
            "provisional 183", "ended Cancelled", "ended LocalHangUp", "ended RemoteHangUp", "ended Refused", "ended Rejected", "ended Timeout",
            "Glare", "OutOfOrder", "UnknownDialog", "SessionIntervalTooSmall", "PRACK", "UPDATE", "CANCEL",
        ];
        foreach (var place in places)
        {
            Assert.True(seen.GetValueOrDefault(place) > 0, $"{place} was seen {seen.GetValueOrDefault(place)} times");
        }
    }

    private static void Play(ulong seed, Dictionary<string, int> seen)
    {
        var dice = new SeededEntropy(seed * 7919);
        var options = new SipUserAgentOptions
        {
            SessionExpires = dice.Chance(50) ? TimeSpan.FromSeconds(90) : null,
            ReliableProvisionals = (SipReliability)dice.Below(3),
        };
        var other = options with { SessionExpires = dice.Chance(50) ? TimeSpan.FromSeconds(100) : null, MinimumSessionExpires = TimeSpan.FromSeconds(90 + dice.Below(60)) };
        var pair = new Pair(options, other, seed);
        pair.Network.LossPercent = dice.Below(40);
        pair.Network.DoublePercent = dice.Below(30);
        pair.Network.JitterMilliseconds = dice.Below(2000);
        var peers = new[] { pair.Alice, pair.Bob };
        var made = new[] { new List<SipCallId>(), [] };
        for (var step = 0; step < 30; step++)
        {
            var who = dice.Below(2);
            var peer = peers[who];
            if (dice.Chance(15) && made[who].Count < 3)
            {
                made[who].Add(peer.Call(peers[1 - who], dice.Chance(80) ? "offer" : ""));
            }

            var calls = made[who].Concat(peer.Calls).ToArray();
            if (calls.Length > 0)
            {
                var call = calls[dice.Below(calls.Length)];
                switch (dice.Below(12))
                {
                    case 0:
                        peer.Ring(call, 180 + dice.Below(4), dice.Chance(50) ? "early" : "");
                        break;
                    case 1 or 2 or 3:
                        peer.Answer(call);
                        break;
                    case 4:
                        peer.Reject(call, 486);
                        break;
                    case 5:
                        peer.HangUp(call);
                        break;
                    case 6 or 7:
                        peer.Reoffer(call, $"change {step}");
                        break;
                    case 8:
                        peer.AnswerReoffer(call, "fine");
                        break;
                    case 9:
                        peer.Agent.RefuseReoffer(call, 488, pair.Network.Now, peer);
                        break;
                    case 10:
                        peer.Agent.Acknowledge(call, Peer.Sdp("late"), pair.Network.Now, peer);
                        break;
                    default:
                        peer.Agent.Info(call, "application/dtmf-relay", Peer.Sdp("Signal=1"), pair.Network.Now, peer);
                        break;
                }
            }

            pair.Seconds(dice.Below(100) / 20.0);
        }

        foreach (var (peer, placed) in peers.Zip(made))
        {
            foreach (var call in placed.Concat(peer.Calls).ToArray())
            {
                peer.HangUp(call);
            }
        }

        pair.Network.LossPercent = 0;
        for (var round = 0; round < 60 && pair.Alice.Agent.CallCount + pair.Bob.Agent.CallCount > 0; round++)
        {
            pair.Seconds(10);
            foreach (var (peer, placed) in peers.Zip(made))
            {
                foreach (var call in placed.Concat(peer.Calls).ToArray())
                {
                    peer.HangUp(call);
                }
            }
        }

        pair.AssertNothingLeft();
        foreach (var (peer, placed) in peers.Zip(made))
        {
            Assert.Equal(placed.Concat(peer.Calls).Order(Comparer<SipCallId>.Create((a, b) => a.Value.CompareTo(b.Value))), peer.Ended.Keys.OrderBy(c => c.Value));
        }

        foreach (var what in peers.SelectMany(p => p.Log.Concat(p.Refusals.Select(r => r.ToString())).Concat(p.SentMessages.OfType<Sift.Protocols.Sip.Messages.SipRequest>().Select(r => r.Method))))
        {
            seen[what] = seen.GetValueOrDefault(what) + 1;
        }
    }
}
