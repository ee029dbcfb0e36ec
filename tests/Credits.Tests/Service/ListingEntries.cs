using Google.Protobuf.WellKnownTypes;
using Pennypost.Credits.V1;
using Pennypost.Types.V1;
using static Pennypost.Credits.Tests.Service.CreditsApp;

namespace Pennypost.Credits.Tests.Service;

/// <summary>F13: the journal, filtered and in pages.</summary>
public sealed class ListingEntries
{
    [Theory]
    [InlineData(Keeping.Memory)]
    [InlineData(Keeping.Redis)]
    public async Task F13_Any_filter_in_any_pages_finds_exactly_what_it_takes(Keeping keeping)
    {
        await using var app = await StartAsync(keeping);
        await app.OpenAsync();
        for (var i = 0; i < 25; i++)
        {
            await app.Place($"h{i}");
            if (i % 2 == 0) await app.CaptureAsync($"h{i}");
            if (i % 4 == 0) await app.RefundAsync($"h{i}");
            if (i % 10 == 3) await app.Client.ReleaseHoldAsync(new ReleaseHoldRequest { PoolId = "p1", HoldId = $"h{i}" }, As());
            await app.AdvanceAsync(TimeSpan.FromDays(i % 3));
        }

        // A line of the store's own stands among them: its time is that of its commit.
        await app.Client.AcceptRewindAsync(new AcceptRewindRequest { PoolId = "p1", Actor = "olga", SeenVersion = 1_000 }, As());
        await app.Place("last");

        var all = await AllAsync(app, new ListEntriesRequest { PageSize = 1_000 });
        Assert.Equal(Enumerable.Range(1, all.Count).Select(number => (long)number), all.Select(entry => entry.Sequence));
        var times = all.Select(entry => entry.EntryTime).Distinct().ToList();
        var random = new Random(1);
        var found = 0;
        for (var round = 0; round < 60; round++)
        {
            var filter = new ListEntriesRequest { PageSize = random.Next(1, 12) };
            if (random.Next(2) == 0) filter.Kinds.Add(System.Enum.GetValues<EntryKind>().Where(kind => kind != EntryKind.Unspecified && random.Next(3) == 0));
            if (random.Next(4) == 0) filter.HoldId = $"h{random.Next(26)}";
            if (random.Next(4) == 0) filter.CauseId = $"h{random.Next(26)}";
            var (from, until) = (random.Next(-times.Count, times.Count), random.Next(-times.Count, times.Count));
            if (from >= 0) filter.FromTime = times[from];
            if (until > from && until >= 0) filter.UntilTime = times[until];

            var expected = all.Where(entry =>
                (filter.Kinds.Count == 0 || filter.Kinds.Contains(entry.Kind))
                && (filter.HoldId.Length == 0 || entry.HoldId == filter.HoldId)
                && (filter.CauseId.Length == 0 || entry.CauseId == filter.CauseId)
                && (filter.FromTime is null || entry.EntryTime >= filter.FromTime)
                && (filter.UntilTime is null || entry.EntryTime < filter.UntilTime)).ToList();
            Assert.Equal(expected, await AllAsync(app, filter));
            found += expected.Count;
        }

        Assert.InRange(found, 200, 60 * all.Count / 2);
    }

    [Fact]
    public async Task A_call_looks_at_so_many_entries_and_says_where_it_got_to()
    {
        await using var app = await StartAsync();
        await app.OpenAsync(balance: 100_000);
        var many = PoolHistory.MostLookedAt + 50;
        await Task.WhenAll(Enumerable.Range(0, many).Select(i => app.Place($"h{i}").ResponseAsync));
        var filter = new ListEntriesRequest { PoolId = "p1", HoldId = "never" };
        var first = await app.Client.ListEntriesAsync(filter, As());
        Assert.Empty(first.Entries);
        Assert.NotEmpty(first.NextPageToken);
        filter.PageToken = first.NextPageToken;
        Assert.Empty((await app.Client.ListEntriesAsync(filter, As())).NextPageToken);

        // A time is found without looking at what lies before it.
        await app.AdvanceAsync(TimeSpan.FromMinutes(10));
        await app.Place("late");
        var late = await app.Client.ListEntriesAsync(new ListEntriesRequest { PoolId = "p1", FromTime = Timestamp.FromDateTimeOffset(await app.NowAsync() - TimeSpan.FromMinutes(5)) }, As());
        Assert.Equal(("late", ""), (Assert.Single(late.Entries).HoldId, late.NextPageToken));
    }

    private static async Task<List<Entry>> AllAsync(CreditsApp app, ListEntriesRequest filter)
    {
        filter.PoolId = "p1";
        var entries = new List<Entry>();
        do
        {
            var page = await app.Client.ListEntriesAsync(filter, As());
            Assert.InRange(page.Entries.Count, 0, filter.PageSize);
            entries.AddRange(page.Entries);
            filter.PageToken = page.NextPageToken;
        }
        while (filter.PageToken.Length > 0);
        return entries;
    }
}
