namespace Pennypost.Store;

/// <summary>
/// One partition's turn in one batch: its commands decide on it in order, each seeing what those before it decided, and one write comes out of it.
/// Thrown away when the commit fails; the slot underneath is untouched until the store confirmed.
/// </summary>
/// <param name="slot">What is known of the partition.</param>
/// <param name="stamps">The writer's.</param>
/// <param name="commands">How many will probably decide.</param>
internal sealed class Turn(Slot slot, Stamps stamps, int commands)
{
    private Dictionary<string, byte[]?>? _records;
    private HashSet<string>? _assumedAbsent;
    private Dictionary<string, DueChange>? _due;
    private List<JournalEntry>? _entries;
    private IHeadWriter? _changedHead;
    private bool _listed;

    public Slot Slot { get; } = slot;
    public PartitionId Partition => Slot.Partition;
    public long BaseVersion => Slot.State.Fence.Version;

    /// <summary>Commands that decided, in order: they are answered together.</summary>
    public List<Command> Decided { get; } = new(commands);

    /// <summary>A command waits for records; those behind it must not overtake it.</summary>
    public bool Blocked { get; set; }

    public bool Writes { get; private set; }

    public object? Head { get; private set; }

    /// <summary>What will stand in the store when the commit succeeds, but for the sequence.</summary>
    public StoredState? Next { get; private set; }

    public Dictionary<string, byte[]?>? Records => _records;

    public THead? HeadFor<THead>(HeadCodec<THead> codec)
        where THead : class =>
        _changedHead is not null ? (THead?)Head : Slot.Head(codec);

    public bool TryRecord(string key, RecordKeys keys, out byte[]? value)
    {
        if (_records is not null && _records.TryGetValue(key, out value))
            return true;
        if (Slot.TryRecord(key, out value))
            return true;
        value = null;
        return Slot.Distrust == 0 && keys.ProbablyNew.Contains(key);
    }

    /// <summary>Adds the keys of the command that have to be read before it can decide.</summary>
    public void AddMissing(RecordKeys keys, List<string> missing)
    {
        foreach (var key in keys.Load)
            if (!IsKnown(key))
                missing.Add(key);
        if (Slot.Distrust == 0)
            return;
        foreach (var key in keys.ProbablyNew)
            if (!IsKnown(key))
                missing.Add(key);
    }

    /// <summary>Whether <see cref="AddMissing"/> would add anything.</summary>
    public bool Misses(RecordKeys keys)
    {
        foreach (var key in keys.Load)
            if (!IsKnown(key))
                return true;
        if (Slot.Distrust == 0)
            return false;
        foreach (var key in keys.ProbablyNew)
            if (!IsKnown(key))
                return true;
        return false;
    }

    public bool IsKnown(string key) => (_records is not null && _records.ContainsKey(key)) || Slot.TryRecord(key, out _);

    public void Apply<THead, TAnswer>(Decision<THead, TAnswer>.Commit commit, RecordKeys keys, HeadCodec<THead> codec)
        where THead : class
    {
        Limits.Check(commit.Records, commit.Entries, commit.Due);
        foreach (var key in keys.ProbablyNew)
            if (!IsKnown(key))
                (_assumedAbsent ??= new(commands, StringComparer.Ordinal)).Add(key);

        _changedHead = codec;
        (Head, Writes, _listed) = (commit.Head, true, _listed || commit.Listed);
        foreach (var change in commit.Records)
            (_records ??= new(commands, StringComparer.Ordinal))[change.Key] = change is RecordChange.Put put ? put.Value : null;
        foreach (var change in commit.Due)
            (_due ??= new(StringComparer.Ordinal))[change.Key] = change;
        if (commit.Entries.Count > 0)
            (_entries ??= new(commands)).AddRange(commit.Entries);
        foreach (var entry in commit.Entries)
            BringsNews |= entry.IsNews;
    }

    /// <summary>The head set to nothing but a higher version: what accepting a rewind writes.</summary>
    public long? JumpTo { get; set; }

    public void ApplyJump(long version, JournalEntry entry)
    {
        JumpTo = version;
        Writes = true;
        (_entries ??= []).Add(entry);
        BringsNews |= entry.IsNews;
    }

    public PartitionCommit ToCommit(long nowMs)
    {
        if (!Writes)
            return new PartitionCommit(Partition, Slot.State.Fence, null);

        var before = Slot.State;
        var firstNumber = before.JournalLength + 1;
        var packed = _entries is null ? null : Journal.Pack(Partition, before.ChainHash, firstNumber, nowMs, _entries);
        Next = new StoredState(
            new Fence(JumpTo ?? before.Fence.Version + 1, stamps.Next()),
            before.LastSequence,
            before.JournalLength + (_entries?.Count ?? 0),
            packed is null ? before.ChainHash : Journal.HashOf(packed),
            _changedHead is null ? before.Head : _changedHead.Write(Head!));
        return new PartitionCommit(
            Partition,
            before.Fence,
            new PartitionWrite
            {
                Next = Next,
                List = before.Fence.Version == 0 && _listed,
                Absent = _assumedAbsent ?? [],
                Records = _records ?? [],
                Due = _due?.Values ?? (IReadOnlyCollection<DueChange>)[],
                Journal = packed,
                FirstNumber = firstNumber,
            });
    }

    public bool TouchesJournal => _entries is not null;

    /// <summary>Whether its journal entries are worth waking the relay for.</summary>
    public bool BringsNews { get; private set; }

    public bool TouchesDue => _due is not null;

    /// <summary>The store confirmed: what was decided is now what is known.</summary>
    public void Confirm(long sequence)
    {
        if (Slot.Distrust > 0)
            Slot.Distrust--;
        if (Next is null)
            return;
        var state = sequence == 0 ? Next : Next with { LastSequence = sequence };
        if (JumpTo is null)
            Slot.Advance(state, Head);
        else
            Slot.Replace(state);
        if (_records is not null)
            foreach (var (key, value) in _records)
                Slot.Keep(key, value);
    }
}
