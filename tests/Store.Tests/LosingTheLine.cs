using Pennypost.Store;
using Store.Writer;

namespace Store.Tests;

/// <summary>What is not known is looked up: a commit that may have arrived is neither taken as done nor done twice.</summary>
public sealed class LosingTheLine
{
    private static BackendException Unknown => new("no answer came", outcomeUnknown: true, null);

    private static async Task<(Backing Backing, StateStore Store, Faults Line)> OpenAsync(Kept kept)
    {
        var backing = await Backing.NewAsync(kept);
        Faults? line = null;
        var store = backing.Open(around: inner => line = new Faults(inner));
        await store.AddAsync(Backing.Counter(), "first");
        return (backing, store, line!);
    }

    [Theory, OnEveryStore]
    public async Task Answers_when_the_commit_arrived_and_only_its_reply_was_lost(Kept kept)
    {
        var (backing, store, line) = await OpenAsync(kept);
        await using var _ = backing;
        line.OnCommit = async (commit, _) =>
        {
            line.OnCommit = null;
            await commit();
            throw Unknown;
        };

        var answer = await store.AddAsync(Backing.Counter(), "a");

        Assert.Equal((2, 2), (answer.Answer, answer.Version));
        Assert.Equal(2, await store.TotalAsync(Backing.Counter()));
        Assert.Equal(3, (await store.AddAsync(Backing.Counter(), "b")).Answer);
        Assert.Equal(3, Assert.IsType<JournalVerification.Intact>(await store.VerifyAsync(Backing.Counter(), default)).Entries);
    }

    [Theory, OnEveryStore]
    public async Task Decides_again_when_the_commit_never_arrived(Kept kept)
    {
        var (backing, store, line) = await OpenAsync(kept);
        await using var _ = backing;
        line.OnCommit = (_, _) =>
        {
            line.OnCommit = null;
            throw Unknown;
        };

        Assert.Equal(2, (await store.AddAsync(Backing.Counter(), "a")).Answer);
        Assert.Equal(2, await store.TotalAsync(Backing.Counter()));
    }

    [Theory, OnEveryStore]
    public async Task Does_it_once_when_another_writer_went_on_after_the_lost_reply(Kept kept)
    {
        var (backing, store, line) = await OpenAsync(kept);
        await using var _ = backing;
        var other = backing.Open();
        line.OnCommit = async (commit, _) =>
        {
            line.OnCommit = null;
            await commit();
            await other.AddAsync(Backing.Counter(), "other", 10);
            throw Unknown;
        };

        Assert.Equal(2, (await store.AddAsync(Backing.Counter(), "a")).Answer);
        Assert.Equal(12, await store.TotalAsync(Backing.Counter()));
    }

    [Theory, OnEveryStore]
    public async Task Fences_off_a_commit_that_arrives_late(Kept kept)
    {
        var (backing, store, line) = await OpenAsync(kept);
        await using var _ = backing;
        Func<Task<CommitReply>>? late = null;
        line.OnCommit = (commit, _) =>
        {
            line.OnCommit = null;
            late = commit;
            throw Unknown;
        };

        Assert.Equal(2, (await store.AddAsync(Backing.Counter(), "a")).Answer);
        var reply = Assert.IsType<CommitReply.Done>(await late!());

        Assert.IsType<PartitionOutcome.Conflict>(reply.Outcomes.Single());
        Assert.Equal(2, await store.TotalAsync(Backing.Counter()));
    }

    [Theory, OnEveryStore]
    public async Task Says_that_the_outcome_is_unknown_when_the_store_stays_away(Kept kept)
    {
        var (backing, store, line) = await OpenAsync(kept);
        await using var _ = backing;
        line.OnCommit = async (commit, _) =>
        {
            await commit();
            throw Unknown;
        };
        line.OnLoad = () => throw Unknown;

        var exception = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.AddAsync(Backing.Counter(), "a"));
        (line.OnCommit, line.OnLoad) = (null, null);

        Assert.True(exception.OutcomeUnknown);
        Assert.Equal(2, (await store.AddAsync(Backing.Counter(), "a")).Answer);
        Assert.Equal(2, await store.TotalAsync(Backing.Counter()));
    }

    [Theory, OnEveryStore]
    public async Task Says_that_nothing_was_done_when_the_store_refused(Kept kept)
    {
        var (backing, store, line) = await OpenAsync(kept);
        await using var _ = backing;
        line.OnCommit = (_, _) => throw new BackendException("the disk is full", outcomeUnknown: false, null);

        var exception = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.AddAsync(Backing.Counter(), "a"));
        line.OnCommit = null;

        Assert.False(exception.OutcomeUnknown);
        Assert.Equal(1, await store.TotalAsync(Backing.Counter()));
    }

    [Fact]
    public async Task Leaves_no_partial_effect_when_Redis_memory_is_full()
    {
        await using var server = await RedisServer.StartAsync();
        await using var store = Processes.Open(StoreBackend.Redis, server.ConnectionString);
        await store.AddAsync(Backing.Counter(), "a");
        await using var connection = await server.ConnectAsync();
        var redis = connection.GetServer(server.ConnectionString);
        var before = (string)(await connection.GetDatabase().ExecuteAsync("DEBUG", "DIGEST"))!;

        await redis.ConfigSetAsync("maxmemory", "1");
        // With a delete first: Redis lets those through when memory is full, so a commit that began with one would be half done.
        var refused = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.ExecuteAsync<Counter, long>(
            Backing.Counter(),
            Counter.Codec,
            RecordKeys.None,
            view => new Decision<Counter, long>.Commit(new Counter(9), 9) { Records = [new RecordChange.Delete("a")], Entries = [new JournalEntry("x", [1])] },
            0,
            default));

        Assert.False(refused.OutcomeUnknown);
        Assert.Equal(1, await store.TotalAsync(Backing.Counter()));
        Assert.Equal(before, (string)(await connection.GetDatabase().ExecuteAsync("DEBUG", "DIGEST"))!);
        await redis.ConfigSetAsync("maxmemory", "0");
        Assert.Equal(2, (await store.AddAsync(Backing.Counter(), "b")).Answer);
    }

    [Fact]
    public async Task Sends_its_scripts_again_when_Redis_forgot_them()
    {
        await using var server = await RedisServer.StartAsync();
        await using var store = Processes.Open(StoreBackend.Redis, server.ConnectionString);
        await store.AddAsync(Backing.Counter(), "a");
        await using var connection = await server.ConnectAsync();
        await connection.GetServer(server.ConnectionString).ScriptFlushAsync();

        Assert.Equal(2, (await store.AddAsync(Backing.Counter(), "b")).Answer);
    }
}
