using System.Net;
using System.Text;
using Sift.Protocols.Ice;
using Sift.Protocols.Rtp;
using Sift.Protocols.Stun;

namespace Sift.Protocols.Tests.Ice;

/// <summary>Two agents with a network between them.</summary>
public sealed class IceAgentTests
{
    private static readonly IPAddress ServerOutside = IPAddress.Parse("203.0.113.1");
    private static readonly IPAddress BrowserOutside = IPAddress.Parse("198.51.100.1");
    private static readonly TransportAddress Stun = IcePeer.At("192.0.2.99:3478");

    [Fact]
    public void Both_select_the_pair_that_the_controlling_side_nominates()
    {
        var network = new IceNetwork();
        var (browser, server) = Pair(network);

        Assert.True(network.Run(TimeSpan.FromSeconds(2), () => server.Full.IsNominated && browser.Full.IsNominated));

        Assert.Equal(browser.Address, server.Agent.Selected);
        Assert.Equal(server.Address, browser.Agent.Selected);
        Assert.True(server.Agent.IsValidated(browser.Address));
        Assert.Equal([browser.Address], server.Validated);
        Assert.InRange(network.Now, TimeSpan.Zero, TimeSpan.FromMilliseconds(300));
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.3)]
    [InlineData(0.5)]
    public void Lost_checks_are_sent_again_until_both_agree(double loss)
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var network = new IceNetwork(seed) { Loss = loss };
            var (browser, server) = Pair(network, seed);

            Assert.True(network.Run(TimeSpan.FromSeconds(60), () => server.Full.IsNominated && browser.Full.IsNominated), $"seed {seed}");
            Assert.Equal(browser.Address, server.Agent.Selected);
            Assert.Equal(server.Address, browser.Agent.Selected);
        }
    }

    [Fact]
    public void A_server_behind_a_NAT_is_reached_at_its_reflexive_address()
    {
        var network = new IceNetwork();
        network.AddStunServer(Stun);
        var server = new IcePeer(network, "10.0.0.5:3478", 2, new Nat(ServerOutside, NatFilter.AddressAndPort));
        var browser = new IcePeer(network, "198.51.100.7:5000", 1);
        server.Gather(Stun);
        Begin(browser, server);

        Assert.True(network.Run(TimeSpan.FromSeconds(2), () => server.Full.IsNominated));

        Assert.Equal(ServerOutside, browser.Agent.Selected!.Value.ToEndPoint().Address);
        Assert.Equal(browser.Address, server.Agent.Selected);
    }

    [Fact]
    public void Two_port_restricted_NATs_are_opened_from_both_sides()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var network = new IceNetwork(seed) { Loss = 0.2 };
            network.AddStunServer(Stun);
            var server = new IcePeer(network, "10.0.0.5:3478", seed, new Nat(ServerOutside, NatFilter.AddressAndPort));
            var browser = new IcePeer(network, "192.168.1.7:5000", 100 + seed, new Nat(BrowserOutside, NatFilter.AddressAndPort));
            server.Gather(Stun);
            browser.Gather(Stun);
            Begin(browser, server);

            Assert.True(network.Run(TimeSpan.FromSeconds(60), () => server.Full.IsNominated && browser.Full.IsNominated), $"seed {seed}");
            Assert.Equal(BrowserOutside, server.Agent.Selected!.Value.ToEndPoint().Address);
            Assert.Equal(ServerOutside, browser.Agent.Selected!.Value.ToEndPoint().Address);
        }
    }

    [Fact]
    public void The_address_behind_a_symmetric_NAT_is_learnt_from_the_checks()
    {
        var network = new IceNetwork();
        network.AddStunServer(Stun);
        var server = new IcePeer(network, "10.0.0.5:3478", 2, new Nat(ServerOutside, NatFilter.None));
        var browser = new IcePeer(network, "192.168.1.7:5000", 1, new Nat(BrowserOutside, NatFilter.AddressAndPort, symmetric: true));
        server.Gather(Stun);
        browser.Gather(Stun);
        Begin(browser, server);

        Assert.True(network.Run(TimeSpan.FromSeconds(2), () => server.Full.IsNominated));

        Assert.DoesNotContain(browser.Candidates, c => c.Address == server.Agent.Selected);
        Assert.Equal(BrowserOutside, server.Agent.Selected!.Value.ToEndPoint().Address);
    }

    [Fact]
    public void A_lite_peer_is_controlled_and_follows()
    {
        var network = new IceNetwork();
        var browser = new IcePeer(network, "198.51.100.7:5000", 1);
        var server = new IcePeer(network, "203.0.113.1:3478", 2);
        browser.Begin(IceRole.Controlling, server);
        server.BeginLite(browser);
        browser.Learn(server);

        Assert.True(network.Run(TimeSpan.FromSeconds(2), () => browser.Full.IsNominated));

        Assert.Equal(browser.Address, server.Agent.Selected);
        Assert.Equal(server.Address, browser.Agent.Selected);
    }

    [Theory]
    [InlineData(IceRole.Controlling)]
    [InlineData(IceRole.Controlled)]
    public void Two_that_claim_the_same_role_settle_it(IceRole role)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var network = new IceNetwork(seed);
            var browser = new IcePeer(network, "198.51.100.7:5000", seed);
            var server = new IcePeer(network, "203.0.113.1:3478", 100 + seed);
            Begin(browser, server, role, role);

            Assert.True(network.Run(TimeSpan.FromSeconds(5), () => server.Full.IsNominated && browser.Full.IsNominated), $"seed {seed}");
            Assert.NotEqual(browser.Full.Role, server.Full.Role);
            Assert.Equal(browser.Address, server.Agent.Selected);
        }
    }

    [Fact]
    public void Two_with_the_same_role_and_tie_breaker_settle_it_too()
    {
        var network = new IceNetwork();
        var browser = new IcePeer(network, "198.51.100.7:5000", 5) { TieBreaker = 42 };
        var server = new IcePeer(network, "203.0.113.1:3478", 6) { TieBreaker = 42 };
        Begin(browser, server, IceRole.Controlling, IceRole.Controlling);

        Assert.True(network.Run(TimeSpan.FromSeconds(5), () => server.Full.IsNominated && browser.Full.IsNominated));

        Assert.NotEqual(browser.Full.Role, server.Full.Role);
    }

    [Fact]
    public void Checks_leave_one_by_one_fifty_milliseconds_apart()
    {
        var network = new IceNetwork { Loses = static (_, _) => true };
        var (_, server) = Alone(network);
        for (var i = 0; i < 6; i++)
        {
            server.Agent.AddRemote(Candidate($"198.51.100.{20 + i}:5000", foundation: $"{i}", priority: (uint)(1000 + i)));
        }

        network.Run(TimeSpan.FromMilliseconds(499));

        Assert.Equal([0, 50, 100, 150, 200, 250], network.Sent.Select(static s => s.At.TotalMilliseconds));

        // The best first.
        Assert.Equal([25, 24, 23, 22, 21, 20], network.Sent.Select(static s => (int)(s.To.IPv4 & 0xFF)));
    }

    [Fact]
    public void A_check_is_repeated_as_RFC_8489_says_and_then_given_up()
    {
        var network = new IceNetwork { Loses = static (_, _) => true };
        var (_, server) = Alone(network);
        server.Agent.AddRemote(Candidate("198.51.100.20:5000"));

        network.Run(TimeSpan.FromSeconds(60));

        Assert.Equal([0, 500, 1500, 3500, 7500, 15500, 31500], network.Sent.Select(static s => s.At.TotalMilliseconds));
        Assert.Single(network.Sent.Select(static s => Convert.ToHexString(s.Message)).Distinct());
        Assert.Null(server.Agent.Deadline);
    }

    [Fact]
    public void One_of_a_foundation_is_checked_first_and_frees_the_others()
    {
        var network = new IceNetwork { Loses = static (_, _) => true };
        var (browser, server) = Alone(network);
        server.Agent.AddRemote(Candidate("198.51.100.20:5000", foundation: "a", priority: 30));
        server.Agent.AddRemote(Candidate("198.51.100.21:5000", foundation: "a", priority: 20));
        server.Agent.AddRemote(Candidate("198.51.100.22:5000", foundation: "b", priority: 10));

        network.Run(TimeSpan.FromMilliseconds(400));
        Assert.Equal([20, 22], network.Sent.Select(static s => (int)(s.To.IPv4 & 0xFF)));

        server.Receive(Answer(network.Sent[0].Message, browser.Credentials.Password, server.Address), IcePeer.At("198.51.100.20:5000"));
        network.Run(TimeSpan.FromMilliseconds(60));
        Assert.Equal([20, 22, 21], network.Sent.Select(static s => (int)(s.To.IPv4 & 0xFF)));
    }

    [Fact]
    public void A_check_of_the_peer_is_answered_and_triggers_ours_before_all_others()
    {
        var network = new IceNetwork { Loses = static (_, _) => true };
        var (browser, server) = Alone(network);
        for (var i = 0; i < 5; i++)
        {
            server.Agent.AddRemote(Candidate($"198.51.100.{20 + i}:5000", foundation: $"{i}", priority: (uint)(1000 + i)));
        }

        network.Run(TimeSpan.FromMilliseconds(10));
        server.Receive(Request(server, browser, IceRole.Controlling), browser.Address);
        network.Run(TimeSpan.FromMilliseconds(45));

        Assert.Equal(3, network.Sent.Count);
        Assert.True(StunMessage.TryParse(network.Sent[1].Message, out var reply));
        Assert.Equal(StunMessageType.BindingSuccess, reply.Type);
        Assert.True(reply.TryGetXorMappedAddress(out var seen));
        Assert.Equal(browser.Address.ToEndPoint(), seen);
        Assert.True(StunMessage.TryParse(network.Sent[2].Message, out var triggered));
        Assert.Equal(StunMessageType.BindingRequest, triggered.Type);
        Assert.Equal(browser.Address, network.Sent[2].To);
    }

    [Fact]
    public void An_address_is_not_valid_before_it_has_answered_ours()
    {
        var network = new IceNetwork { Loses = static (_, _) => true };
        var (browser, server) = Alone(network);

        server.Receive(Request(server, browser, IceRole.Controlling, nominates: true), browser.Address);
        Assert.False(server.Agent.IsValidated(browser.Address));
        Assert.Null(server.Agent.Selected);

        var check = network.Sent.Last().Message;
        server.Receive(Answer(check, browser.Credentials.Password, server.Address), browser.Address);
        Assert.True(server.Agent.IsValidated(browser.Address));
        Assert.True(server.Full.IsNominated);
    }

    [Fact]
    public void Answers_that_are_forged_or_come_from_elsewhere_prove_nothing()
    {
        var network = new IceNetwork { Loses = static (_, _) => true };
        var (browser, server) = Alone(network);
        server.Agent.AddRemote(Candidate("198.51.100.7:5000"));
        network.Run(TimeSpan.FromMilliseconds(10));
        var check = network.Sent[0].Message;

        server.Receive(Answer(check, "some-other-password-of-22-chars", server.Address), browser.Address);
        Assert.Equal(IceRefusal.NotAuthentic, server.LastRefusal);
        Assert.Null(server.Agent.Selected);

        server.Receive(Answer(check, browser.Credentials.Password, server.Address, otherTransaction: true), browser.Address);
        Assert.Equal(IceRefusal.Unexpected, server.LastRefusal);

        // RFC 8445 7.2.5.2.1: the answer came another way than the check went.
        server.Receive(Answer(check, browser.Credentials.Password, server.Address), IcePeer.At("198.51.100.8:5000"));
        Assert.Null(server.Agent.Selected);
        Assert.Empty(server.Validated);
        Assert.Null(server.Agent.Deadline);
    }

    [Fact]
    public void Wrong_users_and_passwords_are_not_answered()
    {
        var network = new IceNetwork();
        var (browser, server) = Alone(network);
        var stranger = new IcePeer(network, "198.51.100.66:5000", 9);

        server.Receive(Request(server, stranger, IceRole.Controlling), stranger.Address);
        Assert.Equal(IceRefusal.WrongUser, server.LastRefusal);
        server.Receive(Request(server, browser, IceRole.Controlling, password: "guess-guess-guess-guess"), browser.Address);
        Assert.Equal(IceRefusal.NotAuthentic, server.LastRefusal);

        Assert.Empty(network.Sent);
    }

    [Fact]
    public void Attributes_that_must_be_understood_are_refused_with_420()
    {
        var network = new IceNetwork();
        var (browser, server) = Alone(network);

        server.Receive(Request(server, browser, IceRole.Controlling, extra: (StunAttribute)0x0033), browser.Address);

        Assert.True(StunMessage.TryParse(Assert.Single(network.Sent).Message, out var reply));
        Assert.Equal(420, reply.ErrorCode);
        Assert.True(reply.TryGet(StunAttribute.UnknownAttributes, out var unknown));
        Assert.Equal([0x00, 0x33], unknown.ToArray());
    }

    [Fact]
    public void A_later_nomination_moves_the_call_to_the_peers_other_network()
    {
        var network = new IceNetwork();
        var (browser, server) = Pair(network);
        Assert.True(network.Run(TimeSpan.FromSeconds(2), () => server.Full.IsNominated));
        var roamed = IcePeer.At("192.0.2.50:6000");
        network.Attach(roamed, (datagram, from) =>
        {
            if (StunMessage.TryParse(datagram, out var message) && message.Type == StunMessageType.BindingRequest)
            {
                network.Send(roamed, from, Answer(datagram, browser.Credentials.Password, from));
            }
        });

        network.Send(roamed, server.Address, Request(server, browser, IceRole.Controlling, nominates: true));
        network.Run(TimeSpan.FromMilliseconds(200));

        Assert.Equal([browser.Address, roamed], server.Selections);
    }

    [Fact]
    public void Junk_never_throws_and_changes_nothing()
    {
        var network = new IceNetwork();
        var (browser, server) = Pair(network);
        Assert.True(network.Run(TimeSpan.FromSeconds(2), () => server.Full.IsNominated));
        var good = Request(server, browser, IceRole.Controlling, nominates: true);
        var random = new Random(3);
        var self = server;
        var before = network.Sent.Count;
        for (var i = 0; i < 50_000; i++)
        {
            var junk = good.AsSpan(0, i % 2 == 0 ? good.Length : random.Next(good.Length + 1)).ToArray();
            if (junk.Length > 0)
            {
                // What follows the integrity, the fingerprint, is not protected by it.
                junk[random.Next(Math.Min(junk.Length, good.Length - 8))] ^= (byte)(1 << random.Next(8));
            }

            server.Agent.OnDatagram(junk, IcePeer.At("192.0.2.66:666"), network.Now, ref self);
        }

        Assert.Equal(before, network.Sent.Count);
        Assert.Equal([browser.Address], server.Selections);
    }

    internal static (IcePeer Browser, IcePeer Server) Pair(IceNetwork network, int seed = 1)
    {
        var browser = new IcePeer(network, "198.51.100.7:5000", seed);
        var server = new IcePeer(network, "203.0.113.1:3478", 1000 + seed);
        Begin(browser, server);
        return (browser, server);
    }

    internal static byte[] Answer(byte[] check, string password, TransportAddress mapped, bool otherTransaction = false)
    {
        Assert.True(StunMessage.TryParse(check, out var request));
        var transaction = request.TransactionId.ToArray();
        transaction[^1] ^= otherTransaction ? (byte)1 : (byte)0;
        var buffer = new byte[548];
        var writer = new StunWriter(buffer, StunMessageType.BindingSuccess, transaction);
        writer.AddXorMappedAddress(mapped.ToEndPoint());
        return buffer[..writer.Seal(Encoding.UTF8.GetBytes(password))];
    }

    private static void Begin(IcePeer browser, IcePeer server, IceRole browserRole = IceRole.Controlling, IceRole serverRole = IceRole.Controlled)
    {
        browser.Begin(browserRole, server);
        server.Begin(serverRole, browser);
        server.Learn(browser);
        browser.Learn(server);
    }

    /// <summary>A server whose browser is played by the test.</summary>
    private static (IcePeer Browser, IcePeer Server) Alone(IceNetwork network)
    {
        var browser = new IcePeer(network, "198.51.100.7:5000", 1);
        var server = new IcePeer(network, "203.0.113.1:3478", 2);
        server.Begin(IceRole.Controlled, browser);
        return (browser, server);
    }

    private static IceCandidate Candidate(string address, string foundation = "1", uint priority = 100) =>
        new(foundation, priority, IcePeer.At(address), IceCandidateType.Host);

    private static byte[] Request(IcePeer to, IcePeer by, IceRole role, bool nominates = false, string? password = null, StunAttribute? extra = null)
    {
        var buffer = new byte[548];
        var writer = new StunWriter(buffer, StunMessageType.BindingRequest, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        writer.Add(StunAttribute.Username, Encoding.UTF8.GetBytes($"{to.Credentials.Ufrag}:{by.Credentials.Ufrag}"));
        writer.Add(StunAttribute.Priority, 1000u);
        writer.Add(role == IceRole.Controlling ? StunAttribute.IceControlling : StunAttribute.IceControlled, 42UL);
        if (nominates)
        {
            writer.Add(StunAttribute.UseCandidate, []);
        }

        if (extra is { } unknown)
        {
            writer.Add(unknown, [1, 2]);
        }

        return buffer[..writer.Seal(Encoding.UTF8.GetBytes(password ?? to.Credentials.Password))];
    }
}
