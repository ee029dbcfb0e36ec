using Pennypost.Store;
using Store.Writer;

namespace Store.Tests;

/// <summary>The journal: numbered, chained, readable by partition and by shard; a change to it shows.</summary>
public sealed class ProvingTheJournal
{
    private static async Task FillAsync(StateStore store, int commits)
    {
        for (var n = 1; n <= commits; n++)
            await store.AddAsync(Backing.Counter(), $"i{n}");
    }

    [Theory, OnEveryStore]
    public async Task Reads_every_entry_in_pages_from_any_number(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open();
        await FillAsync(store, 70);
        await Task.WhenAll(Enumerable.Range(71, 130).Select(n => store.AddAsync(Backing.Counter(), $"i{n}")));

        foreach (var (from, size) in new[] { (1L, 7), (1, 200), (63, 3), (64, 64), (65, 1_000), (150, 10), (200, 5), (201, 5) })
        {
            var entries = new List<JournaledEntry>();
            long? next = from;
            while (next is { } number)
            {
                var page = await store.ReadJournalAsync(Backing.Counter(), number, size, default);
                Assert.InRange(page.Entries.Count, 0, size);
                entries.AddRange(page.Entries);
                next = page.NextNumber;
            }

            Assert.Equal(Enumerable.Range((int)from, 201 - (int)from).Select(n => (long)n), entries.Select(entry => entry.Number));
            Assert.All(entries.Where(entry => entry.Number <= 70), entry => Assert.Equal($"i{entry.Number}=1", Counter.Text(entry.Payload)));
        }
    }

    [Theory, OnEveryStore]
    public async Task Reads_a_shard_in_the_order_of_its_commits(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open(options => options.Shards = 1);
        for (var n = 0; n < 30; n++)
            await store.AddAsync(Backing.Counter(n % 3), $"i{n}");

        var (entries, cursor, more) = (new List<JournaledEntry>(), 0L, true);
        while (more)
        {
            var page = await store.ReadShardJournalAsync(0, cursor, 7, default);
            entries.AddRange(page.Entries);
            (cursor, more) = (page.NextSequence, page.More);
        }

        Assert.Equal(Enumerable.Range(0, 30).Select(n => $"i{n}=1"), entries.Select(entry => Counter.Text(entry.Payload)));
        Assert.Equal(entries.Select(entry => entry.Sequence).Order(), entries.Select(entry => entry.Sequence));
    }

    [Theory, OnEveryStore]
    public async Task Finds_a_single_flipped_bit(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open();
        await FillAsync(store, 10);
        Assert.IsType<JournalVerification.Intact>(await store.VerifyAsync(Backing.Counter(), default));

        await backing.FlipBitAsync(Backing.Counter(), batch: 6);

        var broken = Assert.IsType<JournalVerification.Broken>(await store.VerifyAsync(Backing.Counter(), default));
        Assert.Equal(7, broken.Number);
        Assert.Contains("hash", broken.What, StringComparison.Ordinal);
    }

    [Theory, OnEveryStore]
    public async Task Finds_that_the_end_was_cut_off(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open();
        await FillAsync(store, 5);

        await backing.CutJournalAsync(Backing.Counter());

        Assert.Equal(5, Assert.IsType<JournalVerification.Broken>(await store.VerifyAsync(Backing.Counter(), default)).Number);
    }

    [Theory, OnEveryStore]
    public async Task Goes_on_with_the_chain_whoever_writes(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var stores = new[] { backing.Open(), backing.Open() };
        for (var n = 0; n < 40; n++)
            await stores[n % 2].AddAsync(Backing.Counter(), $"i{n}");

        var left = Assert.IsType<JournalVerification.Intact>(await stores[0].VerifyAsync(Backing.Counter(), default));
        var right = Assert.IsType<JournalVerification.Intact>(await stores[1].VerifyAsync(Backing.Counter(), default));
        Assert.Equal(40, left.Entries);
        Assert.Equal(left.Hash.ToArray(), right.Hash.ToArray());
    }
}
