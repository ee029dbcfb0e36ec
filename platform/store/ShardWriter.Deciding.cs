namespace Pennypost.Store;

/// <summary>The deciding half of a batch: loads what is not known, then lets every command look.</summary>
internal sealed partial class ShardWriter
{
    private readonly List<string> _missing = [];

    /// <summary>False when the store could not be read: every caller was told.</summary>
    private async Task<bool> DecideAllAsync()
    {
        for (var round = 0; round < MaxRoundsPerBatch; round++)
        {
            var (lanes, loads) = Loads();
            if (loads.Count > 0)
            {
                try
                {
                    var reply = await backend.LoadAsync(shard, loads).ConfigureAwait(false);
                    clock.Heard(reply.Clock);
                    for (var index = 0; index < lanes.Count; index++)
                        Take(lanes[index], loads[index], reply.Partitions[index]);
                }
                catch (BackendException exception)
                {
                    logger.Unreadable(exception, shard, _batch.Count);
                    foreach (var command in _batch)
                        command.Fail(new StoreUnavailableException("The store cannot be read; nothing was done.", outcomeUnknown: false, exception));
                    return false;
                }
            }

            if (round == 0)
                _nowMs = clock.NowMs();
            var now = DateTimeOffset.FromUnixTimeMilliseconds(_nowMs);
            var undecided = false;
            foreach (var lane in _order)
                undecided |= !Decide(lane, now);
            if (!undecided)
                return true;
        }

        // Very many loads, one after the other: commit what decided, and let the rest go on in the next batch.
        foreach (var lane in _order)
            _carried.AddRange(lane.Commands.Skip(lane.NextCommand));
        return true;
    }

    private (List<Lane> Lanes, List<PartitionLoad> Loads) Loads()
    {
        var (lanes, loads) = (new List<Lane>(), new List<PartitionLoad>());
        foreach (var lane in _order)
        {
            if (lane.IsDone)
                continue;
            var slot = lane.Slot;
            lane.Turn ??= new Turn(slot, _stamps, lane.Commands.Count);
            if (!lane.Fresh && WantsFresh(lane))
                slot.Forget();

            _missing.Clear();
            for (var index = lane.NextCommand; index < lane.Commands.Count; index++)
                lane.Turn.AddMissing(lane.Commands[index].Keys, _missing);
            if (slot.Loaded && _missing.Count == 0)
                continue;
            lanes.Add(lane);
            loads.Add(new PartitionLoad(slot.Partition, slot.Loaded ? slot.State.Fence : null, [.. _missing.Distinct(StringComparer.Ordinal)]));
        }

        return (lanes, loads);
    }

    private static bool WantsFresh(Lane lane)
    {
        var version = lane.Slot.State.Fence.Version;
        foreach (var command in lane.Commands)
            if (command.AcceptsRewind || command.MinVersion > version)
                return true;
        return false;
    }

    private void Take(Lane lane, PartitionLoad load, LoadedPartition loaded)
    {
        var slot = lane.Slot;
        if (loaded.State?.Damage is { } damage)
        {
            // Its callers alone: the others of the batch have nothing to do with it.
            var exception = new StoreDamagedException(slot.Partition, damage);
            logger.Damaged(slot.Partition.Key, damage);
            lane.Turn = new Turn(slot, _stamps, 0);
            lane.NextCommand = 0;
            RemoveWhere(lane, _ => true, command => command.Fail(exception));
            slot.Forget();
            return;
        }

        if (loaded.State is { } state)
        {
            // What was decided so far rests on another state.
            lane.Turn = new Turn(slot, _stamps, lane.Commands.Count);
            lane.NextCommand = 0;
            lane.Fresh = true;
            if (slot.IsRewind(state.Fence))
            {
                var exception = new StoreRewoundException(slot.Partition, slot.Seen.Version, state.Fence.Version);
                logger.Rewound(slot.Partition.Key, slot.Seen.Version, state.Fence.Version);
                metrics.Rewound(shard);
                RemoveWhere(lane, command => !command.AcceptsRewind, command => command.Fail(exception));
                slot.Replace(state, slot.Seen);
                if (lane.Commands.Count == 0)
                {
                    slot.Forget();
                    return;
                }
            }
            else
            {
                slot.Replace(state);
            }
        }

        for (var index = 0; index < load.Records.Count; index++)
            slot.Keep(load.Records[index], loaded.Records[index]);
        var version = slot.State.Fence.Version;
        RemoveWhere(
            lane,
            command => command.MinVersion > version,
            command =>
            {
                logger.Behind(slot.Partition.Key, command.MinVersion, version);
                metrics.Rewound(shard);
                command.Fail(new StoreRewoundException(slot.Partition, command.MinVersion, version));
            });
    }

    private static void RemoveWhere(Lane lane, Predicate<Command> isWrong, Action<Command> fail)
    {
        for (var index = lane.Commands.Count - 1; index >= lane.NextCommand; index--)
        {
            if (!isWrong(lane.Commands[index]))
                continue;
            fail(lane.Commands[index]);
            lane.Commands.RemoveAt(index);
        }
    }

    /// <summary>Lets the partition's commands decide in order. False when one needs records; those behind it say what they will need, so that one read serves them all.</summary>
    private static bool Decide(Lane lane, DateTimeOffset now)
    {
        if (lane.IsDone)
            return true;
        var turn = lane.Turn!;
        while (!lane.IsDone)
        {
            var command = lane.Commands[lane.NextCommand];
            // The read that brought a newer state made what was known before worth nothing: read again.
            if (turn.Misses(command.Keys))
                return false;
            try
            {
                if (!command.Decide(turn, now))
                {
                    if (++command.Loads > MaxLoadsPerCommand)
                        throw new InvalidOperationException($"A command on {lane.Slot.Partition} asked for records {MaxLoadsPerCommand} times and still could not decide.");
                    ProbeRest(lane, turn, now);
                    return false;
                }

                turn.Decided.Add(command);
                lane.NextCommand++;
            }
            catch (Exception exception)
            {
                // The deciding code's own bug or an oversized decision: this caller's alone.
                command.Fail(exception);
                lane.Commands.RemoveAt(lane.NextCommand);
            }
        }

        return true;
    }

    private static void ProbeRest(Lane lane, Turn turn, DateTimeOffset now)
    {
        for (var index = lane.NextCommand + 1; index < lane.Commands.Count; index++)
        {
            try
            {
                lane.Commands[index].Probe(turn, now);
            }
            catch (Exception)
            {
                // It decides for real later, on another state; if it fails there its caller learns of it.
            }
        }
    }
}
