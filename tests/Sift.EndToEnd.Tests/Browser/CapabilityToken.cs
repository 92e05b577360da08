using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Sift.EndToEnd.Tests.Peers;

namespace Sift.EndToEnd.Tests.Browser;

/// <summary>Mints tokens by hand, so that nothing of the product judges itself.</summary>
internal static class CapabilityToken
{
    public static string Mint(string? applicationId = null, string? clientName = null, string? secret = null, double? expires = null)
    {
        var scopes = new List<string>();
        if (clientName is not null)
        {
            scopes.Add("scope:client:incoming?clientName=" + Uri.EscapeDataString(clientName));
        }

        if (applicationId is not null)
        {
            scopes.Add("scope:client:outgoing?appSid=" + applicationId);
        }

        var claims = new JsonObject
        {
            ["iss"] = SiftServer.AccountId,
            ["exp"] = expires ?? DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 600.5,
            ["scope"] = string.Join(' ', scopes),
        };
        var signed = Encode("""{"alg":"HS256","typ":"JWT"}"""u8.ToArray()) + "." + Encode(Encoding.UTF8.GetBytes(claims.ToJsonString()));
        return signed + "." + Encode(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret ?? SiftServer.AuthToken), Encoding.ASCII.GetBytes(signed)));
    }

    private static string Encode(byte[] data) => Convert.ToBase64String(data).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
