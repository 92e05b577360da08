using System.Net;
using Sift.Protocols.Ice;
using Sift.Protocols.Rtp;

namespace Sift.Protocols.Tests.Ice;

public sealed class ReflexiveGathererTests
{
    private static readonly TransportAddress First = IcePeer.At("192.0.2.98:3478");
    private static readonly TransportAddress Second = IcePeer.At("192.0.2.99:3478");
    private static readonly IPAddress Outside = IPAddress.Parse("203.0.113.1");

    [Fact]
    public void Two_servers_that_see_the_same_address_give_one()
    {
        var network = new IceNetwork();
        network.AddStunServer(First);
        network.AddStunServer(Second);
        var server = new IcePeer(network, "10.0.0.5:3478", 1, new Nat(Outside, NatFilter.AddressAndPort));

        server.Gather(First);
        server.Gather(Second);

        Assert.Equal(Outside, Assert.Single(server.Gatherer.Addresses).ToEndPoint().Address);
    }

    [Fact]
    public void The_mapping_is_kept_alive_and_a_new_one_is_noticed()
    {
        var network = new IceNetwork();
        network.AddStunServer(First);
        var nat = new Nat(Outside, NatFilter.AddressAndPort);
        var server = new IcePeer(network, "10.0.0.5:3478", 1, nat);
        server.Gather(First);
        var before = Assert.Single(server.Gatherer.Addresses);
        network.Run(TimeSpan.FromSeconds(61));
        Assert.Equal(5, network.Sent.Count(static s => s.To == First));
        Assert.Equal(before, Assert.Single(server.Gatherer.Addresses));

        nat.Forget();
        network.Run(TimeSpan.FromSeconds(16));

        Assert.NotEqual(before, Assert.Single(server.Gatherer.Addresses));
    }

    [Fact]
    public void A_silent_server_is_given_up_and_asked_again_later()
    {
        var network = new IceNetwork();
        var server = new IcePeer(network, "10.0.0.5:3478", 1);
        server.Gatherer.Add(First, network.Now);

        network.Run(TimeSpan.FromSeconds(63));
        Assert.Equal(7, network.Sent.Count);
        Assert.False(server.Gatherer.IsSettled);
        network.Run(TimeSpan.FromSeconds(1));
        Assert.True(server.Gatherer.IsSettled);
        Assert.Empty(server.Gatherer.Addresses);

        network.AddStunServer(First);
        network.Run(TimeSpan.FromSeconds(16));
        Assert.Single(server.Gatherer.Addresses);
    }

    [Fact]
    public void An_answer_from_elsewhere_is_not_believed()
    {
        var network = new IceNetwork();
        var server = new IcePeer(network, "10.0.0.5:3478", 1);
        server.Gatherer.Add(First, network.Now);
        network.Run(TimeSpan.FromMilliseconds(1));

        server.Receive(IceAgentTests.Answer(network.Sent[0].Message, "", IcePeer.At("198.51.100.66:666")), Second);

        Assert.Equal(IceRefusal.Unexpected, server.LastRefusal);
        Assert.False(server.Gatherer.IsSettled);
    }
}
