using System.Diagnostics.CodeAnalysis;

namespace Sift.Protocols.Sip.Messages;

public sealed partial class SipUri
{
    /// <summary>
    /// URI comparison of RFC 3261 19.1.4. Not <see cref="object.Equals(object)"/>: the relation is not transitive
    /// (two URIs with different unknown parameters both match one without), so no hash code can agree with it.
    /// </summary>
    public bool IsEquivalentTo([NotNullWhen(true)] SipUri? other)
    {
        if (other is null || Scheme != other.Scheme)
        {
            return false;
        }

        if (Opaque is not null || other.Opaque is not null)
        {
            return Opaque == other.Opaque;
        }

        // RFC 3966 section 4: visual separators are ignored when numbers are compared.
        var sameUser = Scheme == "tel" ? SameNumber(User!, other.User!) : User == other.User && Password == other.Password;
        return sameUser
            && Port == other.Port
            && string.Equals(Host, other.Host, StringComparison.OrdinalIgnoreCase)
            && CoversParametersOf(other)
            && other.CoversParametersOf(this)
            && SameHeaders(HeaderPart, other.HeaderPart);
    }

    /// <summary>
    /// RFC 3261 19.1.4: a parameter in both must match; user, ttl, method, maddr and transport in one only is a difference
    /// (19.1.4 names the first four; its example list adds transport); any other parameter in one only is ignored.
    /// </summary>
    private bool CoversParametersOf(SipUri other)
    {
        foreach (var (name, value) in other.Parameters)
        {
            if (Parameters.Contains(name))
            {
                if (!string.Equals(Parameters.Get(name), value, StringComparison.OrdinalIgnoreCase))
                {
                    return false;
                }
            }
            else if (IsSignificantAlone(name))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsSignificantAlone(string name) =>
        name.ToLowerInvariant() is "user" or "ttl" or "method" or "maddr" or "transport";

    private static bool SameHeaders(string? a, string? b)
    {
        if (a is null || b is null)
        {
            return a is null && b is null;
        }

        var left = a.Split('&');
        var right = b.Split('&');
        Array.Sort(left, StringComparer.OrdinalIgnoreCase);
        Array.Sort(right, StringComparer.OrdinalIgnoreCase);
        return left.AsSpan().SequenceEqual(right, StringComparer.OrdinalIgnoreCase);
    }

    private static bool SameNumber(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        int i = 0, j = 0;
        while (true)
        {
            i = SkipSeparators(a, i);
            j = SkipSeparators(b, j);
            if (i == a.Length || j == b.Length)
            {
                return i == a.Length && j == b.Length;
            }

            if (char.ToLowerInvariant(a[i++]) != char.ToLowerInvariant(b[j++]))
            {
                return false;
            }
        }
    }

    private static int SkipSeparators(ReadOnlySpan<char> number, int at)
    {
        while (at < number.Length && number[at] is ('-' or '.' or '(' or ')'))
        {
            at++;
        }

        return at;
    }
}
