using Sift.Protocols.Ice;

namespace Sift.Protocols.Tests.Ice;

public sealed class IceCandidateTests
{
    [Fact]
    public void Reads_what_a_browser_trickles()
    {
        Assert.True(IceCandidate.TryParse(
            "candidate:842163049 1 udp 1677729535 198.51.100.7 46154 typ srflx raddr 192.168.1.7 rport 5000 generation 0 ufrag EsAw network-cost 999", out var candidate));

        Assert.Equal(new IceCandidate("842163049", 1677729535, IcePeer.At("198.51.100.7:46154"), IceCandidateType.ServerReflexive, "EsAw"), candidate);
    }

    [Theory]
    [InlineData("1 1 udp 1 2001:db8::7 5000 typ host", "[2001:db8::7]:5000")]
    [InlineData("a=candidate:1 1 UDP 1 192.0.2.1 5000 typ host", "192.0.2.1:5000")]
    public void Takes_addresses_of_both_families(string text, string address)
    {
        Assert.True(IceCandidate.TryParse(text, out var candidate));
        Assert.Equal(IcePeer.At(address), candidate.Address);
    }

    [Theory]
    [InlineData("1 1 udp 1 7d3c6b1e.local 5000 typ host")]
    [InlineData("1 1 tcp 1 192.0.2.1 9 typ host tcptype active")]
    [InlineData("1 2 udp 1 192.0.2.1 5000 typ host")]
    [InlineData("1 1 udp 1 192.0.2.1 0 typ host")]
    [InlineData("1 1 udp 1 224.0.0.1 5000 typ host")]
    [InlineData("1 1 udp 1 255.255.255.255 5000 typ host")]
    [InlineData("1 1 udp 1 0.0.0.0 5000 typ host")]
    [InlineData("1 1 udp 1 ff02::1 5000 typ host")]
    [InlineData("1 1 udp 1 fe80::1 5000 typ host")]
    [InlineData("1 1 udp 1 1 5000 typ host")]
    public void What_nothing_can_be_sent_to_has_no_address(string text)
    {
        Assert.True(IceCandidate.TryParse(text, out var candidate));
        Assert.True(candidate.Address.IsEmpty);
    }

    [Theory]
    [InlineData("")]
    [InlineData("candidate:")]
    [InlineData("candidate:1 1 udp 1 192.0.2.1 5000 typ")]
    [InlineData("candidate:1 1 udp 4294967296 192.0.2.1 5000 typ host")]
    [InlineData("candidate:1 1 udp 1 192.0.2.1 65536 typ host")]
    [InlineData("candidate:1 1 udp 1 192.0.2.1 5000 tip host")]
    [InlineData("candidate:1 1 udp 1 192.0.2.1 5000 typ host\r\na=x")]
    public void What_is_no_candidate_is_refused(string text) => Assert.False(IceCandidate.TryParse(text, out _));

    [Fact]
    public void Priorities_are_those_of_RFC_8445()
    {
        Assert.Equal(2130706431u, IceCandidate.PriorityOf((int)IceCandidateType.Host, IceCandidate.HighestLocalPreference));
        Assert.Equal(1694498815u, IceCandidate.PriorityOf((int)IceCandidateType.ServerReflexive, IceCandidate.HighestLocalPreference));
    }
}
