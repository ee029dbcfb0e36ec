using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Pennypost.Store;

/// <summary>
/// The one writer of a shard in this process: it takes every command that waits, decides each in memory, commits all touched partitions in one call, and only then answers.
/// No timers: the next batch is what arrived while the last one was being written.
/// </summary>
internal sealed partial class ShardWriter(int shard, IStoreBackend backend, StoreOptions options, StoreClock clock, PartitionCache cache, ShardSignals signals, StoreMetrics metrics, ILogger logger)
{
    private const int MaxLoadsPerCommand = 4;
    private const int MaxRoundsPerBatch = 8;
    private const int MaxClockRefusals = 3;
    private const int DistrustedBatches = 32;
    private const int TriesWithoutPause = 3;
    private const double LongestPauseMs = 20;
    private static readonly TimeSpan[] _reloadPauses = [TimeSpan.Zero, TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(400)];

    private readonly ConcurrentQueue<Command> _queue = new();
    private readonly List<Command> _batch = [];
    private readonly Dictionary<PartitionId, Lane> _lanes = [];
    private readonly List<Lane> _order = [];
    private readonly Stamps _stamps = new();

    /// <summary>Commands that were decided and not committed: they go first in the next batch, in their order.</summary>
    private List<Command> _carried = [];
    private int _waiting;
    private int _running;
    private int _clockRefusals;

    /// <summary>The one time that the whole batch is decided and committed with.</summary>
    private long _nowMs;
    private volatile bool _closed;

    public StoreClock Clock => clock;

    /// <summary>Takes a command, or sheds it.</summary>
    public void Post(Command command)
    {
        ObjectDisposedException.ThrowIf(_closed, typeof(StateStore));
        if (Interlocked.Increment(ref _waiting) > options.MaxQueue)
        {
            Interlocked.Decrement(ref _waiting);
            metrics.Shed(shard);
            throw new StoreBusyException(shard, options.MaxQueue);
        }

        _queue.Enqueue(command);
        // An idle shard's writer runs on the caller up to its first wait, which saves a lone command a thread switch, and never goes back to the caller's context.
        if (Interlocked.CompareExchange(ref _running, 1, 0) == 0)
            _ = RunAsync();
    }

    /// <summary>Takes nothing more and waits until everything taken was answered.</summary>
    public async Task CloseAsync()
    {
        _closed = true;
        while (Volatile.Read(ref _running) != 0)
            await Task.Delay(5, CancellationToken.None);
    }

    private async Task RunAsync()
    {
        do
        {
            while (Take())
            {
                try
                {
                    await CommitBatchAsync().ConfigureAwait(false);
                    await LetOthersWriteAsync().ConfigureAwait(false);
                }
                catch (Exception exception)
                {
                    // A bug must not stop the shard: the callers learn of it, and nothing that is remembered is trusted any longer.
                    logger.BatchFailed(exception, shard);
                    foreach (var lane in _order)
                        lane.Slot.Forget();
                    foreach (var command in _batch)
                        command.Fail(exception);
                    _carried.Clear();
                }

                foreach (var lane in _order)
                    cache.Count(lane.Slot);
                cache.Trim();
            }

            Volatile.Write(ref _running, 0);
        }
        while (!_queue.IsEmpty && Interlocked.CompareExchange(ref _running, 1, 0) == 0);
    }

    private bool Take()
    {
        _batch.Clear();
        _batch.AddRange(_carried);
        _carried = [];
        while (_batch.Count < options.MaxBatch && _queue.TryDequeue(out var command))
        {
            Interlocked.Decrement(ref _waiting);
            if (command.Cancellation.IsCancellationRequested)
                command.Cancel();
            else
                _batch.Add(command);
        }

        _lanes.Clear();
        _order.Clear();
        foreach (var command in _batch)
        {
            if (!_lanes.TryGetValue(command.Partition, out var lane))
            {
                lane = new Lane(cache.Get(command.Partition));
                _lanes.Add(command.Partition, lane);
                _order.Add(lane);
            }

            lane.Commands.Add(command);
        }

        return _batch.Count > 0;
    }

    private async Task CommitBatchAsync()
    {
        if (!clock.IsSet)
        {
            // The first load brings the time along.
            foreach (var lane in _order)
                lane.Slot.Forget();
        }

        if (!await DecideAllAsync().ConfigureAwait(false))
            return;

        var lanes = _order.FindAll(lane => lane.Turn is { Decided.Count: > 0 });
        if (lanes.Count == 0)
            return;
        var nowMs = _nowMs;
        var commit = new ShardCommit(nowMs, (long)options.ClockTolerance.TotalMilliseconds, lanes.ConvertAll(lane => lane.Turn!.ToCommit(nowMs)));
        var started = metrics.Now();
        try
        {
            var reply = await backend.CommitAsync(shard, commit).ConfigureAwait(false);
            metrics.Committed(shard, _batch.Count, started);
            Settle(lanes, reply, nowMs);
        }
        catch (BackendException exception) when (!exception.OutcomeUnknown)
        {
            logger.Refused(exception, shard, _batch.Count);
            FailAll(lanes, new StoreUnavailableException("The store refused the commit; nothing was done.", outcomeUnknown: false, exception));
        }
        catch (BackendException exception)
        {
            logger.UnknownOutcome(exception, shard, _batch.Count);
            metrics.UnknownOutcome(shard);
            await LookAgainAsync(lanes, nowMs, exception).ConfigureAwait(false);
        }
    }

    private void Settle(List<Lane> lanes, CommitReply reply, long nowMs)
    {
        clock.Heard(reply.Clock);
        if (reply is CommitReply.ClockRefused refused)
        {
            RefuseClock(lanes, TimeSpan.FromMilliseconds(nowMs - refused.Clock.NowMs));
            return;
        }

        _clockRefusals = 0;
        clock.Committed(nowMs);
        var outcomes = ((CommitReply.Done)reply).Outcomes;
        var now = DateTimeOffset.FromUnixTimeMilliseconds(nowMs);
        for (var index = 0; index < lanes.Count; index++)
        {
            var lane = lanes[index];
            switch (outcomes[index])
            {
                case PartitionOutcome.Committed committed:
                    Confirm(lane, committed.Sequence, now);
                    break;
                case PartitionOutcome.Conflict conflict:
                    metrics.Conflict(shard);
                    logger.Conflict(lane.Slot.Partition.Key, lane.Slot.State.Fence.Version, conflict.State.Fence.Version);
                    TakeOver(lane.Slot, conflict.State);
                    Carry(lane);
                    break;
                case PartitionOutcome.Exists exists:
                    foreach (var (key, value) in exists.Records)
                        lane.Slot.Keep(key, value);
                    lane.Slot.Distrust = DistrustedBatches;
                    Carry(lane);
                    break;
            }
        }
    }

    private void Confirm(Lane lane, long sequence, DateTimeOffset now)
    {
        var turn = lane.Turn!;
        turn.Confirm(sequence);
        if (turn.TouchesJournal)
        {
            signals.Ends.Raise(shard, sequence);
            if (turn.BringsNews)
                signals.Journal.Ring();
        }

        if (turn.TouchesDue)
            signals.Due.Ring();
        var version = lane.Slot.State.Fence.Version;
        foreach (var command in turn.Decided)
            command.Succeed(version, now);
    }

    private void RefuseClock(List<Lane> lanes, TimeSpan skew)
    {
        metrics.ClockRefused(shard);
        if (++_clockRefusals < MaxClockRefusals)
        {
            lanes.ForEach(Carry);
            return;
        }

        _clockRefusals = 0;
        logger.Clock(shard, skew.TotalSeconds);
        FailAll(lanes, new StoreClockException(skew));
    }

    /// <summary>The commit may have arrived or not. If its very stamp is there it did; else the commands decide again on what is there, and their ids keep them from doing anything twice.</summary>
    private async Task LookAgainAsync(List<Lane> lanes, long nowMs, BackendException cause)
    {
        var loads = lanes.ConvertAll(lane => new PartitionLoad(lane.Slot.Partition, null, []));
        foreach (var pause in _reloadPauses)
        {
            if (pause > TimeSpan.Zero)
                await Task.Delay(pause, CancellationToken.None).ConfigureAwait(false);
            try
            {
                var reply = await backend.LoadAsync(shard, loads).ConfigureAwait(false);
                clock.Heard(reply.Clock);
                for (var index = 0; index < lanes.Count; index++)
                {
                    var (lane, state) = (lanes[index], reply.Partitions[index].State!);
                    if (lane.Turn!.Next is { } next && next.Fence == state.Fence)
                    {
                        clock.Committed(nowMs);
                        Confirm(lane, state.LastSequence, DateTimeOffset.FromUnixTimeMilliseconds(nowMs));
                        continue;
                    }

                    TakeOver(lane.Slot, state);
                    Carry(lane);
                }

                return;
            }
            catch (BackendException exception)
            {
                cause = exception;
            }
        }

        foreach (var lane in lanes)
            lane.Slot.Forget();
        FailAll(lanes, new StoreUnavailableException("The store did not answer; the commit may have arrived or not.", outcomeUnknown: true, cause));
    }

    private static void TakeOver(Slot slot, StoredState state)
    {
        // A state that went back, or is damaged, is looked at again, and refused there.
        if (state.Damage is not null || slot.IsRewind(state.Fence))
            slot.Forget();
        else
            slot.Replace(state);
    }

    private void Carry(Lane lane)
    {
        var again = new List<Command>(lane.Turn!.Decided.Count);
        foreach (var command in lane.Turn.Decided)
        {
            if (++command.Tries < options.MaxTries)
                again.Add(command);
            else
                command.Fail(new StoreUnavailableException($"{lane.Slot.Partition} changed under this writer {options.MaxTries} times; nothing was done.", outcomeUnknown: false, null));
        }

        // Those of the lane that had no turn in this batch came after them, and are carried already.
        _carried.InsertRange(0, again);
    }

    /// <summary>
    /// Another writer that commits a few commands at a time is always faster than one that decides a whole batch anew: who lost several times in a row waits, longer each time and not in step, until that one
    /// is through with what it has.
    /// </summary>
    private async Task LetOthersWriteAsync()
    {
        var lost = _carried.Count == 0 ? 0 : _carried.Max(command => command.Tries) - TriesWithoutPause;
        if (lost > 0)
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Min(Math.Pow(2, lost), LongestPauseMs) * (0.5 + Random.Shared.NextDouble() / 2))).ConfigureAwait(false);
    }

    private static void FailAll(List<Lane> lanes, StoreException exception)
    {
        foreach (var lane in lanes)
            foreach (var command in lane.Turn!.Decided)
                command.Fail(exception);
    }

    /// <summary>One partition's commands of this batch.</summary>
    private sealed class Lane(Slot slot)
    {
        public Slot Slot { get; } = slot;
        public List<Command> Commands { get; } = [];

        /// <summary>Index of the first command that has not decided.</summary>
        public int NextCommand { get; set; }
        public Turn? Turn { get; set; }
        public bool Fresh { get; set; }
        public bool IsDone => NextCommand >= Commands.Count;
    }
}
