using System.Diagnostics.CodeAnalysis;

namespace Sift.Protocols.Sip.Messages;

/// <summary>Content-Type (RFC 3261 section 20.15). Type and subtype compare without case and are kept in lower case.</summary>
public sealed class MediaType
{
    private SipParameters? _parameters;

    /// <summary>For example <c>application/sdp</c>.</summary>
    public required string Name { get; init; }

    public SipParameters Parameters
    {
        get => _parameters ??= new();
        init => _parameters = value;
    }

    public bool Is(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out MediaType? value)
    {
        value = null;
        var scanner = new SipScanner(text);
        if (!scanner.TakeToken(out var type)
            || !scanner.Take('/')
            || !scanner.TakeToken(out var subtype)
            || !scanner.TakeParameters(keep: true, out var parameters))
        {
            return false;
        }

        var isSdp = type.Equals("application", StringComparison.OrdinalIgnoreCase) && subtype.Equals("sdp", StringComparison.OrdinalIgnoreCase);
        value = new MediaType
        {
            Name = isSdp ? "application/sdp" : $"{type}/{subtype}".ToLowerInvariant(),
            _parameters = parameters,
        };
        return true;
    }

    public override string ToString() => Name + Parameters;
}
