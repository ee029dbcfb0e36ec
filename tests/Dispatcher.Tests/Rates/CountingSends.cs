using FsCheck;
using FsCheck.Fluent;
using Pennypost.Delivery;
using Pennypost.Delivery.Rates;

namespace Dispatcher.Tests.Rates;

/// <summary>F79, F83: what a shard's journal hands out is counted once, on the day of the send.</summary>
public sealed class CountingSends
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 2, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateOnly Today = DateOnly.FromDateTime(Noon.UtcDateTime);

    [Fact]
    public void Counts_every_kind_where_its_send_was_F79_F83()
    {
        var book = new Book();
        book.Hear([
            Step(1, CountedKind.Sent, variant: "a"),
            Step(2, CountedKind.Sent, variant: "a"),
            Step(3, CountedKind.CreditSpent, variant: "a"),
            Step(4, CountedKind.Sent, Channel.ConnectionRequest, segment: "founders"),
            Step(5, CountedKind.Accepted, Channel.ConnectionRequest, segment: "founders"),
            Step(6, CountedKind.Replied, variant: "a"),
            Step(7, CountedKind.CreditRefunded, variant: "a"),
        ]);

        Assert.Equal(new Tally(2, 0, 1, 1, 1), book.Of(Today, Channel.Inmail, "", "a"));
        Assert.Equal(new Tally(1, 1, 0, 0, 0), book.Of(Today, Channel.ConnectionRequest, "founders", ""));
        Assert.Equal(7, book.Head.Positions[0]);
        Assert.Equal([Today], book.Head.Days);
    }

    [Fact]
    public void What_is_handed_out_again_is_counted_no_more_F54()
    {
        CountedStep[] steps = [Step(1, CountedKind.Sent), Step(2, CountedKind.Replied), Step(2, CountedKind.Replied, Channel.DirectMessage)];
        var book = new Book();
        book.Hear(steps[..1]);
        book.Hear(steps);
        book.Hear(steps);

        // Two of one commit have one sequence: both count.
        Assert.Equal(new Tally(1, 0, 1, 0, 0), book.Of(Today, Channel.Inmail, "", ""));
        Assert.Equal(1, book.Of(Today, Channel.DirectMessage, "", "").Replied);
    }

    [Fact]
    public void A_late_answer_counts_on_the_day_of_the_send()
    {
        var book = new Book();
        book.Hear([Step(1, CountedKind.Sent, at: Noon.AddDays(-60)), Step(2, CountedKind.Sent)]);
        book.Hear([Step(3, CountedKind.Replied, at: Noon.AddDays(-60))]);

        Assert.Equal(new Tally(1, 0, 1, 0, 0), book.Of(Today.AddDays(-60), Channel.Inmail, "", ""));
        Assert.Equal(new Tally(1, 0, 0, 0, 0), book.Of(Today, Channel.Inmail, "", ""));
    }

    [Fact]
    public void Days_go_when_they_are_too_old_and_what_comes_for_them_changes_nothing()
    {
        var book = new Book();
        book.Hear([Step(1, CountedKind.Sent, at: Noon)]);
        book.Now = Noon.AddDays(Counting.KeptDays);
        book.Hear([Step(2, CountedKind.Replied, at: Noon), Step(3, CountedKind.Sent, at: book.Now)]);

        Assert.Equal([DateOnly.FromDateTime(book.Now.UtcDateTime)], book.Head.Days);
        Assert.Single(book.Days);
        Assert.Equal(3, book.Head.Positions[0]);
    }

    [Fact]
    public void Beyond_so_many_segments_and_variants_a_day_counts_by_channel_alone()
    {
        var book = new Book();
        for (var n = 0; n < DayCounts.MostLabelled + 5; n++)
            book.Hear([Step((2 * n) + 1, CountedKind.Sent, variant: $"v{n}"), Step((2 * n) + 2, CountedKind.Replied, variant: $"v{n}")]);

        Assert.Equal(new Tally(5, 0, 5, 0, 0), book.Of(Today, Channel.Inmail, "", ""));
        Assert.Equal(new Tally(1, 0, 1, 0, 0), book.Of(Today, Channel.Inmail, "", "v199"));
        Assert.Equal(5, book.Days[Today].Merged);
        Assert.Equal(DayCounts.MostLabelled + 1, book.Days[Today].Cells.Count);
    }

    /// <summary>Shards are read by several relays at once, which die between counting and moving their cursors, and are overtaken by another that begins at the cursor.</summary>
    [Fact]
    public void In_whatever_batches_and_however_often_it_is_handed_out_it_ends_the_same_F54_F79()
    {
        var journals =
            from steps in (
                from kind in Gen.Elements(Enum.GetValues<CountedKind>())
                from channel in Gen.Elements(Channel.Inmail, Channel.ConnectionRequest)
                from variant in Gen.Elements("", "a", "b")
                from daysAgo in Gen.Choose(0, 3)
                select Step(0, kind, channel, variant: variant, at: Noon.AddDays(-daysAgo))).ListOf()
            select (IReadOnlyList<CountedStep>)[.. steps.Select((step, n) => step with { Shard = n % 3, Sequence = (n / 3) + 1 })];
        // A turn: a shard, how much of it is handed out from the cursor on, and whether the cursor was moved afterwards.
        var turns = (from shard in Gen.Choose(0, 2) from size in Gen.Choose(1, 5) from moved in Gen.Elements(true, false) select (Shard: shard, Size: size, Moved: moved)).ListOf();

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2_000).WithEndSize(60), Prop.ForAll(journals.Zip(turns).ToArbitrary(), given =>
        {
            var (journal, hands) = given;
            var expected = new Book();
            expected.Hear(journal);
            var (book, cursors) = (new Book(), new int[3]);
            var shards = Enumerable.Range(0, 3).Select(shard => journal.Where(step => step.Shard == shard).ToArray()).ToArray();
            // At last everything is handed out.
            foreach (var (shard, size, moved) in hands.Concat([(0, int.MaxValue, true), (1, int.MaxValue, true), (2, int.MaxValue, true)]))
            {
                var some = shards[shard].Skip(cursors[shard]).Take(size).ToArray();
                book.Hear(some);
                cursors[shard] += moved ? some.Length : 0;
            }

            return book.IsLike(expected);
        }));
    }

    private static CountedStep Step(long sequence, CountedKind kind, Channel channel = Channel.Inmail, string segment = "", string variant = "", DateTimeOffset? at = null) =>
        new(0, sequence, kind, channel, segment, variant, at ?? Noon);

    /// <summary>The partition as it stands.</summary>
    private sealed class Book
    {
        public CountsHead Head { get; private set; } = CountsHead.None;

        public Dictionary<DateOnly, DayCounts> Days { get; } = [];

        public DateTimeOffset Now { get; set; } = Noon;

        public void Hear(IReadOnlyList<CountedStep> steps)
        {
            var fresh = Counting.Fresh(Head, steps);
            var touched = Counting.Touches(fresh, Now).ToDictionary(day => day, day => Days.GetValueOrDefault(day, DayCounts.None));
            var change = Counting.Decide(Head, touched, fresh, Now);
            Head = change.Head;
            foreach (var (day, counts) in change.Days)
                Days[day] = counts;
            foreach (var day in change.Dropped)
                Days.Remove(day);
        }

        public Tally Of(DateOnly day, Channel channel, string segment, string variant) => Days[day].Cells[new CountCell(channel, segment, variant)];

        public bool IsLike(Book other) =>
            Head.Days.SetEquals(other.Head.Days) && Days.Count == other.Days.Count
            && Days.All(day => other.Days[day.Key].Cells.Count == day.Value.Cells.Count && day.Value.Cells.All(cell => other.Days[day.Key].Cells[cell.Key] == cell.Value));
    }
}
