using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Sift.Client;

/// <summary>
/// What a browser may do. Collect permissions, then mint the token that carries them, signed with the account's auth token, which cannot be read
/// from it.
/// </summary>
/// <param name="accountId">The account that owns the browser client.</param>
/// <param name="authToken">Its auth token; never give it to a browser.</param>
public sealed class Capability(string accountId, string authToken)
{
    private string? _clientName;
    private string? _applicationId;
    private IReadOnlyDictionary<string, string>? _parameters;

    /// <summary>Lets the browser receive calls under this name.</summary>
    public Capability AllowIncoming(string clientName)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(clientName);
        _clientName = clientName;
        return this;
    }

    /// <summary>Lets the browser call the application.</summary>
    /// <param name="applicationId">The application that takes the calls.</param>
    /// <param name="parameters">Reach the application as <c>client_data.params</c>; the page can neither read out nor change what they say.</param>
    public Capability AllowOutgoing(string applicationId, IReadOnlyDictionary<string, string>? parameters = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(applicationId);
        _applicationId = applicationId;
        _parameters = parameters;
        return this;
    }

    /// <summary>The token: a JSON Web Token, HS256.</summary>
    /// <param name="lifetime">How long it may be used; short is safer, since whoever has it can use it.</param>
    /// <param name="time">Where now comes from; null for the system's clock.</param>
    public string Mint(TimeSpan lifetime, TimeProvider? time = null)
    {
        var now = (time ?? TimeProvider.System).GetUtcNow().ToUnixTimeSeconds();
        var claims = new Dictionary<string, object>
        {
            ["iss"] = accountId,
            ["iat"] = now,
            ["exp"] = now + (long)lifetime.TotalSeconds,
            ["scope"] = string.Join(' ', Scopes()),
        };
        var signed = $"{Encode("{\"typ\":\"JWT\",\"alg\":\"HS256\"}"u8)}.{Encode(JsonSerializer.SerializeToUtf8Bytes(claims))}";
        return $"{signed}.{Encode(HMACSHA256.HashData(Encoding.UTF8.GetBytes(authToken), Encoding.ASCII.GetBytes(signed)))}";
    }

    private IEnumerable<string> Scopes()
    {
        if (_clientName is not null)
        {
            yield return "scope:client:incoming?" + Query(new Dictionary<string, string> { ["clientName"] = _clientName });
        }

        if (_applicationId is not null)
        {
            var fields = new Dictionary<string, string> { ["appSid"] = _applicationId };
            if (_parameters is { Count: > 0 })
            {
                fields["appParams"] = Query(_parameters);
            }

            if (_clientName is not null)
            {
                fields["clientName"] = _clientName;
            }

            yield return "scope:client:outgoing?" + Query(fields);
        }
    }

    private static string Query(IEnumerable<KeyValuePair<string, string>> fields)
        => string.Join('&', fields.Select(static field => $"{Uri.EscapeDataString(field.Key)}={Uri.EscapeDataString(field.Value)}"));

    private static string Encode(ReadOnlySpan<byte> data) => Convert.ToBase64String(data).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
