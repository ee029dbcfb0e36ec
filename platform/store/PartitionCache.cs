using System.Diagnostics;

namespace Pennypost.Store;

/// <summary>
/// What one shard's writer knows about a partition. It is right exactly as long as the fence in the store is the one here, and every commit checks that.
/// </summary>
internal sealed class Slot(PartitionId partition)
{
    /// <summary>Records are kept in two generations, so that a partition with very many keeps the recent ones only.</summary>
    private const int RecordsPerGeneration = 512;

    private Dictionary<string, byte[]?> _young = new(StringComparer.Ordinal);
    private Dictionary<string, byte[]?> _old = new(StringComparer.Ordinal);
    private object? _head;

    public PartitionId Partition { get; } = partition;

    public StoredState State { get; private set; } = StoredState.None;

    /// <summary>False: nothing is known, or what was known turned out to be old.</summary>
    public bool Loaded { get; private set; }

    /// <summary>The highest state that this process has seen confirmed. The store must never show less.</summary>
    public Fence Seen { get; set; }

    /// <summary>How many of the next batches should read ids first, because lately one that was taken as new was there.</summary>
    public int Distrust { get; set; }

    public LinkedListNode<Slot>? Recency { get; set; }

    public long Bytes { get; private set; } = 512;

    /// <summary>Bytes when the cache last added it up.</summary>
    public long CountedBytes { get; set; }

    public THead? Head<THead>(HeadCodec<THead> codec)
        where THead : class
    {
        if (_head is null && State.Head is { } stored)
            _head = codec.Read(stored);
        return _head switch
        {
            null => null,
            THead head => head,
            var other => throw new InvalidOperationException($"{Partition} holds a {other.GetType().Name} and was asked for a {typeof(THead).Name}: a kind has one head type."),
        };
    }

    public bool TryRecord(string key, out byte[]? value) => _young.TryGetValue(key, out value) || _old.TryGetValue(key, out value);

    public void Keep(string key, byte[]? value)
    {
        if (_young.Count >= RecordsPerGeneration)
        {
            foreach (var (oldKey, oldValue) in _old)
                Bytes -= Cost(oldKey, oldValue);
            (_old, _young) = (_young, new Dictionary<string, byte[]?>(StringComparer.Ordinal));
        }

        if (_young.TryGetValue(key, out var before))
            Bytes -= Cost(key, before);
        _young[key] = value;
        Bytes += Cost(key, value);
    }

    private static long Cost(string key, byte[]? value) => 120 + (2 * key.Length) + (value?.Length ?? 0);

    /// <summary>Takes over what the store holds. Records known so far belong to another state. <paramref name="seen"/> is kept in mind when it was accepted nowhere yet.</summary>
    public void Replace(StoredState state, Fence? seen = null)
    {
        (State, _head, Loaded) = (state, null, true);
        Seen = seen ?? state.Fence;
        _young = new(StringComparer.Ordinal);
        _old = new(StringComparer.Ordinal);
        Bytes = 512 + (4L * (state.Head?.Length ?? 0));
    }

    /// <summary>Takes over what was just committed here: the head is kept as it was decided on.</summary>
    public void Advance(StoredState state, object? head)
    {
        Debug.Assert(state.Fence.Version == State.Fence.Version + 1);
        Bytes += 4L * ((state.Head?.Length ?? 0) - (State.Head?.Length ?? 0));
        (State, _head) = (state, head);
        Seen = state.Fence;
    }

    /// <summary>Nothing known of it is used any longer, but for the version that must not be undercut.</summary>
    public void Forget()
    {
        Loaded = false;
        _young.Clear();
        _old.Clear();
    }

    /// <summary>Whether this state is older than, or no descendant of, what was confirmed before.</summary>
    public bool IsRewind(Fence found) => found.Version < Seen.Version || (found.Version == Seen.Version && found.Stamp != Seen.Stamp);
}

/// <summary>The slots of one shard, bounded; the least recently used go first. Of those that went, the versions are remembered a good while longer.</summary>
internal sealed class PartitionCache(long maxBytes, int maxVersions)
{
    private readonly Dictionary<PartitionId, Slot> _slots = [];
    private readonly LinkedList<Slot> _recency = new();
    private Dictionary<PartitionId, Fence> _young = [];
    private Dictionary<PartitionId, Fence> _old = [];
    private long _bytes;

    public Slot Get(PartitionId partition)
    {
        if (_slots.TryGetValue(partition, out var slot))
        {
            if (_recency.First != slot.Recency)
            {
                _recency.Remove(slot.Recency!);
                _recency.AddFirst(slot.Recency!);
            }

            return slot;
        }

        slot = new Slot(partition);
        if (_young.Remove(partition, out var seen) || _old.Remove(partition, out seen))
            slot.Seen = seen;
        slot.Recency = _recency.AddFirst(slot);
        _slots.Add(partition, slot);
        return slot;
    }

    /// <summary>Counts what the partition now takes.</summary>
    public void Count(Slot slot)
    {
        _bytes += slot.Bytes - slot.CountedBytes;
        slot.CountedBytes = slot.Bytes;
    }

    /// <summary>Between batches: lets go of the oldest.</summary>
    public void Trim()
    {
        while (_bytes > maxBytes && _recency.Last is { } last && _slots.Count > 1)
        {
            _recency.RemoveLast();
            _slots.Remove(last.Value.Partition);
            _bytes -= last.Value.CountedBytes;
            Remember(last.Value);
        }
    }

    private void Remember(Slot slot)
    {
        if (slot.Seen == Fence.None)
            return;
        if (_young.Count >= maxVersions / 2)
            (_old, _young) = (_young, []);
        _young[slot.Partition] = slot.Seen;
    }
}
