using Sift.Protocols.Ice;
using Sift.Protocols.Stun;

namespace Sift.Protocols.Tests.Ice;

/// <summary>RFC 7675, and restarts, which must not disturb it.</summary>
public sealed class IceConsentTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    [Fact]
    public void Consent_is_asked_for_about_every_five_seconds_and_keeps_the_call()
    {
        var network = new IceNetwork();
        var (browser, server) = Nominated(network);
        var begun = network.Sent.Count;

        network.Run(TimeSpan.FromMinutes(5));

        Assert.Equal(0, server.ConsentLosses);
        Assert.Equal(browser.Address, server.Agent.Selected);
        var asked = network.Sent.Skip(begun).Where(s => s.From == server.Address && IsRequest(s.Message)).Select(static s => s.At).ToArray();
        Assert.InRange(asked.Length, 50, 75);
        Assert.All(asked.Zip(asked.Skip(1), static (a, b) => b - a), static gap => Assert.InRange(gap.TotalSeconds, 3.99, 6.01));
        Assert.True(asked.Zip(asked.Skip(1), static (a, b) => b - a).Distinct().Count() > 10, "the intervals are not in step");
    }

    [Fact]
    public void Consent_is_lost_thirty_seconds_after_the_last_answer()
    {
        var network = new IceNetwork();
        var (browser, server) = Nominated(network);
        network.Run(TimeSpan.FromSeconds(60));
        var lastAnswer = network.Sent.Last(s => s.From == browser.Address && !IsRequest(s.Message)).At + network.Delay;
        network.Loses = static (_, _) => true;

        network.Run(lastAnswer + ConsentWatchTimeout - Tick - network.Now);
        Assert.Equal(0, server.ConsentLosses);
        Assert.NotNull(server.Agent.Selected);
        network.Run(Tick * 2);

        Assert.Equal(1, server.ConsentLosses);
        Assert.Null(server.Agent.Selected);
        Assert.False(server.Agent.IsValidated(browser.Address));
    }

    [Fact]
    public void The_peers_own_checks_are_no_consent()
    {
        var network = new IceNetwork();
        var (browser, server) = Nominated(network);

        // What the server sends gets lost, what the browser sends arrives.
        network.Loses = (from, _) => from == server.Address;
        network.Run(TimeSpan.FromSeconds(31));

        Assert.Contains(network.Sent, s => s.From == browser.Address && IsRequest(s.Message) && s.At > TimeSpan.FromSeconds(5));
        Assert.Equal(1, server.ConsentLosses);
    }

    [Fact]
    public void A_few_lost_checks_cost_nothing()
    {
        var network = new IceNetwork { Loss = 0.1 };
        var (_, server) = Nominated(network);

        network.Run(TimeSpan.FromMinutes(10));

        Assert.Equal(0, server.ConsentLosses);
    }

    [Fact]
    public void A_peer_that_comes_back_after_its_consent_was_lost_is_checked_anew()
    {
        var network = new IceNetwork();
        var (browser, server) = Nominated(network);
        network.Loses = (from, _) => from == server.Address;
        network.Run(TimeSpan.FromSeconds(40));
        Assert.Null(server.Agent.Selected);

        // The browser's consent checks go on and find the way open again.
        network.Loses = static (_, _) => false;
        browser.NewCredentials();
        server.NewCredentials();
        Restart(browser, server);
        Assert.True(network.Run(TimeSpan.FromSeconds(5), () => server.Agent.Selected == browser.Address));
    }

    [Fact]
    public void A_restart_finds_the_peers_new_address_while_the_old_one_is_kept()
    {
        var network = new IceNetwork();
        var (browser, server) = Nominated(network);
        var old = browser.Address;
        network.Run(TimeSpan.FromSeconds(20));

        browser.MoveTo("192.0.2.50:6000");
        browser.NewCredentials();
        server.NewCredentials();
        Restart(browser, server);
        Assert.Equal(old, server.Agent.Selected);
        Assert.False(server.Agent.IsValidated(old));

        Assert.True(network.Run(TimeSpan.FromSeconds(2), () => server.Full.IsNominated && browser.Full.IsNominated));
        Assert.Equal([old, browser.Address], server.Selections);
        network.Run(TimeSpan.FromMinutes(2));
        Assert.Equal(0, server.ConsentLosses + browser.ConsentLosses);
    }

    [Fact]
    public void Until_a_restart_has_found_an_address_consent_is_asked_under_the_old_credentials()
    {
        var network = new IceNetwork();
        var (browser, server) = Nominated(network);
        var before = server.Agent;
        network.Run(TimeSpan.FromSeconds(20));

        // Only the server knows of the restart: the browser's new offer is its own affair, and no check of it arrives.
        var newer = new IceCredentials("newufrag", "a-new-password-of-22-chars!");
        server.Agent.Restart(newer, new IceCredentials("other", "another-password-of-22-chars"));
        network.Run(TimeSpan.FromSeconds(60));

        Assert.Same(before, server.Agent);
        Assert.Equal(browser.Address, server.Agent.Selected);
        Assert.Equal(0, server.ConsentLosses);
    }

    private static readonly TimeSpan ConsentWatchTimeout = TimeSpan.FromSeconds(30);

    private static bool IsRequest(byte[] message) => StunMessage.TryParse(message, out var parsed) && parsed.Type == StunMessageType.BindingRequest;

    private static void Restart(IcePeer browser, IcePeer server)
    {
        browser.Agent.Restart(browser.Credentials, server.Credentials);
        server.Agent.Restart(server.Credentials, browser.Credentials);
        server.Learn(browser);
        browser.Learn(server);
    }

    private static (IcePeer Browser, IcePeer Server) Nominated(IceNetwork network)
    {
        var (browser, server) = IceAgentTests.Pair(network);
        Assert.True(network.Run(TimeSpan.FromSeconds(20), () => server.Full.IsNominated && browser.Full.IsNominated));
        return (browser, server);
    }
}
