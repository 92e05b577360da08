using System.Net;
using Sift.Protocols.Sip.Transactions;
using Sift.Protocols.Sip.UserAgent;

namespace Sift.Protocols.Tests.Sip.UserAgent;

/// <summary>Contacts that are host names (RFC 3263): the host finds out where they are while the call goes on.</summary>
public sealed class NextHopTests
{
    private const string Far = "Contact: <sip:bob@far.example>\n";
    private static readonly IPAddress Server = IPAddress.Parse("192.0.2.71");
    private static readonly IPAddress Spare = IPAddress.Parse("192.0.2.72");

    private readonly Pair _pair = new();
    private readonly RawPeer _proxy;
    private readonly SipCallId _call;
    private readonly List<(string Start, SipFlow Flow)> _sent = [];

    public NextHopTests()
    {
        _pair.Network.Sent = (text, from, flow) =>
        {
            if (from == Alice)
            {
                _sent.Add((text.Split(' ')[0], flow));
            }
        };
        _pair.Network.Drop = (_, _) => true;
        _proxy = new(_pair.Network, Alice, "192.0.2.2");
        _call = Alice.Call(_pair.Bob);
    }

    private Peer Alice => _pair.Alice;

    [Fact]
    public void A_name_is_announced_when_the_phone_rings_so_that_the_ACK_finds_it()
    {
        _proxy.Respond("INVITE", 180, extra: Far, contact: false);
        Assert.Equal(["far.example"], Alice.Prepared);

        Alice.Names["far.example"] = Server;
        _proxy.Respond("INVITE", 200, extra: Far, contact: false, body: "answer");

        Assert.Equal([Server], To("ACK"));
        Alice.HangUp(_call);
        Assert.Equal([Server], To("BYE"));
    }

    [Fact]
    public void An_ACK_that_went_by_the_old_way_goes_to_the_name_when_the_200_is_repeated()
    {
        _proxy.Respond("INVITE", 200, extra: Far, contact: false, body: "answer");
        Alice.Names["far.example"] = Server;
        _proxy.Respond("INVITE", 200, extra: Far, contact: false, body: "answer");
        _proxy.Respond("INVITE", 200, extra: Far, contact: false, body: "answer");

        Assert.Equal([_proxy.Address.Address, Server, Server], To("ACK"));
        var acks = Alice.SentMessages.Where(static m => m.CSeq!.Value.Method == "ACK").ToArray();
        Assert.Equal(acks[1].TopVia!.Branch, acks[2].TopVia!.Branch);
        Assert.NotEqual(acks[0].TopVia!.Branch, acks[1].TopVia!.Branch);
        Assert.Single(acks[2].Vias);
    }

    [Fact]
    public void A_request_that_one_server_leaves_unanswered_goes_to_the_next()
    {
        Up();
        Alice.HangUp(_call);
        Assert.Equal([Server], To("BYE"));

        Alice.Spares["far.example"] = Spare;
        _pair.Seconds(33);

        Assert.Equal([Server, Spare], To("BYE").Distinct());
    }

    [Fact]
    public void A_server_in_trouble_does_not_cost_the_call_while_there_is_another()
    {
        Up();
        Alice.Spares["far.example"] = Spare;
        Alice.Reoffer(_call, "new offer");
        _proxy.Respond("INVITE", 503, contact: false);
        Assert.Equal([Server, Spare], To("INVITE").Skip(1));

        _proxy.Respond("INVITE", 200, extra: Far, contact: false, body: "new answer");

        Assert.Equal("reoffer answered", Alice.Log[^1]);
        Assert.Equal(Spare, To("ACK")[^1]);
    }

    [Fact]
    public void A_redirect_to_a_name_tries_its_servers_one_after_another()
    {
        Alice.Names["far.example"] = Server;
        Alice.Spares["far.example"] = Spare;
        _proxy.Respond("INVITE", 302, extra: Far, contact: false);
        Assert.Equal(Server, To("INVITE")[^1]);

        _proxy.Respond("INVITE", 503, contact: false);
        Assert.Equal(Spare, To("INVITE")[^1]);

        _proxy.Respond("INVITE", 503, contact: false);
        Assert.Equal(503, Alice.Ended[_call].Status);
    }

    [Fact]
    public void The_contact_of_a_caller_is_not_looked_up_before_the_host_lets_it_in()
    {
        var raw = new RawPeer(_pair.Network, _pair.Bob);
        raw.Request("INVITE", contact: "<sip:stranger@elsewhere.example>", body: "offer");
        _pair.Bob.Reject(_pair.Bob.Calls[0], 403);
        Assert.Empty(_pair.Bob.Prepared);

        raw.Request("INVITE", contact: "<sip:friend@elsewhere.example>", body: "offer", callId: "second");
        _pair.Bob.Ring(_pair.Bob.Calls[1]);
        Assert.Equal(["elsewhere.example"], _pair.Bob.Prepared);
    }

    private void Up()
    {
        Alice.Names["far.example"] = Server;
        _proxy.Respond("INVITE", 200, extra: Far, contact: false, body: "answer");
    }

    private IPAddress[] To(string method) => [.. _sent.Where(s => s.Start == method).Select(static s => s.Flow.Remote.Address)];
}
