using System.Buffers;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.UserAgent;

namespace Sift.Protocols.Tests.Sip.UserAgent;

/// <summary>Wire input never throws, whatever state it meets.</summary>
public sealed class MangledMessageTests
{
    [Fact]
    public void Mangled_messages_in_every_state_of_a_call_do_no_harm()
    {
        for (var seed = 1UL; seed <= 40; seed++)
        {
            var dice = new SeededEntropy(seed);
            var pair = new Pair(new() { ReliableProvisionals = SipReliability.WhenSupported }, new() { ReliableProvisionals = SipReliability.WhenSupported }, seed);
            pair.Bob.WhenCalled = call =>
            {
                pair.Bob.Ring(call, 183, "early");
                pair.Bob.Answer(call, "");
            };
            var alice = pair.Alice.Call(pair.Bob);
            for (var step = 0; step < 12; step++)
            {
                pair.Network.Run(TimeSpan.FromMilliseconds(15));
                if (step == 8)
                {
                    pair.Alice.Reoffer(alice, "hold");
                }

                Feed(pair.Alice, pair.Bob, dice);
                Feed(pair.Bob, pair.Alice, dice);
            }

            foreach (var peer in new[] { pair.Alice, pair.Bob })
            {
                for (var i = 0; i < 100 && peer.Agent.CallCount > 0; i++)
                {
                    peer.HangUp(alice with { Value = i + 1 });
                }
            }

            pair.AssertNothingLeft();
        }
    }

    private static void Feed(Peer from, Peer to, SeededEntropy dice)
    {
        foreach (var message in from.SentMessages.ToArray())
        {
            var buffer = new ArrayBufferWriter<byte>();
            SipWriter.Write(message, buffer);
            var bytes = buffer.WrittenSpan.ToArray();
            for (var change = dice.Below(4); change >= 0; change--)
            {
                switch (dice.Below(3))
                {
                    case 0:
                        bytes[dice.Below(bytes.Length)] = (byte)dice.Below(256);
                        break;
                    case 1:
                        bytes[dice.Below(bytes.Length)] = (byte)";:<>@=,\"\r\n 0z"[dice.Below(13)];
                        break;
                    default:
                        var at = dice.Below(bytes.Length);
                        bytes = [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + 1 + dice.Below(8))..]];
                        break;
                }
            }

            to.Receive(bytes, to.FlowTo(from));
        }
    }
}
