using System.Diagnostics.CodeAnalysis;

namespace Sift.Protocols.Sip.Messages;

/// <summary>Event (RFC 6665 section 8.4): package name and the <c>id</c> that tells subscriptions in one dialog apart.</summary>
public sealed record EventPackage(string Name, string? Id)
{
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out EventPackage? value)
    {
        value = null;
        var scanner = new SipScanner(text);
        if (!scanner.TakeToken(out var name) || !scanner.TakeParameters(out var parameters))
        {
            return false;
        }

        value = new EventPackage(new string(name), parameters.Get("id"));
        return true;
    }

    public override string ToString() => Id is null ? Name : $"{Name};id={Id}";
}
