using System.Diagnostics;
using Pennypost.Store;
using Store.Writer;

namespace Store.Tests;

/// <summary>What a caller may rely on: every id once, whoever writes, and the journal proves it.</summary>
public sealed class AddingToACounter
{
    [Theory, OnEveryStore]
    public async Task Counts_each_id_once_and_proves_it(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open();

        await Task.WhenAll(Enumerable.Range(0, 1_000).Select(n => store.AddAsync(Backing.Counter(), $"i{n}")));
        var first = await store.AddAsync(Backing.Counter(), "i5");
        var replay = await store.AddAsync(Backing.Counter(), "i5");

        Assert.Equal(first.Answer, replay.Answer);
        Assert.Equal(1_000, await store.TotalAsync(Backing.Counter()));
        Assert.Equal(1_000, (await store.IdsAsync(Backing.Counter())).Count);
        Assert.Equal(1_000, Assert.IsType<JournalVerification.Intact>(await store.VerifyAsync(Backing.Counter(), default)).Entries);
    }

    [Theory, OnEveryStore]
    public async Task Loses_no_update_and_doubles_no_effect_with_two_writers(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var (left, right) = (backing.Open(), backing.Open());

        // Both send all the ids, each in its own order: every id arrives twice.
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 300).SelectMany(n => new[] { left.AddAsync(Backing.Counter(n % 3), $"i{n}"), right.AddAsync(Backing.Counter((299 - n) % 3), $"i{299 - n}") }));

        Assert.Equal(600, answers.Length);
        for (var counter = 0; counter < 3; counter++)
        {
            Assert.Equal(100, await left.TotalAsync(Backing.Counter(counter)));
            Assert.Equal(100, await right.TotalAsync(Backing.Counter(counter)));
            Assert.Equal(100, (await right.IdsAsync(Backing.Counter(counter))).Count);
            Assert.Equal(100, Assert.IsType<JournalVerification.Intact>(await right.VerifyAsync(Backing.Counter(counter), default)).Entries);
        }
    }

    [Theory, OnEveryStore]
    public async Task Waits_for_a_busy_writer_instead_of_losing_to_it_thirty_times_in_a_blink(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var rival = backing.Open();
        var (started, lost) = (Stopwatch.GetTimestamp(), 0);
        var store = backing.Open(around: inner => new Faults(inner)
        {
            OnCommit = async (commit, _) =>
            {
                if (Stopwatch.GetElapsedTime(started) < TimeSpan.FromMilliseconds(200))
                    await rival.AddAsync(Backing.Counter(), $"rival{++lost}");
                return await commit();
            },
        });

        await store.AddAsync(Backing.Counter(), "mine");

        Assert.True(lost > 3, $"Only {lost} commits were lost.");
        Assert.Equal(lost + 1, await rival.TotalAsync(Backing.Counter()));
    }

    [Theory, OnEveryStore]
    public async Task Recognises_an_id_that_another_writer_added_long_ago(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var before = backing.Open();
        await before.AddAsync(Backing.Counter(), "old", 5);
        var after = backing.Open();

        // In one batch: taken as new, found to be there, read and decided again; the new id beside it is not harmed.
        var together = await Task.WhenAll(after.AddAsync(Backing.Counter(), "new", 10), after.AddAsync(Backing.Counter(), "old", 5), after.AddAsync(Backing.Counter(), "old", 5, load: true));

        Assert.Equal([15, 5, 5], together.Select(executed => executed.Answer));
        Assert.Equal(15, await before.TotalAsync(Backing.Counter()));
    }

    [Theory, OnEveryStore]
    public async Task Answers_with_the_version_that_holds_it(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var (one, other) = (backing.Open(), backing.Open());

        var first = await one.AddAsync(Backing.Counter(), "a");
        var second = await other.AddAsync(Backing.Counter(), "b", minVersion: first.Version);
        var read = await one.ReadAsync(Backing.Counter(), Counter.Codec, ["a", "b", "c"], second.Version, default);

        Assert.Equal(1, first.Version);
        Assert.Equal(2, second.Version);
        Assert.Equal(2, read.Version);
        Assert.Equal(2, read.Head!.Total);
        Assert.Equal(["a", "b"], read.Records.Keys.Order());
    }

    [Theory, OnEveryStore]
    public async Task Reads_what_another_writer_just_committed(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var (one, other) = (backing.Open(), backing.Open());

        for (var n = 1; n <= 20; n++)
        {
            await (n % 2 == 0 ? one : other).AddAsync(Backing.Counter(), $"i{n}");
            Assert.Equal(n, await one.TotalAsync(Backing.Counter()));
            Assert.Equal(n, await other.TotalAsync(Backing.Counter()));
        }
    }

    [Theory, OnEveryStore]
    public async Task Shows_nothing_of_a_counter_that_was_never_written(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open();

        var read = await store.ReadAsync(Backing.Counter(), Counter.Codec, ["a"], 0, default);

        Assert.Null(read.Head);
        Assert.Equal(0, read.Version);
        Assert.Empty(read.Records);
        Assert.Empty((await store.ReadJournalAsync(Backing.Counter(), 1, 10, default)).Entries);
        Assert.Equal(0, Assert.IsType<JournalVerification.Intact>(await store.VerifyAsync(Backing.Counter(), default)).Entries);
    }
}
