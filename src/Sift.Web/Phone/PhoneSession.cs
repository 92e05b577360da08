using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Sift.Web.Accounts;
using Sift.Web.Browser;
using Sift.Web.Hosting;
using Sift.Web.Http;

namespace Sift.Web.Phone;

/// <summary>What the sign-in form sends: a number, and the sandbox's password or an account's credentials.</summary>
internal sealed record PhoneLogin(string? Number, string? Password, string? AccountId, string? AuthToken);

/// <summary>The token with which the page logs in at the signalling socket.</summary>
internal sealed record PhoneToken(string Number, string Token, DateTimeOffset ExpiresAt);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PhoneLogin))]
[JsonSerializable(typeof(PhoneToken))]
[JsonSerializable(typeof(PhoneSteps))]
internal sealed partial class PhoneJson : JsonSerializerContext;

/// <summary>Signs a virtual phone in.</summary>
internal static class PhoneSession
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/phone/session", HandleAsync).AllowAnonymous().ExcludeFromDescription();

    private static async Task<IResult> HandleAsync(
        HttpContext http, Configuration configuration, AccountRegistry accounts, LoginThrottle throttle, VirtualPhoneKey key, TimeProvider time)
    {
        if (!configuration.SandboxEnabled)
        {
            return Problems.Of(StatusCodes.Status404NotFound, "The sandbox is off: this server's numbers belong to a carrier.");
        }

        // JSON only: a form of another site could else sign in with a guess per visitor.
        if (!http.Request.HasJsonContentType() || await ReadAsync(http) is not { } login)
        {
            return Problems.Of(StatusCodes.Status400BadRequest, "Send number and password as a JSON object.");
        }

        var address = http.Connection.RemoteIpAddress;
        if (throttle.MustWait(address) is { } wait)
        {
            http.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            return Problems.Of(StatusCodes.Status429TooManyRequests, "Too many failed logins from this address. Try again later.");
        }

        if (login.Number is not { } number || !Validation.IsE164(number))
        {
            return Problems.Invalid("number", "must be an E.164 number such as +15554443333");
        }

        if (!await MayAsync(login, configuration, accounts))
        {
            throttle.Failed(address);
            return Problems.Of(StatusCodes.Status401Unauthorized, "The password is not right.");
        }

        throttle.Succeeded(address);
        var expires = time.GetUtcNow() + Lifetime;
        var claims = string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"iss":"{{Capability.SandboxIssuer}}","exp":{{expires.ToUnixTimeSeconds()}},"scope":"scope:phone:number?number={{Uri.EscapeDataString(number)}}"}""");
        return Results.Json(new PhoneToken(number, CapabilityTokens.Sign(claims, key.Secret), expires), PhoneJson.Default.PhoneToken);
    }

    private static async ValueTask<bool> MayAsync(PhoneLogin login, Configuration configuration, AccountRegistry accounts)
    {
        if (login is { AccountId: { Length: > 0 } account, AuthToken: { } token })
        {
            return await accounts.VerifyAsync(account, token);
        }

        var expected = SHA256.HashData(Encoding.UTF8.GetBytes(SandboxPassword.Read(configuration.Options)));
        return CryptographicOperations.FixedTimeEquals(expected, SHA256.HashData(Encoding.UTF8.GetBytes(login.Password ?? "")));
    }

    private static async ValueTask<PhoneLogin?> ReadAsync(HttpContext http)
    {
        try
        {
            return await http.Request.ReadFromJsonAsync(PhoneJson.Default.PhoneLogin, http.RequestAborted);
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }
}
