using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Mimu.Core;

/// <summary>
/// Remembers up to so many things, and when there are more lets go of the oldest that was not asked for since it was last passed over (second chance:
/// Corbató, A Paging Experiment with the Multics System, 1968). Asking takes no lock.
/// </summary>
/// <param name="capacity">The most entries.</param>
/// <param name="letGo">Told each value that no longer stands in the cache, for whatever reason.</param>
internal sealed class BoundedCache<TKey, TValue>(int capacity, Action<TValue>? letGo = null)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, Entry> _entries = new();

    // Every entry once, those that were removed meanwhile too.
    private readonly ConcurrentQueue<Entry> _byAge = new();

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (_entries.TryGetValue(key, out var entry))
        {
            entry.WasAskedFor = true;
            value = entry.Value;
            return true;
        }
        value = default;
        return false;
    }

    /// <summary>Adds a value; false when there is one of this key already.</summary>
    public bool TryAdd(TKey key, TValue value)
    {
        var entry = new Entry(key, value);
        if (!_entries.TryAdd(key, entry))
        {
            return false;
        }
        _byAge.Enqueue(entry);
        // Each round takes one away or its second chance, so that this ends.
        while (_byAge.Count > capacity && _byAge.TryDequeue(out var oldest))
        {
            if (oldest.WasAskedFor && !oldest.IsGone)
            {
                oldest.WasAskedFor = false;
                _byAge.Enqueue(oldest);
            }
            else
            {
                Remove(oldest);
            }
        }
        return true;
    }

    /// <summary>Removes the value of this key, if it is this one.</summary>
    public void Remove(TKey key, TValue value)
    {
        if (_entries.TryGetValue(key, out var entry) && ReferenceEquals(entry.Value, value))
        {
            Remove(entry);
        }
    }

    private void Remove(Entry entry)
    {
        entry.IsGone = true;
        if (_entries.TryRemove(KeyValuePair.Create(entry.Key, entry)))
        {
            letGo?.Invoke(entry.Value);
        }
    }

    private sealed class Entry(TKey key, TValue value)
    {
        private volatile bool _wasAskedFor;
        private volatile bool _isGone;

        public TKey Key => key;

        public TValue Value => value;

        public bool WasAskedFor
        {
            get => _wasAskedFor;
            set => _wasAskedFor = value;
        }

        public bool IsGone
        {
            get => _isGone;
            set => _isGone = value;
        }
    }
}
