using System.Diagnostics.CodeAnalysis;

namespace Sift.Protocols.Sip.Messages;

/// <summary>
/// The header fields of one message in wire order. Names are stored in their canonical long form ("Via", "Call-ID");
/// the parser expands compact forms, and comma-joined lists are kept as they came (use the typed lists to split them).
/// </summary>
public sealed class SipHeaders
{
    private readonly List<KeyValuePair<string, string>> _fields = new(16);

    public int Count => _fields.Count;

    public KeyValuePair<string, string> this[int index] => _fields[index];

    /// <exception cref="ArgumentException">The name is no token, or the value holds a CR, an LF or a bare NUL: it would inject a header.</exception>
    public void Add(string name, string value) => _fields.Add(Checked(name, value));

    /// <inheritdoc cref="Add"/>
    public void Insert(int index, string name, string value) => _fields.Insert(index, Checked(name, value));

    /// <summary>Replaces every field of that name by one, at the place of the first.</summary>
    /// <inheritdoc cref="Add"/>
    public void Set(string name, string value)
    {
        var field = Checked(name, value);
        var at = _fields.FindIndex(f => Same(f.Key, name));
        if (at < 0)
        {
            _fields.Add(field);
            return;
        }

        Remove(name);
        _fields.Insert(at, field);
    }

    public int Remove(string name) => _fields.RemoveAll(f => Same(f.Key, name));

    public void RemoveAt(int index) => _fields.RemoveAt(index);

    /// <summary>The first field value of that name, or null.</summary>
    public string? Get(string name) => TryGet(name, out var value) ? value : null;

    public bool TryGet(string name, [NotNullWhen(true)] out string? value)
    {
        foreach (var field in _fields)
        {
            if (Same(field.Key, name))
            {
                value = field.Value;
                return true;
            }
        }

        value = null;
        return false;
    }

    /// <summary>How many fields have that name.</summary>
    public int CountOf(string name)
    {
        var count = 0;
        foreach (var field in _fields)
        {
            count += Same(field.Key, name) ? 1 : 0;
        }

        return count;
    }

    public IEnumerable<string> GetAll(string name)
    {
        foreach (var field in _fields)
        {
            if (Same(field.Key, name))
            {
                yield return field.Value;
            }
        }
    }

    public bool Contains(string name) => TryGet(name, out _);

    public List<KeyValuePair<string, string>>.Enumerator GetEnumerator() => _fields.GetEnumerator();

    /// <summary>For the parser, whose names are tokens and whose values are single lines already.</summary>
    internal void AddParsed(string name, string value) => _fields.Add(new(name, value));

    private static KeyValuePair<string, string> Checked(string name, string value)
    {
        if (!SipText.IsToken(name))
        {
            throw new ArgumentException("A header name is a token (RFC 3261 25.1).", nameof(name));
        }

        if (!SipText.IsFieldSafe(value))
        {
            throw new ArgumentException("A header value is one line.", nameof(value));
        }

        return new(SipNames.Header(name), value);
    }

    private static bool Same(string a, string b) =>
        ReferenceEquals(a, b) || string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
