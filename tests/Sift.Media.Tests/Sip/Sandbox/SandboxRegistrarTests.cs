using Sift.Media.Sip;
using Sift.Media.Sip.Sandbox;
using Sift.Media.Tests.Rtp;
using Sift.Protocols.Sip.Authentication;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Tests.Sip.Sandbox;

public sealed class SandboxRegistrarTests
{
    private const string Number = "+15554443333";
    private const string Password = "open sesame";

    private readonly ManualTime _time = new();
    private readonly LocationTable _locations;
    private readonly SandboxAccess _access;
    private readonly SandboxRegistrar _registrar;
    private readonly SipFlow _flow = SipText.Udp("198.51.100.7:40000");
    private TimeSpan _now;
    private uint _sequence;

    public SandboxRegistrarTests()
    {
        var options = new SandboxOptions { Password = Password, MaxContacts = 2 };
        _locations = new LocationTable(options.MaxContacts);
        _access = new SandboxAccess(Password, new DigestGate("sift", new SeededEntropy(1), _time));
        _registrar = new SandboxRegistrar(options, _access, _locations);
    }

    [Fact]
    public void Challenges_with_sha256_first_and_md5_second()
    {
        var response = Handle(Register("Contact: <sip:a@10.0.0.1>"));

        Assert.Equal(401, response.StatusCode);
        var algorithms = response.Headers.GetAll("WWW-Authenticate")
            .Select(text => DigestChallenge.TryParse(text, out var challenge) ? challenge.Algorithm : default);
        Assert.Equal([DigestAlgorithm.Sha256, DigestAlgorithm.Md5], algorithms);
        Assert.Empty(_locations.Find(Number, _now));
    }

    [Fact]
    public void Challenges_old_libre_phones_with_md5_alone()
    {
        var response = Handle(Register("Contact: <sip:a@10.0.0.1>\nUser-Agent: baresip v1.0.0 (x86_64/linux)"));

        Assert.True(DigestChallenge.TryParse(Assert.Single(response.Headers.GetAll("WWW-Authenticate")), out var challenge));
        Assert.Equal(DigestAlgorithm.Md5, challenge.Algorithm);
    }

    [Theory]
    [InlineData(DigestAlgorithm.Md5)]
    [InlineData(DigestAlgorithm.Sha256)]
    public void Registers_any_number_that_knows_the_password(DigestAlgorithm algorithm)
    {
        var response = Authenticated("Contact: <sip:phone@10.0.0.1:5062>\nExpires: 120", algorithm);

        Assert.Equal(200, response.StatusCode);
        Assert.Equal("<sip:phone@10.0.0.1:5062>;expires=120", response.Headers.Get("Contact"));
        var binding = Assert.Single(_locations.Find(Number, _now));
        Assert.Equal(_flow, binding.Flow);
    }

    [Fact]
    public void Challenges_again_after_a_wrong_password()
    {
        var response = Authenticated("Contact: <sip:a@10.0.0.1>", password: "guess");

        Assert.Equal(401, response.StatusCode);
        Assert.Empty(_locations.Find(Number, _now));
    }

    [Fact]
    public void Refuses_to_register_another_number_with_the_credentials_of_one()
    {
        var response = Authenticated("Contact: <sip:a@10.0.0.1>", user: "+15550001111");

        Assert.Equal(403, response.StatusCode);
        Assert.Empty(_locations.Find(Number, _now));
    }

    [Fact]
    public void Takes_no_request_twice_with_one_nonce_count()
    {
        var authorisation = Authorisation();
        Assert.Equal(200, Handle(Register("Contact: <sip:a@10.0.0.1>\n" + authorisation)).StatusCode);

        var replay = Handle(Register("Contact: <sip:thief@203.0.113.9>\n" + authorisation));

        Assert.Equal(401, replay.StatusCode);
        Assert.Contains("stale=true", replay.Headers.Get("WWW-Authenticate"), StringComparison.Ordinal);
        Assert.Single(_locations.Find(Number, _now));
    }

    [Fact]
    public void Says_stale_when_only_the_nonce_is_old()
    {
        var authorisation = Authorisation();
        Advance(TimeSpan.FromMinutes(6));

        var response = Handle(Register("Contact: <sip:a@10.0.0.1>\n" + authorisation));

        Assert.Equal(401, response.StatusCode);
        Assert.Contains("stale=true", response.Headers.Get("WWW-Authenticate"), StringComparison.Ordinal);
    }

    [Fact]
    public void Keeps_several_phones_of_one_number_and_refuses_one_too_many()
    {
        Authenticated("Contact: <sip:a@10.0.0.1>;q=0.5");
        Authenticated("Contact: <sip:b@10.0.0.2>;q=0.9");

        Assert.Equal(["b", "a"], _locations.Find(Number, _now).Select(binding => binding.Contact.User!));
        Assert.Equal(403, Authenticated("Contact: <sip:c@10.0.0.3>").StatusCode);
        Assert.Equal(2, _locations.Find(Number, _now).Count);
    }

    [Fact]
    public void Asks_for_a_longer_time_with_423()
    {
        var response = Authenticated("Contact: <sip:a@10.0.0.1>;expires=29");

        Assert.Equal(423, response.StatusCode);
        Assert.Equal("30", response.Headers.Get("Min-Expires"));
        Assert.Empty(_locations.Find(Number, _now));
    }

    [Fact]
    public void Grants_no_more_than_the_longest_time()
    {
        var response = Authenticated("Contact: <sip:a@10.0.0.1>;expires=999999");

        Assert.Equal("<sip:a@10.0.0.1>;expires=3600", response.Headers.Get("Contact"));
    }

    [Fact]
    public void Forgets_a_phone_at_the_end_of_its_time()
    {
        Authenticated("Contact: <sip:a@10.0.0.1>;expires=60");

        Advance(TimeSpan.FromSeconds(60) - TimeSpan.FromTicks(1));
        Assert.Single(_locations.Find(Number, _now));

        Advance(TimeSpan.FromTicks(1));
        Assert.Empty(_locations.Find(Number, _now));
    }

    [Fact]
    public void Removes_one_phone_with_expires_0_and_all_with_a_star()
    {
        Authenticated("Contact: <sip:a@10.0.0.1>");
        Authenticated("Contact: <sip:b@10.0.0.2>");

        Authenticated("Contact: <sip:a@10.0.0.1>;expires=0");
        Assert.Equal("b", Assert.Single(_locations.Find(Number, _now)).Contact.User);

        Assert.Equal(400, Authenticated("Contact: *").StatusCode);
        Assert.Equal(200, Authenticated("Contact: *\nExpires: 0").StatusCode);
        Assert.Empty(_locations.Find(Number, _now));
    }

    [Fact]
    public void Lists_the_phones_when_asked_without_contact()
    {
        Authenticated("Contact: <sip:a@10.0.0.1>;expires=100");
        Advance(TimeSpan.FromSeconds(40));

        var response = Authenticated("");

        Assert.Equal(200, response.StatusCode);
        Assert.Equal("<sip:a@10.0.0.1>;expires=60", response.Headers.Get("Contact"));
    }

    [Fact]
    public void Ignores_a_register_that_arrives_out_of_order()
    {
        Authenticated("Contact: <sip:a@10.0.0.1>;expires=600");
        _sequence = 0;

        Assert.Equal(500, Authenticated("Contact: <sip:a@10.0.0.1>;expires=0").StatusCode);
        Assert.Single(_locations.Find(Number, _now));
    }

    [Fact]
    public void Forgets_the_phones_of_a_connection_that_is_gone()
    {
        var connection = SipText.Tcp("198.51.100.8:5555", 7);
        var request = Register("Contact: <sip:a@10.0.0.1>\n" + Authorisation());
        _registrar.Handle(request, connection, _now, status => SipResponse.For(request, status, "t"));
        Assert.Single(_locations.Find(Number, _now));

        _locations.ForgetFlow(connection);

        Assert.Empty(_locations.Find(Number, _now));
    }

    private SipResponse Authenticated(
        string headers,
        DigestAlgorithm algorithm = DigestAlgorithm.Sha256,
        string user = Number,
        string password = Password) =>
        Handle(Register(headers + "\n" + Authorisation(algorithm, user, password)));

    private string Authorisation(DigestAlgorithm algorithm = DigestAlgorithm.Sha256, string user = Number, string password = Password)
    {
        // A nonce carries its time of issue in milliseconds; a fresh one for every request.
        Advance(TimeSpan.FromMilliseconds(1));
        var challenges = Handle(Register("")).Headers.GetAll("WWW-Authenticate");
        return SipText.Authorise(challenges, user, password, "REGISTER", "sip:sift", algorithm);
    }

    private SipRequest Register(string headers) =>
        SipText.Request("REGISTER", "sip:sift", $"sip:{Number}@sift", $"sip:{Number}@sift", headers.Trim('\n'), ++_sequence);

    private SipResponse Handle(SipRequest request) => _registrar.Handle(request, _flow, _now, status => SipResponse.For(request, status, "t"));

    private void Advance(TimeSpan by)
    {
        _now += by;
        _time.Now += by;
    }
}
