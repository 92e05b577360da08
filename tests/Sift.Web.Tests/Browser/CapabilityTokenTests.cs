using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Sift.Web.Accounts;
using Sift.Web.Browser;
using Sift.Web.Tests.Testing;

namespace Sift.Web.Tests.Browser;

[Collection(SiftServerCollection.Name)]
public sealed class CapabilityTokenTests(SiftServer server)
{
    private const string Hs256 = """{"alg":"HS256","typ":"JWT"}""";
    private const string Scope = "scope:client:outgoing?appSid=0f1e2d3c4b5a6978";

    private CapabilityTokens Tokens => server.Services.GetRequiredService<CapabilityTokens>();

    [Theory]
    [InlineData(0)]
    [InlineData(0.25)]
    public async Task Accepts_an_expiry_with_and_without_a_fraction(double fraction)
    {
        var (capability, refusal) = await Tokens.VerifyAsync(Mint(Claims(Scope, Soon + fraction)));

        Assert.Null(refusal);
        Assert.Equal(SiftServer.Account, capability!.AccountId);
        Assert.Equal("0f1e2d3c4b5a6978", capability.Outgoing!.ApplicationId);
        Assert.Null(capability.ClientName);
        Assert.True(await Tokens.HoldsAsync(capability));
    }

    [Fact]
    public async Task Passes_over_claims_and_scopes_it_does_not_know()
    {
        var token = Mint($$"""{"jti":"x","aud":["y"],"iss":"{{SiftServer.Account}}","exp":{{Soon}},"scope":"scope:stream:subscribe?x=1 nonsense {{Scope}}"}""");

        Assert.NotNull((await Tokens.VerifyAsync(token)).Capability!.Outgoing);
    }

    [Fact]
    public async Task A_token_without_permissions_logs_in_and_permits_nothing()
    {
        var (capability, _) = await Tokens.VerifyAsync(Mint($$"""{"iss":"{{SiftServer.Account}}","exp":{{Soon}}}"""));

        Assert.NotNull(capability);
        Assert.Null(capability.Outgoing ?? (object?)capability.ClientName ?? capability.PhoneNumber);
    }

    public static TheoryData<string, string?> Bad()
    {
        var claims = Claims(Scope, Soon);
        var good = Mint(claims).Split('.');
        return new TheoryData<string, string?>
        {
            { "nothing", null },
            { "no token", "hello" },
            { "no signature", $"{good[0]}.{good[1]}" },
            { "empty signature", $"{good[0]}.{good[1]}." },
            { "alg none", $"{Encode("""{"alg":"none"}""")}.{good[1]}." },
            { "alg none with a signature", Mint(claims, header: """{"alg":"none"}""") },
            { "alg in other letters", Mint(claims, header: """{"alg":"hs256"}""") },
            { "alg HS384", Mint(claims, header: """{"alg":"HS384"}""") },
            { "alg RS256", Mint(claims, header: """{"alg":"RS256"}""") },
            { "no alg", Mint(claims, header: """{"typ":"JWT"}""") },
            { "two algs", Mint(claims, header: """{"alg":"none","alg":"HS256"}""") },
            { "critical header", Mint(claims, header: """{"alg":"HS256","crit":["b64"],"b64":false}""") },
            { "another secret", Mint(claims, secret: "another secret") },
            { "empty secret", Mint(claims, secret: "") },
            { "changed claims", $"{good[0]}.{Encode(Claims(Scope + "&appSid=x", Soon))}.{good[2]}" },
            { "changed signature", $"{good[0]}.{good[1]}.{(good[2][0] == 'A' ? 'B' : 'A')}{good[2][1..]}" },
            { "longer signature", $"{good[0]}.{good[1]}.{good[2]}AAAA" },
            { "four parts", $"{good[0]}.{good[1]}.{good[1]}.{good[2]}" },
            { "unknown account", Mint($$"""{"iss":"ffffffffffffffff","exp":{{Soon}}}""") },
            { "no issuer", Mint($$"""{"exp":{{Soon}}}""") },
            { "sandbox issuer with the account's secret", Mint($$"""{"iss":"sandbox","exp":{{Soon}},"scope":"scope:phone:number?number=%2B15554443333"}""") },
            { "expired", Mint(Claims(Scope, Soon - 3600)) },
            { "no expiry", Mint($$"""{"iss":"{{SiftServer.Account}}","scope":"{{Scope}}"}""") },
            { "expiry as text", Mint($$"""{"iss":"{{SiftServer.Account}}","exp":"{{Soon}}"}""") },
            { "expiry beyond all times", Mint($$"""{"iss":"{{SiftServer.Account}}","exp":1e300}""") },
            { "not valid yet", Mint($$"""{"iss":"{{SiftServer.Account}}","exp":{{Soon}},"nbf":{{Soon - 10}}}""") },
            { "claims no object", Mint("[1]") },
            { "claims no JSON", Mint("{") },
            { "too long", Mint(Claims(new string('a', CapabilityTokens.LongestToken), Soon)) },
        };
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task Refuses(string why, string? token)
    {
        var (capability, refusal) = await Tokens.VerifyAsync(token);

        Assert.True(capability is null && refusal is not null, why);
    }

    [Fact]
    public async Task A_virtual_phone_scope_is_worth_nothing_in_an_accounts_token()
    {
        var (capability, _) = await Tokens.VerifyAsync(Mint(Claims("scope:phone:number?number=%2B15554443333", Soon)));

        Assert.Null(capability!.PhoneNumber);
    }

    [Fact]
    public async Task A_disabled_account_and_a_rotated_secret_refuse_at_once()
    {
        var accounts = server.Services.GetRequiredService<AccountStore>();
        var (id, secret) = (await accounts.CreateAsync("shortlived", null, null, default))!.Value;
        var claims = $$"""{"iss":"{{id}}","exp":{{Soon}}}""";
        var capability = (await Tokens.VerifyAsync(Mint(claims, secret: secret))).Capability!;

        await accounts.SetEnabledAsync(id, false, default);
        Assert.Null((await Tokens.VerifyAsync(Mint(claims, secret: secret))).Capability);
        Assert.False(await Tokens.HoldsAsync(capability));

        await accounts.SetEnabledAsync(id, true, default);
        Assert.True(await Tokens.HoldsAsync(capability));
        var rotated = (await accounts.RotateTokenAsync(id, null, default))!;
        Assert.Null((await Tokens.VerifyAsync(Mint(claims, secret: secret))).Capability);
        Assert.False(await Tokens.HoldsAsync(capability));
        Assert.NotNull((await Tokens.VerifyAsync(Mint(claims, secret: rotated))).Capability);
    }

    internal static string Claims(string scope, double expires) => FormattableString.Invariant($$"""{"iss":"{{SiftServer.Account}}","exp":{{expires}},"scope":"{{scope}}"}""");

    internal static long Soon => DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 600;

    internal static string Mint(string claims, string header = Hs256, string secret = SiftServer.Token)
    {
        var signed = $"{Encode(header)}.{Encode(claims)}";
        return $"{signed}.{Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.ASCII.GetBytes(signed))).TrimEnd('=').Replace('+', '-').Replace('/', '_')}";
    }

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
