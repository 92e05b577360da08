using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Sift.Protocols.Sip.Messages;

/// <summary>A SIP, SIPS or tel URI (RFC 3261 section 19.1, RFC 3966). Other schemes keep their text in <see cref="Opaque"/>.</summary>
public sealed partial class SipUri
{
    private SipParameters? _parameters;

    /// <summary>Lower-case scheme: sip, sips, tel, or another. Empty for text that is no URI at all (see <see cref="IsValid"/>).</summary>
    public required string Scheme { get; init; }

    /// <summary>User part, unescaped; for tel URIs the number. Null when absent.</summary>
    public string? User { get; init; }

    public string? Password { get; init; }

    /// <summary>Host name or address without brackets; empty for tel URIs.</summary>
    public string Host { get; init; } = "";

    /// <summary>Port, or null when not given.</summary>
    public int? Port { get; init; }

    public SipParameters Parameters
    {
        get => _parameters ??= new();
        init => _parameters = value;
    }

    /// <summary>Header part after '?', as it came; null when absent.</summary>
    public string? HeaderPart { get; init; }

    /// <summary>What follows the scheme of a URI that is neither SIP nor tel.</summary>
    public string? Opaque { get; init; }

    /// <summary>RFC 3261 19.1.1 <c>lr</c>: the element is a loose router.</summary>
    public bool IsLooseRouter => _parameters?.Contains("lr") == true;

    public bool IsSip => Scheme is "sip" or "sips";

    /// <summary>False for the Request-URI of a broken request, which is kept as text so that the request can be answered.</summary>
    public bool IsValid => Scheme.Length > 0;

    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out SipUri? uri) => TryRead(text, keep: true, out uri) && uri is not null;

    /// <param name="keep">False to judge only: nothing is built then.</param>
    internal static bool TryRead(ReadOnlySpan<char> text, bool keep, out SipUri? uri)
    {
        uri = null;
        var colon = text.IndexOf(':');
        if (colon <= 0 || !IsScheme(text[..colon]))
        {
            return false;
        }

        var scheme = SipNames.Scheme(text[..colon]);
        var rest = text[(colon + 1)..];
        return scheme switch
        {
            "sip" or "sips" => TryParseSip(scheme, rest, keep, out uri),
            "tel" => TryParseTel(rest, keep, out uri),
            _ => TryParseOpaque(scheme, rest, keep, out uri),
        };
    }

    /// <summary>The text as a user part: what RFC 3261 25.1 <c>user</c> does not let stand bare is escaped, so that it cannot write header syntax.</summary>
    public static string EscapeUser(string user)
    {
        if (!user.AsSpan().ContainsAnyExcept(SipEscaping.User))
        {
            return user;
        }

        var output = BuilderCache.Take();
        SipEscaping.Append(output, user, SipEscaping.User);
        return BuilderCache.Give(output);
    }

    /// <summary>Text of a Request-URI that could not be read.</summary>
    internal static SipUri Unreadable(ReadOnlySpan<char> text) => new() { Scheme = "", Opaque = new string(text) };

    public override string ToString()
    {
        if (Scheme.Length == 0)
        {
            return Opaque ?? "";
        }

        var output = BuilderCache.Take();
        AppendTo(output);
        return BuilderCache.Give(output);
    }

    internal void AppendTo(StringBuilder output)
    {
        output.Append(Scheme).Append(':');
        if (Opaque is not null)
        {
            output.Append(Opaque);
            return;
        }

        if (User is not null)
        {
            SipEscaping.Append(output, User, Scheme == "tel" ? TelNumber : SipEscaping.User);
        }

        if (Scheme != "tel")
        {
            if (Password is not null)
            {
                output.Append(':');
                SipEscaping.Append(output, Password, SipEscaping.Password);
            }

            if (User is not null)
            {
                output.Append('@');
            }

            AppendHostPort(output, Host, Port);
        }

        if (_parameters is not null)
        {
            foreach (var (name, value) in _parameters)
            {
                output.Append(';');
                SipEscaping.Append(output, name, SipEscaping.Parameter);
                if (value is not null)
                {
                    output.Append('=');
                    SipEscaping.Append(output, value, SipEscaping.Parameter);
                }
            }
        }

        if (HeaderPart is not null)
        {
            output.Append('?').Append(HeaderPart);
        }
    }

    /// <summary>Writes a host, with brackets when it is an IPv6 address, and the port if any.</summary>
    internal static void AppendHostPort(StringBuilder output, string host, int? port)
    {
        if (host.Contains(':'))
        {
            output.Append('[').Append(host).Append(']');
        }
        else
        {
            output.Append(host);
        }

        if (port is { } number)
        {
            output.Append(':').Append(number.ToString(CultureInfo.InvariantCulture));
        }
    }
}
