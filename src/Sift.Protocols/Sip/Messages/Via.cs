using System.Diagnostics.CodeAnalysis;

namespace Sift.Protocols.Sip.Messages;

/// <summary>One Via value (RFC 3261 section 20.42).</summary>
public sealed class Via
{
    /// <summary>RFC 3261 8.1.1.7: a branch that starts so is unique for its transaction.</summary>
    public const string MagicCookie = "z9hG4bK";

    private const string CurrentVersion = "2.0";

    private SipParameters? _parameters;

    /// <summary>Upper-case transport: UDP, TCP, TLS, WS, WSS.</summary>
    public required string Transport { get; init; }

    /// <summary>"2.0" in every Via that Sift accepts; another value only in a request that is answered with 505.</summary>
    public string Version { get; init; } = CurrentVersion;

    public required string Host { get; init; }

    public int? Port { get; init; }

    public SipParameters Parameters
    {
        get => _parameters ??= new();
        init => _parameters = value;
    }

    public string? Branch => _parameters?.Get("branch");

    /// <summary>RFC 3261 18.2.1: the source address, added when it differs from <see cref="Host"/>.</summary>
    public string? Received => _parameters?.Get("received");

    /// <summary>RFC 3581: the sender asks for answers at its source port.</summary>
    public bool AsksForRport => _parameters?.Contains("rport") == true;

    /// <summary>RFC 3581: the source port filled in by the receiver.</summary>
    public int? Rport => SipText.TryNumber(_parameters?.Get("rport"), out var port) && port is > 0 and <= ushort.MaxValue ? (int)port : null;

    /// <summary>
    /// True when the branch can identify a transaction (RFC 3261 17.2.3). A bare cookie cannot (RFC 4475 3.2.1)
    /// and is matched as RFC 2543 did.
    /// </summary>
    public bool HasUniqueBranch =>
        Branch is { } branch && branch.Length > MagicCookie.Length && branch.StartsWith(MagicCookie, StringComparison.OrdinalIgnoreCase);

    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out Via? via)
    {
        return TryRead(text, keep: true, out via) && via is not null;
    }

    /// <summary>As <see cref="TryParse"/>, without building anything.</summary>
    internal static bool IsSound(ReadOnlySpan<char> text) => TryRead(text, keep: false, out _);

    public override string ToString()
    {
        var output = BuilderCache.Take();
        output.Append("SIP/").Append(Version).Append('/').Append(Transport).Append(' ');
        SipUri.AppendHostPort(output, Host, Port);
        _parameters?.AppendTo(output);
        return BuilderCache.Give(output);
    }

    private static bool TryRead(ReadOnlySpan<char> text, bool keep, out Via? via)
    {
        via = null;
        var scanner = new SipScanner(text);
        if (!scanner.TakeToken(out var protocol)
            || !protocol.Equals("SIP", StringComparison.OrdinalIgnoreCase)
            || !scanner.Take('/')
            || !scanner.TakeToken(out var version)
            || !scanner.Take('/')
            || !scanner.TakeToken(out var transport)
            || scanner.Rest.IsEmpty
            || !SipText.IsWhite(scanner.Rest[0])
            || !scanner.TakeHostPort(out var host, out var port))
        {
            return false;
        }

        if (!scanner.TakeParameters(keep, out var parameters))
        {
            return false;
        }

        if (keep)
        {
            via = new Via
            {
                Transport = SipNames.Transport(transport),
                Version = version is CurrentVersion ? CurrentVersion : new string(version),
                Host = SharedStrings.Of(host),
                Port = port,
                _parameters = parameters,
            };
        }

        return true;
    }
}
