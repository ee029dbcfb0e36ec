namespace Pennypost.Store;

/// <summary>One caller's command while it waits for its shard's writer.</summary>
internal abstract class Command(PartitionId partition, RecordKeys keys, long minVersion, CancellationToken ct)
{
    public PartitionId Partition { get; } = partition;

    public RecordKeys Keys { get; private set; } = keys;

    public long MinVersion { get; } = minVersion;

    public CancellationToken Cancellation { get; } = ct;

    /// <summary>How often it decided and was not committed.</summary>
    public int Tries { get; set; }

    /// <summary>How often it asked for further records.</summary>
    public int Loads { get; set; }

    /// <summary>Whether it may look at a partition that was set back.</summary>
    public virtual bool AcceptsRewind => false;

    /// <summary>Decides and applies the decision to the turn. False when it needs records first: they are added to <see cref="Keys"/>.</summary>
    public abstract bool Decide(Turn turn, DateTimeOffset now);

    /// <summary>Decides only to learn which records it needs, because a command before it is waiting for some.</summary>
    public abstract void Probe(Turn turn, DateTimeOffset now);

    /// <summary>The store confirmed: tell the caller.</summary>
    public abstract void Succeed(long version, DateTimeOffset now);

    public abstract void Fail(Exception exception);

    public abstract void Cancel();

    protected void Need(IReadOnlyList<string> keys, RecordKeys? known = null)
    {
        known ??= Keys;
        Keys = new RecordKeys([.. known.Load.Union(keys, StringComparer.Ordinal)], [.. known.ProbablyNew.Except(keys, StringComparer.Ordinal)]);
        Limits.Check(Keys);
    }
}

internal sealed class Command<THead, TAnswer>(
    PartitionId partition,
    HeadCodec<THead> codec,
    RecordKeys keys,
    Func<PartitionView<THead>, Decision<THead, TAnswer>> decide,
    long minVersion,
    CancellationToken ct)
    : Command(partition, keys, minVersion, ct)
    where THead : class
{
    // The caller's continuation must not run on the writer: it would hold up the whole shard.
    private readonly TaskCompletionSource<Executed<TAnswer>> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TAnswer? _answer;
    private CancellationTokenRegistration _cancelling;

    public Task<Executed<TAnswer>> Task => _done.Task;

    /// <summary>From now on the caller is told when its token is cancelled, whatever becomes of the command. Called before it is posted.</summary>
    public void StopWaitingWhenCancelled()
    {
        if (Cancellation.CanBeCanceled)
            _cancelling = Cancellation.UnsafeRegister(static command => ((Command<THead, TAnswer>)command!).Cancel(), this);
    }

    public override bool Decide(Turn turn, DateTimeOffset now)
    {
        switch (View(turn, now))
        {
            case Decision<THead, TAnswer>.NeedRecords need:
                Need(need.Keys);
                return false;

            // Nothing will be committed that could check the ids that were taken as new: they have to be read.
            case Decision<THead, TAnswer>.Answer when Keys.ProbablyNew.Any(key => !turn.IsKnown(key)):
                Need([.. Keys.ProbablyNew.Where(key => !turn.IsKnown(key))]);
                return false;

            case Decision<THead, TAnswer>.Answer answer:
                _answer = answer.Value;
                return true;

            case Decision<THead, TAnswer>.Commit commit:
                turn.Apply(commit, Keys, codec);
                _answer = commit.Value;
                return true;

            default:
                throw new InvalidOperationException("A decision must not be null.");
        }
    }

    public override void Probe(Turn turn, DateTimeOffset now)
    {
        if (View(turn, now) is Decision<THead, TAnswer>.NeedRecords need)
            Need(need.Keys);
    }

    private Decision<THead, TAnswer> View(Turn turn, DateTimeOffset now) =>
        decide(new PartitionView<THead>(turn, Keys, turn.HeadFor(codec), now));

    public override void Succeed(long version, DateTimeOffset now)
    {
        _cancelling.Unregister();
        _done.TrySetResult(new Executed<TAnswer>(_answer!, version, now));
    }

    public override void Fail(Exception exception)
    {
        _cancelling.Unregister();
        _done.TrySetException(exception);
    }

    public override void Cancel() => _done.TrySetCanceled(Cancellation);
}

/// <summary>Accepts what the store holds after it was set back: the version jumps past what was acknowledged, so that every peer's <c>minVersion</c> is met again.</summary>
internal sealed class AcceptRewind(PartitionId partition, long pastVersion, JournalEntry entry, CancellationToken ct)
    : Command(partition, RecordKeys.None, 0, ct)
{
    private readonly TaskCompletionSource<long> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<long> Task => _done.Task;

    public override bool AcceptsRewind => true;

    public override bool Decide(Turn turn, DateTimeOffset now)
    {
        var past = Math.Max(turn.Slot.Seen.Version, pastVersion);
        if (past > turn.BaseVersion || turn.Slot.IsRewind(turn.Slot.State.Fence))
            turn.ApplyJump(past + 1, entry);
        return true;
    }

    public override void Probe(Turn turn, DateTimeOffset now)
    {
    }

    public override void Succeed(long version, DateTimeOffset now) => _done.TrySetResult(version);

    public override void Fail(Exception exception) => _done.TrySetException(exception);

    public override void Cancel() => _done.TrySetCanceled(Cancellation);
}
