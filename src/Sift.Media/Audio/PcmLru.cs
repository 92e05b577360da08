namespace Sift.Media.Audio;

/// <summary>
/// Decoded clips shared between legs, least recently used out first once <paramref name="maxBytes"/> are held. A clip that still fills
/// is never dropped, so asking twice while it fills gives the same clip: that is the single flight.
/// </summary>
internal sealed class PcmLru(long maxBytes)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> _entries = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _byUse = new();

    /// <summary>The clip of that key; a new one, for the caller to fill, when <paramref name="created"/>.</summary>
    public PcmClip GetOrAdd(string key, int sampleRate, out bool created)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out var node))
            {
                _byUse.Remove(node);
                _byUse.AddFirst(node);
                created = false;
                return node.Value.Clip;
            }

            var clip = new PcmClip(sampleRate);
            _entries[key] = _byUse.AddFirst(new Entry(key, clip));
            created = true;
            return clip;
        }
    }

    /// <summary>The clip of that key, if it is held.</summary>
    public PcmClip? Find(string key)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out var node))
            {
                return null;
            }

            _byUse.Remove(node);
            _byUse.AddFirst(node);
            return node.Value.Clip;
        }
    }

    /// <summary>To be called once per clip when it is finished: failed ones are forgotten, old ones make room.</summary>
    public void Settle(string key, PcmClip clip)
    {
        lock (_gate)
        {
            if (clip.State == PcmClipState.Failed)
            {
                Remove(key, clip);
            }

            var held = _byUse.Sum(entry => (long)entry.Clip.Length * sizeof(short));
            for (var node = _byUse.Last; node is not null && held > maxBytes;)
            {
                var previous = node.Previous;
                if (node.Value.Clip.State != PcmClipState.Filling)
                {
                    held -= (long)node.Value.Clip.Length * sizeof(short);
                    Remove(node.Value.Key, node.Value.Clip);
                }

                node = previous;
            }
        }
    }

    /// <summary>Forgets a clip, if it is still that one.</summary>
    public void Remove(string key, PcmClip clip)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out var node) && node.Value.Clip == clip)
            {
                _entries.Remove(key);
                _byUse.Remove(node);
            }
        }
    }

    private readonly record struct Entry(string Key, PcmClip Clip);
}
