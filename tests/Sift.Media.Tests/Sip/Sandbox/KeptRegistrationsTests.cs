using Sift.Media.Legs;
using Sift.Media.Sip.Sandbox;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Tests.Sip.Sandbox;

/// <summary>What outlives the process of the registrations, and what a new process makes of it.</summary>
public sealed class KeptRegistrationsTests : IRegistrationStore, IDisposable
{
    private const string Number = "+15554443333";
    private const string Contact = "sip:phone@10.0.0.9:5060";

    private readonly Dictionary<string, IReadOnlyList<StoredRegistration>> _store = [];
    private readonly SipFlow _phone = SipText.Udp("198.51.100.7:40000");
    private SipWorld _world;
    private uint _sequence;
    private int _writes;

    public KeptRegistrationsTests() => _world = new SipWorld(registrations: this);

    public void Dispose() => _world.Dispose();

    [Fact]
    public void A_registration_is_kept_with_the_way_to_the_phone_and_its_expiry()
    {
        Register(_phone, 200, expires: 600);

        var kept = Assert.Single(_store[Number]);
        Assert.Equal((Number, Contact, "198.51.100.7:40000"), (kept.Number, kept.Contact, kept.Remote));
        Assert.Equal(_world.Host.WallClock + TimeSpan.FromSeconds(600), kept.ExpiresAt);
    }

    [Fact]
    public void Leaving_is_kept_too()
    {
        Register(_phone, 200);
        Register(_phone, 200, expires: 0);

        Assert.Empty(_store[Number]);
    }

    [Fact]
    public void Asking_for_the_bindings_writes_nothing()
    {
        Register(_phone, 200);
        Register(_phone, 200, contact: null);

        Assert.Equal(1, _writes);
    }

    [Fact]
    public void A_registration_over_a_stream_ends_with_the_process()
    {
        Register(SipText.Tcp("198.51.100.7:40000"), 200);

        Assert.Empty(_store[Number]);
    }

    [Fact]
    public void After_a_restart_a_phone_rings_before_it_registers_again()
    {
        Register(_phone, 200, expires: 600);

        Restart();
        _world.Post(new DialLeg(new LegId("00000000000000aa"), Number, null, TimeSpan.FromSeconds(10), []));

        var (flow, invite) = _world.NextRequest("INVITE");
        Assert.Equal(_phone.Remote, flow.Remote);
        Assert.Equal(Contact, invite.RequestUri.ToString());
    }

    [Fact]
    public void After_a_restart_a_registration_expires_when_it_would_have()
    {
        Register(_phone, 200, expires: 600);
        var kept = Assert.Single(_store[Number]);
        _store[Number] = [kept with { ExpiresAt = kept.ExpiresAt - TimeSpan.FromSeconds(590) }];

        Restart();
        _world.Advance(TimeSpan.FromSeconds(10.1));
        _world.Post(new DialLeg(new LegId("00000000000000aa"), Number, null, TimeSpan.FromSeconds(10), []));

        Assert.Equal(LegEndCause.NoAnswer, _world.Next<LegEnded>().Cause);
    }

    [Fact]
    public void After_a_restart_an_older_register_is_still_told_from_a_newer_one()
    {
        Register(_phone, 200);
        Restart();
        _sequence -= 2;

        Register(_phone, 500);
    }

    [Fact]
    public void What_cannot_be_read_any_more_is_left_out()
    {
        Register(_phone, 200);
        var kept = Assert.Single(_store[Number]);
        _store[Number] = [kept with { Contact = "nonsense" }, kept with { Remote = "nowhere" }, kept];

        Restart();
        _world.Post(new DialLeg(new LegId("00000000000000aa"), Number, null, TimeSpan.FromSeconds(10), []));

        _world.NextRequest("INVITE");
        Assert.Empty(_world.Sent);
    }

    ValueTask<IReadOnlyList<StoredRegistration>> IRegistrationStore.LoadAsync(CancellationToken cancellationToken) =>
        new([.. _store.Values.SelectMany(static list => list)]);

    void IRegistrationStore.Keep(string number, IReadOnlyList<StoredRegistration> registrations)
    {
        _store[number] = registrations;
        _writes++;
    }

    private void Restart()
    {
        _world.Dispose();
        _world = new SipWorld(registrations: this, kept: [.. _store.Values.SelectMany(static list => list)], seed: 2);
    }

    private void Register(SipFlow flow, int status, int expires = 600, string? contact = Contact)
    {
        _world.Receive(Request(""), flow);
        var authorise = SipText.Authorise(_world.NextResponse(401).Headers.GetAll("WWW-Authenticate"), Number, "secret", "REGISTER", "sip:sift", cnonce: $"c{_sequence}");
        _world.Receive(Request(authorise), flow);
        _world.NextResponse(status);

        SipRequest Request(string extra) => SipText.Request(
            "REGISTER",
            "sip:sift",
            $"sip:{Number}@sift",
            $"sip:{Number}@sift",
            $"{(contact is null ? "" : $"Contact: <{contact}>;expires={expires}\n")}{extra}".TrimEnd('\n'),
            ++_sequence,
            callId: "phone",
            branch: $"r{_sequence}-{_world.GetHashCode()}");
    }
}
