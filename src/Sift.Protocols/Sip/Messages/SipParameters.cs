namespace Sift.Protocols.Sip.Messages;

/// <summary>Parameters (<c>;name=value</c>) in order. Names compare without case; a flag parameter has a null value.</summary>
public sealed class SipParameters
{
    private readonly List<KeyValuePair<string, string?>> _items = new(4);

    public int Count => _items.Count;

    public KeyValuePair<string, string?> this[int index] => _items[index];

    public void Add(string name, string? value) => _items.Add(new(name, value));

    /// <summary>Adds the parameter or replaces its value in place.</summary>
    public void Set(string name, string? value)
    {
        var at = _items.FindIndex(p => p.Key.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (at < 0)
        {
            Add(name, value);
        }
        else
        {
            _items[at] = new(_items[at].Key, value);
        }
    }

    public bool Remove(string name) => _items.RemoveAll(p => p.Key.Equals(name, StringComparison.OrdinalIgnoreCase)) > 0;

    public bool Contains(string name) => _items.Exists(p => p.Key.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The value, or null when absent or a flag.</summary>
    public string? Get(string name)
    {
        foreach (var item in _items)
        {
            if (item.Key.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return item.Value;
            }
        }

        return null;
    }

    public List<KeyValuePair<string, string?>>.Enumerator GetEnumerator() => _items.GetEnumerator();
}
