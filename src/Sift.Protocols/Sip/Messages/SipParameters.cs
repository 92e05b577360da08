using System.Text;

namespace Sift.Protocols.Sip.Messages;

/// <summary>Parameters (<c>;name=value</c>) in order. Names compare without case; a flag parameter has a null value.</summary>
public sealed class SipParameters
{
    /// <summary>A Via that was answered: branch, rport, received.</summary>
    private const int UsualCount = 3;

    private KeyValuePair<string, string?>[] _items = [];

    public int Count { get; private set; }

    public KeyValuePair<string, string?> this[int index] => Items[index];

    private ReadOnlySpan<KeyValuePair<string, string?>> Items => _items.AsSpan(0, Count);

    public void Add(string name, string? value)
    {
        if (Count == _items.Length)
        {
            Array.Resize(ref _items, Math.Max(UsualCount, 2 * Count));
        }

        _items[Count++] = new(name, value);
    }

    /// <summary>Adds the parameter or replaces its value in place.</summary>
    public void Set(string name, string? value)
    {
        var at = IndexOf(name);
        if (at < 0)
        {
            Add(name, value);
        }
        else
        {
            _items[at] = new(_items[at].Key, value);
        }
    }

    public bool Contains(string name) => IndexOf(name) >= 0;

    /// <summary>The value, or null when absent or a flag.</summary>
    public string? Get(string name)
    {
        var at = IndexOf(name);
        return at < 0 ? null : _items[at].Value;
    }

    public ReadOnlySpan<KeyValuePair<string, string?>>.Enumerator GetEnumerator() => Items.GetEnumerator();

    /// <summary>The parameters as they stand in a header, values quoted where they are no token.</summary>
    public override string ToString()
    {
        var output = new StringBuilder();
        AppendTo(output);
        return output.ToString();
    }

    internal void AppendTo(StringBuilder output)
    {
        foreach (var (name, value) in this)
        {
            output.Append(';').Append(name);
            if (value is not null)
            {
                output.Append('=');
                SipText.AppendParameterValue(output, value);
            }
        }
    }

    private int IndexOf(string name)
    {
        for (var i = 0; i < Count; i++)
        {
            if (ReferenceEquals(_items[i].Key, name) || _items[i].Key.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return -1;
    }
}
