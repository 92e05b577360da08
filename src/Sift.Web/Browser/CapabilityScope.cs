using System.Text;
using System.Text.Json.Nodes;

namespace Sift.Web.Browser;

/// <summary>
/// The permissions in a token's <c>scope</c> (sift-api 6.2): entries <c>scope:client:outgoing?…</c> and <c>scope:client:incoming?…</c>, parted by
/// blanks. Parameters come in any order; what is not known is passed over; of several entries of a kind the first counts.
/// </summary>
internal static class CapabilityScope
{
    private const string OutgoingEntry = "scope:client:outgoing";
    private const string IncomingEntry = "scope:client:incoming";
    private const string PhoneEntry = "scope:phone:number";
    private const int LongestName = 128;
    private const int MostParameters = 64;

    public static Capability Apply(Capability capability, string scope)
    {
        foreach (var entry in scope.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var mark = entry.IndexOf('?', StringComparison.Ordinal);
            var parameters = Query(mark < 0 ? "" : entry[(mark + 1)..]);
            capability = (mark < 0 ? entry : entry[..mark]) switch
            {
                OutgoingEntry when capability.Outgoing is null => capability with { Outgoing = Outgoing(parameters) },
                IncomingEntry when capability.ClientName is null => capability with { ClientName = Name(parameters) },
                PhoneEntry when capability is { AccountId: Capability.SandboxIssuer, PhoneNumber: null } => capability with { PhoneNumber = First(parameters, "number") },
                _ => capability,
            };
        }

        return capability;
    }

    /// <summary>Decodes a query string: <c>+</c> and <c>%20</c> are both a blank.</summary>
    public static List<KeyValuePair<string, string>> Query(string text)
    {
        var result = new List<KeyValuePair<string, string>>();
        foreach (var part in text.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            if (result.Count == MostParameters)
            {
                break;
            }

            var equals = part.IndexOf('=', StringComparison.Ordinal);
            result.Add(equals < 0 ? new(Decode(part), "") : new(Decode(part[..equals]), Decode(part[(equals + 1)..])));
        }

        return result;
    }

    private static OutgoingGrant? Outgoing(List<KeyValuePair<string, string>> parameters)
    {
        // The original's helpers wrote appSid; app_id is what the API calls it (sift-api 9.3).
        var application = First(parameters, "appSid") ?? First(parameters, "app_id");
        if (string.IsNullOrEmpty(application))
        {
            return null;
        }

        JsonObject? passed = null;
        if (First(parameters, "appParams") is { Length: > 0 } encoded)
        {
            passed = [];
            foreach (var (name, value) in Query(encoded))
            {
                passed[name] = value;
            }
        }

        return new OutgoingGrant(application, passed, Name(parameters));
    }

    private static string? Name(List<KeyValuePair<string, string>> parameters)
        => First(parameters, "clientName") is { Length: > 0 and <= LongestName } name && !name.Any(char.IsControl) && name.Trim() == name ? name : null;

    private static string? First(List<KeyValuePair<string, string>> parameters, string name)
    {
        foreach (var (key, value) in parameters)
        {
            if (key == name)
            {
                return value;
            }
        }

        return null;
    }

    private static string Decode(string text)
    {
        if (!text.AsSpan().ContainsAny('+', '%'))
        {
            return text;
        }

        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2]))
            {
                bytes[length++] = Convert.ToByte(text.Substring(i + 1, 2), 16);
                i += 2;
            }
            else
            {
                length += Encoding.UTF8.GetBytes(text.AsSpan(i, char.IsHighSurrogate(text[i]) && i + 1 < text.Length ? 2 : 1), bytes.AsSpan(length));
                i += char.IsHighSurrogate(text[i]) && i + 1 < text.Length ? 1 : 0;
                if (text[i] == '+')
                {
                    bytes[length - 1] = (byte)' ';
                }
            }
        }

        return Encoding.UTF8.GetString(bytes, 0, length);
    }
}
