using Microsoft.Extensions.Logging.Abstractions;
using Pennypost.Store;

namespace Store.Tests;

public sealed class AddingToACounter
{
    [Fact]
    public async Task Counts_each_id_once_and_proves_it()
    {
        await using var store = new StateStore("test", new StoreOptions(), TimeProvider.System, NullLogger<StateStore>.Instance);
        var counter = new PartitionId("counter", "t1", "c1");

        await Task.WhenAll(Enumerable.Range(1, 1_000).Select(n => store.AddAsync(counter, $"i{n}", 1)));
        var replay = await store.AddAsync(counter, "i5", 1);

        Assert.InRange(replay.Answer, 1, 1_000);
        Assert.Equal(1_000, await store.TotalAsync(counter));
        Assert.Equal(1_000, (await store.ReadJournalAsync(counter, 1, 1_000, default)).Entries.Count);
        Assert.Equal(1_000, Assert.IsType<JournalVerification.Intact>(await store.VerifyAsync(counter, default)).Entries);
        Assert.Equal([counter], (await store.ListAsync("counter", "t1", 10, null, default)).Partitions);
    }
}
