using Pennypost.Store;
using Store.Writer;

namespace Store.Tests;

/// <summary>X10: bits that turned over and ends that are missing, in journals and in states: found, and nothing is decided on them.</summary>
public sealed class FindingDamage
{
    [Theory, OnEveryStore]
    public async Task Every_single_bit_of_a_state(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open();
        await store.AddAsync(Backing.Counter(), "i1");
        var state = await backing.StateAsync(Backing.Counter());
        for (var bit = 0; bit < 8 * state.Length; bit++)
        {
            byte[] flipped = [.. state];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            await backing.PutStateAsync(Backing.Counter(), flipped);
            // In Redis the walk through the journal begins at the place that the state names: a wrong one shows as a broken journal.
            Assert.IsNotType<JournalVerification.Intact>(await store.VerifyAsync(Backing.Counter(), default));
        }

        await backing.PutStateAsync(Backing.Counter(), state);
        Assert.IsType<JournalVerification.Intact>(await store.VerifyAsync(Backing.Counter(), default));
    }

    [Theory, OnEveryStore]
    public async Task A_state_that_was_cut_short(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open();
        await store.AddAsync(Backing.Counter(), "i1");
        var state = await backing.StateAsync(Backing.Counter());
        for (var length = 1; length < state.Length; length++)
        {
            await backing.PutStateAsync(Backing.Counter(), state[..length]);
            Assert.IsType<JournalVerification.StateDamaged>(await store.VerifyAsync(Backing.Counter(), default));
        }
    }

    [Theory, OnEveryStore]
    public async Task Nothing_is_decided_on_a_damaged_state_and_its_neighbours_go_on(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open(options => options.Shards = 1);
        await store.AddAsync(Backing.Counter(1), "i1");
        await store.AddAsync(Backing.Counter(2), "i1");
        var state = await backing.StateAsync(Backing.Counter(1), shards: 1);
        byte[] damaged = [.. state];
        damaged[^6] ^= 4;
        await backing.PutStateAsync(Backing.Counter(1), damaged, shards: 1);

        // One batch, one shard: the damaged one is refused alone.
        var other = backing.Open(options => options.Shards = 1);
        var (refused, done) = (other.AddAsync(Backing.Counter(1), "i2"), other.AddAsync(Backing.Counter(2), "i2"));
        Assert.Equal(Backing.Counter(1), (await Assert.ThrowsAsync<StoreDamagedException>(() => refused)).Partition);
        await done;
        Assert.Equal(damaged, await backing.StateAsync(Backing.Counter(1), shards: 1));

        await backing.PutStateAsync(Backing.Counter(1), state, shards: 1);
        await other.AddAsync(Backing.Counter(1), "i2");
        Assert.Equal(2, await other.TotalAsync(Backing.Counter(1)));
    }

    /// <summary>A writer that had it in memory meets it as a conflict.</summary>
    [Theory, OnEveryStore]
    public async Task Neither_by_a_writer_that_knew_it_before(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open();
        await store.AddAsync(Backing.Counter(), "i1");
        var state = await backing.StateAsync(Backing.Counter());
        // The stamp: a conflict for whoever knows the right one.
        byte[] damaged = [.. state];
        damaged[10] ^= 1;
        await backing.PutStateAsync(Backing.Counter(), damaged);
        await Assert.ThrowsAsync<StoreDamagedException>(() => store.AddAsync(Backing.Counter(), "i2"));
        await backing.PutStateAsync(Backing.Counter(), state);
        await store.AddAsync(Backing.Counter(), "i2");
    }

    [Theory, OnEveryStore]
    public async Task A_batch_of_which_almost_nothing_is_left(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open();
        for (var n = 1; n <= 3; n++)
            await store.AddAsync(Backing.Counter(), $"i{n}");
        // Less than a hash, so that it cannot even be asked whose it is.
        await backing.ShortenBatchAsync(Backing.Counter(), batch: 1, length: 5);
        Assert.Equal(2, Assert.IsType<JournalVerification.Broken>(await store.VerifyAsync(Backing.Counter(), default)).Number);
    }
}
