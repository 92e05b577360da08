using System.Diagnostics.CodeAnalysis;

namespace Sift.Protocols.Sip.Messages;

/// <summary>Contact (RFC 3261 section 20.10): addresses, or the single <c>*</c> that removes all bindings.</summary>
public sealed class ContactList
{
    /// <summary>RFC 3261 10.2.2: <c>Contact: *</c>, allowed only in a REGISTER with Expires 0.</summary>
    public bool IsWildcard { get; private init; }

    public IReadOnlyList<NameAddress> Addresses { get; private init; } = [];

    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out ContactList? contacts)
    {
        contacts = null;
        if (SipText.Trim(text) is "*")
        {
            contacts = new ContactList { IsWildcard = true };
            return true;
        }

        var addresses = new List<NameAddress>(1);
        if (!NameAddressList.TryAppend(text, addresses))
        {
            return false;
        }

        contacts = new ContactList { Addresses = addresses };
        return true;
    }

    /// <summary>The contacts of all Contact fields of a message; null when there is none or one cannot be read.</summary>
    internal static ContactList? Of(SipHeaders headers)
    {
        List<NameAddress>? addresses = null;
        foreach (var (name, value) in headers)
        {
            if (name != "Contact")
            {
                continue;
            }

            if (SipText.Trim(value) is "*")
            {
                return headers.CountOf("Contact") == 1 ? new ContactList { IsWildcard = true } : null;
            }

            if (!NameAddressList.TryAppend(value, addresses ??= new(1)))
            {
                return null;
            }
        }

        return addresses is null ? null : new ContactList { Addresses = addresses };
    }
}
