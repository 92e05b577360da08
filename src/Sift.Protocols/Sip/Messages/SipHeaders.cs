using System.Diagnostics.CodeAnalysis;

namespace Sift.Protocols.Sip.Messages;

/// <summary>
/// The header fields of one message in wire order. Names are stored in their canonical long form ("Via", "Call-ID");
/// the parser expands compact forms, and comma-joined lists are kept as they came (use the typed lists to split them).
/// </summary>
public sealed class SipHeaders
{
    private const int UsualCount = 12;

    private KeyValuePair<string, string>[] _fields = [];

    public int Count { get; private set; }

    public KeyValuePair<string, string> this[int index] => Fields[index];

    private ReadOnlySpan<KeyValuePair<string, string>> Fields => _fields.AsSpan(0, Count);

    /// <exception cref="ArgumentException">The name is no token, or the value holds a CR, an LF or a bare NUL: it would inject a header.</exception>
    public void Add(string name, string value) => Insert(Count, Checked(name, value));

    /// <inheritdoc cref="Add"/>
    public void Insert(int index, string name, string value) => Insert(index, Checked(name, value));

    /// <summary>Replaces every field of that name by one, at the place of the first.</summary>
    /// <inheritdoc cref="Add"/>
    public void Set(string name, string value)
    {
        var field = Checked(name, value);
        var at = 0;
        while (at < Count && !Same(_fields[at].Key, name))
        {
            at++;
        }

        Remove(name);
        Insert(at, field);
    }

    public int Remove(string name)
    {
        var before = Count;
        var kept = 0;
        for (var i = 0; i < before; i++)
        {
            if (!Same(_fields[i].Key, name))
            {
                _fields[kept++] = _fields[i];
            }
        }

        Count = kept;
        return before - kept;
    }

    public void RemoveAt(int index)
    {
        _fields.AsSpan((index + 1)..Count).CopyTo(_fields.AsSpan(index));
        Count--;
    }

    /// <summary>Replaces the value of one field.</summary>
    /// <exception cref="ArgumentException">The value holds a CR, an LF or a bare NUL.</exception>
    public void SetAt(int index, string value) => _fields[index] = Checked(Fields[index].Key, value);

    /// <summary>The first field value of that name, or null.</summary>
    public string? Get(string name) => TryGet(name, out var value) ? value : null;

    public bool TryGet(string name, [NotNullWhen(true)] out string? value)
    {
        foreach (var field in Fields)
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
        foreach (var field in Fields)
        {
            count += Same(field.Key, name) ? 1 : 0;
        }

        return count;
    }

    public IEnumerable<string> GetAll(string name)
    {
        for (var i = 0; i < Count; i++)
        {
            if (Same(_fields[i].Key, name))
            {
                yield return _fields[i].Value;
            }
        }
    }

    public bool Contains(string name) => TryGet(name, out _);

    public ReadOnlySpan<KeyValuePair<string, string>>.Enumerator GetEnumerator() => Fields.GetEnumerator();

    /// <summary>For the parser, whose names are tokens and whose values are single lines already.</summary>
    internal void AddParsed(string name, string value) => Insert(Count, new KeyValuePair<string, string>(name, value));

    /// <summary>Makes room at once for as many fields as are to come.</summary>
    internal void Expect(int count)
    {
        if (count > _fields.Length)
        {
            Array.Resize(ref _fields, count);
        }
    }

    private void Insert(int index, KeyValuePair<string, string> field)
    {
        if (Count == _fields.Length)
        {
            Array.Resize(ref _fields, Math.Max(UsualCount, 2 * Count));
        }

        _fields.AsSpan(index..Count).CopyTo(_fields.AsSpan(index + 1));
        _fields[index] = field;
        Count++;
    }

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
