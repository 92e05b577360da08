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

    public void Add(string name, string value) => _fields.Add(new(name, value));

    public void Insert(int index, string name, string value) => _fields.Insert(index, new(name, value));

    /// <summary>Replaces every field of that name by one.</summary>
    public void Set(string name, string value)
    {
        Remove(name);
        Add(name, value);
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

    private static bool Same(string a, string b) =>
        ReferenceEquals(a, b) || string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
