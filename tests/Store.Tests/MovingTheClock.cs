using Pennypost.Store;
using Store.Writer;
using Outcome = Pennypost.Store.Decision<Store.Writer.Counter, System.DateTimeOffset>;

namespace Store.Tests;

/// <summary>The installation's time: one clock, kept in the store, moved forward for everybody.</summary>
public sealed class MovingTheClock
{
    private static async Task<DateTimeOffset> DecideAsync(StateStore store) =>
        (await store.ExecuteAsync<Counter, DateTimeOffset>(Backing.Counter(), Counter.Codec, RecordKeys.None, view => new Outcome.Commit(new Counter(1), view.Now), 0, default)).Answer;

    [Theory, OnEveryStore]
    public async Task Moves_every_process_and_what_is_due(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var (store, other) = (backing.Open(), backing.Open());
        var before = await DecideAsync(other);

        var moved = await store.AdvanceClockAsync(TimeSpan.FromDays(30), default);

        Assert.InRange(moved - before, TimeSpan.FromDays(30), TimeSpan.FromDays(30) + TimeSpan.FromSeconds(20));
        // The other process has heard nothing: its commit is refused, it asks again and decides with the new time.
        Assert.InRange(await DecideAsync(other), moved, moved.AddSeconds(20));
        Assert.InRange(await DecideAsync(store), moved, moved.AddSeconds(20));
        Assert.Equal(TimeSpan.FromDays(30), await other.ClockOffsetAsync(default));
    }

    [Theory, OnEveryStore]
    public async Task Goes_forward_only(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open();
        await store.RaiseClockOffsetAsync(TimeSpan.FromHours(2), default);
        await store.RaiseClockOffsetAsync(TimeSpan.FromHours(1), default);

        Assert.Equal(TimeSpan.FromHours(2), await store.ClockOffsetAsync(default));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => store.AdvanceClockAsync(TimeSpan.FromSeconds(-1), default));
    }

    [Theory, OnEveryStore]
    public async Task Never_runs_backwards_for_a_writer(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open();
        var last = DateTimeOffset.MinValue;
        for (var n = 0; n < 200; n++)
        {
            var now = await DecideAsync(store);
            Assert.True(now >= last);
            last = now;
        }
    }

    [Theory, OnEveryStore]
    public async Task Refuses_a_commit_of_a_process_whose_clock_jumped_and_lets_it_ask_again(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var time = new SkewedTime();
        Faults? line = null;
        var store = backing.Open(time: time, around: inner => line = new Faults(inner));
        await DecideAsync(store);

        time.Ahead = TimeSpan.FromSeconds(30);
        var now = await DecideAsync(store);

        Assert.Contains(line!.Commits, commit => commit.Reply is CommitReply.ClockRefused);
        Assert.InRange((now - await store.NowAsync(default)).Duration(), TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Theory, OnEveryStore]
    public async Task Gives_up_when_the_clocks_stay_apart(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var time = new SkewedTime();
        var store = backing.Open(time: time);
        await DecideAsync(store);
        var version = (await store.ReadAsync(Backing.Counter(), Counter.Codec, [], 0, default)).Version;

        // A process clock that runs wild: 5 s for each look at it.
        time.AheadPerLook = TimeSpan.FromSeconds(5);
        var exception = await Assert.ThrowsAsync<StoreClockException>(() => DecideAsync(store));
        time.AheadPerLook = TimeSpan.Zero;

        Assert.InRange(exception.Skew, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(60));
        Assert.Equal(version, (await store.ReadAsync(Backing.Counter(), Counter.Codec, [], 0, default)).Version);
    }

    private sealed class SkewedTime : TimeProvider
    {
        private long _looked;

        public TimeSpan Ahead { get; set; }

        public TimeSpan AheadPerLook { get; set; }

        public override long GetTimestamp()
        {
            _looked += (long)(AheadPerLook.TotalSeconds * TimestampFrequency);
            return base.GetTimestamp() + _looked + (long)(Ahead.TotalSeconds * TimestampFrequency);
        }
    }
}
