using System.Net;
using System.Text;
using Sift.Protocols.Ice;
using Sift.Protocols.Rtp;
using Sift.Protocols.Stun;

namespace Sift.Protocols.Tests.Ice;

public sealed class IceLiteAgentTests
{
    private static readonly IceCredentials Local = new("serverufrag", "server-password-of-22-chars");
    private static readonly IceCredentials Remote = new("browser", "browser-password-of-22-chars");
    private static readonly TransportAddress Home = TransportAddress.From(new IPEndPoint(IPAddress.Parse("192.0.2.7"), 5000));
    private static readonly TransportAddress Roamed = TransportAddress.From(new IPEndPoint(IPAddress.Parse("198.51.100.9"), 6000));

    private readonly IceLiteAgent _agent = new(Local, Remote);
    private Recorder _output = new();

    [Fact]
    public void Answers_a_check_with_the_address_it_came_from_and_selects_it()
    {
        Assert.Equal(IceRefusal.None, Check(Home, TimeSpan.Zero));

        var (bytes, to) = Assert.Single(_output.Sent);
        Assert.Equal(Home, to);
        Assert.True(StunMessage.TryParse(bytes, out var reply));
        Assert.Equal(StunMessageType.BindingSuccess, reply.Type);
        Assert.True(reply.IsAuthentic(Encoding.UTF8.GetBytes(Local.Password)));
        Assert.True(reply.TryGetXorMappedAddress(out var seen));
        Assert.Equal(Home.ToEndPoint(), seen);
        Assert.Equal(Home, _agent.Selected);
        Assert.True(_agent.IsValidated(Home));
        Assert.Equal([Home], _output.Validations);
        Assert.False(_agent.IsValidated(Roamed));
    }

    [Fact]
    public void Follows_a_nomination_to_a_new_address_in_mid_call()
    {
        Check(Home, TimeSpan.Zero, useCandidate: true);

        Check(Roamed, TimeSpan.FromSeconds(60), useCandidate: false);
        Assert.Equal(Home, _agent.Selected);
        Check(Roamed, TimeSpan.FromSeconds(61), useCandidate: true);

        Assert.Equal(Roamed, _agent.Selected);
        Assert.Equal([Home, Roamed], _output.Selections);
    }

    [Fact]
    public void Ignores_wrong_users_and_wrong_passwords()
    {
        Assert.Equal(IceRefusal.WrongUser, Check(Home, TimeSpan.Zero, user: "serverufrag:stranger"));
        Assert.Equal(IceRefusal.NotAuthentic, Check(Home, TimeSpan.Zero, password: "guess"));

        Assert.Empty(_output.Sent);
        Assert.Null(_agent.Selected);
    }

    [Fact]
    public void Tells_a_peer_that_claims_to_be_controlled_of_the_role_conflict()
    {
        Check(Home, TimeSpan.Zero, role: StunAttribute.IceControlled);

        Assert.True(StunMessage.TryParse(Assert.Single(_output.Sent).Bytes, out var reply));
        Assert.Equal(StunMessageType.BindingError, reply.Type);
        Assert.True(reply.TryGet(StunAttribute.ErrorCode, out var error));
        Assert.Equal(487, (error[2] * 100) + error[3]);
        Assert.Null(_agent.Selected);
    }

    [Fact]
    public void Refuses_attributes_that_must_be_understood_with_420()
    {
        Check(Home, TimeSpan.Zero, extra: (StunAttribute)0x0033);

        Assert.True(StunMessage.TryParse(Assert.Single(_output.Sent).Bytes, out var reply));
        Assert.True(reply.TryGet(StunAttribute.UnknownAttributes, out var unknown));
        Assert.Equal([0x00, 0x33], unknown.ToArray());
    }

    [Fact]
    public void Consent_is_lost_thirty_seconds_after_the_last_check_and_comes_back_with_one()
    {
        Check(Home, TimeSpan.FromSeconds(5));
        Assert.Equal(TimeSpan.FromSeconds(35), _agent.Deadline);

        _agent.OnTimer(TimeSpan.FromSeconds(35) - TimeSpan.FromTicks(1), ref _output);
        Assert.Equal(0, _output.ConsentLosses);
        _agent.OnTimer(TimeSpan.FromSeconds(35), ref _output);
        Assert.Equal(1, _output.ConsentLosses);
        Assert.Null(_agent.Deadline);

        Check(Home, TimeSpan.FromSeconds(40));
        Assert.Equal(TimeSpan.FromSeconds(70), _agent.Deadline);
    }

    [Fact]
    public void A_restart_needs_the_new_credentials_but_answers_late_checks_with_the_old()
    {
        Check(Home, TimeSpan.Zero, useCandidate: true);
        var newer = new IceCredentials("newufrag", "a-new-password-of-22-chars!");
        _agent.Restart(newer, Remote);

        Assert.Equal(IceRefusal.None, Check(Roamed, TimeSpan.FromSeconds(1), useCandidate: true));
        Assert.Equal(Home, _agent.Selected);
        Assert.False(_agent.IsValidated(Roamed));

        Check(Roamed, TimeSpan.FromSeconds(2), useCandidate: true, user: "newufrag:browser", password: newer.Password);
        Assert.Equal(Roamed, _agent.Selected);
    }

    private IceRefusal Check(
        TransportAddress from, TimeSpan now, bool useCandidate = false, string user = "serverufrag:browser", string? password = null,
        StunAttribute role = StunAttribute.IceControlling, StunAttribute? extra = null)
    {
        var buffer = new byte[548];
        var writer = new StunWriter(buffer, StunMessageType.BindingRequest, new byte[12]);
        writer.Add(StunAttribute.Username, Encoding.UTF8.GetBytes(user));
        writer.Add(role, 42UL);
        writer.Add(StunAttribute.Priority, 1u);
        if (useCandidate)
        {
            writer.Add(StunAttribute.UseCandidate, []);
        }

        if (extra is { } unknown)
        {
            writer.Add(unknown, [1, 2]);
        }

        return _agent.OnDatagram(buffer.AsSpan(0, writer.Seal(Encoding.UTF8.GetBytes(password ?? Local.Password))), from, now, ref _output);
    }

    private sealed class Recorder : IIceOutput
    {
        public List<(byte[] Bytes, TransportAddress To)> Sent { get; } = [];
        public List<TransportAddress> Validations { get; } = [];
        public List<TransportAddress> Selections { get; } = [];
        public int ConsentLosses { get; private set; }

        public void SendStun(scoped ReadOnlySpan<byte> message, TransportAddress to) => Sent.Add((message.ToArray(), to));

        public void OnValidated(TransportAddress remote) => Validations.Add(remote);

        public void OnSelected(TransportAddress remote) => Selections.Add(remote);

        public void OnConsentLost() => ConsentLosses++;
    }
}
