using Pennypost.Store;
using Store.Writer;
using Outcome = Pennypost.Store.Decision<Store.Writer.Counter, long>;

namespace Store.Tests;

/// <summary>The shard's writer: what waits is decided in order, committed at once, and answered after that.</summary>
public sealed class CommittingABatch
{
    private static void OneShard(StoreOptions options) => options.Shards = 1;

    /// <summary>Holds commits back until released, so that what is sent meanwhile becomes one batch.</summary>
    private static (TaskCompletionSource Gate, Func<IStoreBackend, IStoreBackend> Around, Func<Faults> Line) Held()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Faults? faults = null;
        return (gate, inner => faults = new Faults(inner)
        {
            OnCommit = async (commit, _) =>
            {
                await gate.Task;
                return await commit();
            },
        }, () => faults!);
    }

    [Theory, OnEveryStore]
    public async Task Decides_in_order_and_writes_each_head_once(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var (gate, around, line) = Held();
        var store = backing.Open(OneShard, around: around);
        var written = 0;
        var codec = new HeadCodec<Counter>(Counter.Codec.Read, counter =>
        {
            Interlocked.Increment(ref written);
            return Counter.Codec.Write(counter);
        });
        var seen = new List<long>();
        Task<Executed<long>> AddAsync(int n) => store.ExecuteAsync<Counter, long>(
            Backing.Counter(),
            codec,
            RecordKeys.None,
            view =>
            {
                seen.Add(view.Head?.Total ?? 0);
                return new Outcome.Commit(new Counter((view.Head?.Total ?? 0) + 1), n);
            },
            0,
            default);

        var first = AddAsync(0);
        await Eventually.TrueAsync(() => seen.Count == 1, "the first command decided");
        var rest = Enumerable.Range(1, 99).Select(AddAsync).ToArray();
        gate.SetResult();
        await first;
        var answers = await Task.WhenAll(rest);

        Assert.Equal(Enumerable.Range(0, 100).Select(n => (long)n), seen);
        Assert.Equal(2, line().Commits.Count);
        Assert.Equal(2, written);
        Assert.All(answers, answer => Assert.Equal(2, answer.Version));
    }

    [Theory, OnEveryStore]
    public async Task Serves_a_quiet_partition_though_a_hot_one_floods_the_shard(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open(options => (options.Shards, options.MaxBatch) = (1, 16));
        var turn = 0;
        var quietTurn = 0;
        Task HotAsync() => store.ExecuteAsync<Counter, long>(
            Backing.Counter(1),
            Counter.Codec,
            RecordKeys.None,
            view =>
            {
                turn++;
                return new Outcome.Commit(new Counter((view.Head?.Total ?? 0) + 1), 0);
            },
            0,
            default);

        await store.OpenAsync(default);
        var before = Enumerable.Range(0, 200).Select(_ => HotAsync()).ToArray();
        var quiet = store.ExecuteAsync<Counter, long>(
            Backing.Counter(2),
            Counter.Codec,
            RecordKeys.None,
            view =>
            {
                quietTurn = turn;
                return new Outcome.Commit(new Counter(1), 0);
            },
            0,
            default);
        var after = Enumerable.Range(0, 200).Select(_ => HotAsync()).ToArray();
        await Task.WhenAll([.. before, quiet, .. after]);

        // At its place in the queue: within one batch of the 200 that came before it.
        Assert.InRange(quietTurn, 1, 216);
    }

    [Theory, OnEveryStore]
    public async Task Lets_a_partition_that_another_writer_changed_fail_alone(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        Faults? line = null;
        var store = backing.Open(OneShard, around: inner => line = new Faults(inner));
        var other = backing.Open(OneShard);
        await Task.WhenAll(store.AddAsync(Backing.Counter(1), "a"), store.AddAsync(Backing.Counter(2), "a"));
        await other.AddAsync(Backing.Counter(1), "b");
        line!.Commits.Clear();

        // A gate first, so that both commands are in one batch.
        var gate = new TaskCompletionSource();
        line.OnCommit = async (commit, _) =>
        {
            await gate.Task;
            return await commit();
        };
        var opener = store.AddAsync(Backing.Counter(3), "a");
        var (stale, fresh) = (store.AddAsync(Backing.Counter(1), "c"), store.AddAsync(Backing.Counter(2), "c"));
        gate.SetResult();
        await opener;

        Assert.Equal(2, (await fresh).Answer);
        Assert.Equal(3, (await stale).Answer);
        var outcomes = ((CommitReply.Done)line.Commits[1].Reply).Outcomes;
        Assert.IsType<PartitionOutcome.Conflict>(outcomes[0]);
        Assert.IsType<PartitionOutcome.Committed>(outcomes[1]);
    }

    [Theory, OnEveryStore]
    public async Task Keeps_the_order_when_a_batch_that_did_not_get_to_its_end_has_to_be_decided_again(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        Faults? line = null;
        var store = backing.Open(OneShard, around: inner => line = new Faults(inner));
        var other = backing.Open(OneShard);
        await store.AddAsync(Backing.Counter(), "a");

        // Every second command looks only, at an id that it takes as new: each of them costs a load, more than one batch makes. Before what was decided by then is committed, another writer comes.
        var gate = new TaskCompletionSource();
        var commits = 0;
        line!.OnCommit = async (commit, _) =>
        {
            await gate.Task;
            if (++commits == 2)
                await other.AddAsync(Backing.Counter(), "b");
            return await commit();
        };
        var opener = store.AddAsync(Backing.Counter(9), "a");
        var answers = Enumerable.Range(0, 40).Select(n => store.ExecuteAsync<Counter, long>(
            Backing.Counter(),
            Counter.Codec,
            RecordKeys.New($"n{n}"),
            view => n % 2 == 0 ? new Outcome.Commit(new Counter(view.Head!.Total + 1), view.Head.Total + 1) : new Outcome.Answer(view.Head!.Total),
            0,
            default)).ToArray();
        gate.SetResult();
        await opener;
        await Task.WhenAll(answers);

        Assert.Equal(Enumerable.Range(0, 40).Select(n => 3L + (n / 2)), answers.Select(answer => answer.Result.Answer));
        Assert.Contains(line.Commits, commit => commit.Reply is CommitReply.Done done && done.Outcomes.Any(outcome => outcome is PartitionOutcome.Conflict));
    }

    [Theory, OnEveryStore]
    public async Task Reads_further_records_when_a_decision_asks_and_keeps_the_order(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        await backing.Open().AddAsync(Backing.Counter(), "a", 7);
        Faults? line = null;
        var store = backing.Open(around: inner => line = new Faults(inner));
        await store.TotalAsync(Backing.Counter());
        var order = new List<int>();
        Task<Executed<long>> AskAsync(int n) => store.ExecuteAsync<Counter, long>(
            Backing.Counter(),
            Counter.Codec,
            RecordKeys.None,
            view =>
            {
                if (!view.IsLoaded("a"))
                    return new Outcome.NeedRecords(["a"]);
                order.Add(n);
                return new Outcome.Commit(view.Head!, long.Parse(Counter.Text(view.Record("a")!), null));
            },
            0,
            default);

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(AskAsync));

        Assert.All(answers, answer => Assert.Equal(7, answer.Answer));
        Assert.Equal(Enumerable.Range(0, 50), order);
        Assert.InRange(line!.Loads, 1, 3);
    }

    [Theory, OnEveryStore]
    public async Task Tells_only_the_caller_whose_decision_broke(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open();
        Task<Executed<long>> DecideAsync(Func<PartitionView<Counter>, Outcome> decide) => store.ExecuteAsync(Backing.Counter(), Counter.Codec, RecordKeys.None, decide, 0, default);

        var thrown = DecideAsync(_ => throw new InvalidOperationException("my bug"));
        var unasked = DecideAsync(view => new Outcome.Answer(view.Record("never").Length()));
        var endless = DecideAsync(view => new Outcome.NeedRecords(["again"]));
        var oversized = DecideAsync(view => new Outcome.Commit(new Counter(99), 0)
        {
            Records = [new RecordChange.Put("a b", []), new RecordChange.Put("big", new byte[(1 << 20) + 1])],
            Due = [new DueChange.Set("d", view.Now, 8, [])],
        });
        var fine = store.AddAsync(Backing.Counter(), "a");

        Assert.Equal("my bug", (await Assert.ThrowsAsync<InvalidOperationException>(() => thrown)).Message);
        await Assert.ThrowsAsync<InvalidOperationException>(() => unasked);
        await Assert.ThrowsAsync<InvalidOperationException>(() => endless);
        var violations = (await Assert.ThrowsAsync<ArgumentException>(() => oversized)).Message;
        Assert.Contains("'a b'", violations, StringComparison.Ordinal);
        Assert.Contains("'big'", violations, StringComparison.Ordinal);
        Assert.Contains("priority", violations, StringComparison.Ordinal);
        Assert.Equal(1, (await fine).Answer);
        Assert.Equal(1, await store.TotalAsync(Backing.Counter()));
    }

    [Theory, OnEveryStore]
    public async Task Sheds_what_its_queue_cannot_hold(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var (gate, around, _) = Held();
        var store = backing.Open(options => (options.Shards, options.MaxQueue) = (1, 5), around: around);
        await store.OpenAsync(default);

        var sent = Enumerable.Range(0, 20).Select(n => store.AddAsync(Backing.Counter(), $"i{n}")).ToArray();
        gate.SetResult();
        var answered = 0;
        foreach (var command in sent)
        {
            try
            {
                await command;
                answered++;
            }
            catch (StoreBusyException)
            {
                // Nothing was done: the total below says so.
            }
        }

        Assert.InRange(answered, 5, 10);
        Assert.Equal(answered, await store.TotalAsync(Backing.Counter()));
    }

    [Theory, OnEveryStore]
    public async Task Leaves_out_a_command_whose_caller_gave_up_while_it_waited(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var (gate, around, _) = Held();
        var store = backing.Open(OneShard, around: around);
        using var gaveUp = new CancellationTokenSource();

        var first = store.AddAsync(Backing.Counter(), "a");
        var second = store.AddAsync(Backing.Counter(), "b", ct: gaveUp.Token);
        await gaveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        gate.SetResult();
        await first;

        Assert.Equal(1, await store.TotalAsync(Backing.Counter()));
    }

    [Theory, OnEveryStore]
    public async Task Goes_on_from_the_store_when_the_cache_let_a_partition_go(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open(options => (options.Shards, options.CacheBytes) = (1, 1 << 20));

        for (var round = 1; round <= 2; round++)
            await Task.WhenAll(Enumerable.Range(0, 1_000).Select(n => store.AddAsync(Backing.Counter(n), $"i{round}")));

        Assert.All(await Task.WhenAll(Enumerable.Range(0, 1_000).Select(n => store.TotalAsync(Backing.Counter(n)))), total => Assert.Equal(2, total));
    }
}

internal static class Lengths
{
    public static long Length(this byte[]? bytes) => bytes?.LongLength ?? 0;
}
