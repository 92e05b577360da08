using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Sift.Protocols.Sip.Messages;

namespace Sift.Protocols.Sip.Dialogs;

/// <summary>RFC 3261 8.1.3.4: the contacts of 3xx responses, best q first, each tried once.</summary>
internal sealed class Redirects(int left, SipUri original)
{
    private readonly List<(SipUri Uri, double Weight)> _contacts = [];
    private readonly HashSet<string> _seen = [original.ToString()];
    private int _left = left;

    public void Add(SipResponse response)
    {
        foreach (var contact in response.Contacts?.Addresses ?? [])
        {
            if (contact.Uri.IsSip && _seen.Add(contact.Uri.ToString()))
            {
                var weight = double.TryParse(contact.Parameters.Get("q"), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var q) ? q : 1;
                var at = _contacts.FindIndex(c => c.Weight < weight);
                _contacts.Insert(at < 0 ? _contacts.Count : at, (contact.Uri, weight));
            }
        }
    }

    public bool TryNext([NotNullWhen(true)] out SipUri? next)
    {
        next = null;
        if (_left == 0 || _contacts.Count == 0)
        {
            return false;
        }

        _left--;
        next = _contacts[0].Uri;
        _contacts.RemoveAt(0);
        return true;
    }
}
