using FsCheck;
using FsCheck.Fluent;
using Pennypost.Ledger;
using Pennypost.Store;
using static Pennypost.Credits.Tests.Rules.AnySequence;
using Replay = Pennypost.Ledger.Replay;

namespace Pennypost.Credits.Tests.Rules;

/// <summary>F13: the journal alone, as it is stored, says what a pool was at any time.</summary>
public sealed class LookingBack
{
    [Fact]
    public void F13_The_lines_up_to_any_moment_make_the_pool_of_that_moment() =>
        Prop.ForAll(Steps, Gen.Choose(0, 5).ToArbitrary(), (steps, setting) =>
        {
            var books = Start(setting);
            var remembered = new List<Pool> { books.Pool };
            foreach (var step in steps)
            {
                books.Do(CommandOf(step, books));
                remembered.Add(books.Pool);
            }

            var lines = books.Journal.ConvertAll(AsStored);
            foreach (var moment in Moments(books, remembered))
            {
                var replay = new Replay();
                foreach (var line in lines.TakeWhile(line => line.DueAt <= moment))
                {
                    Assert.Null(replay.Add(line));
                }

                // What was booked only later was due all the same.
                AssertSame(LedgerRules.At(remembered.Last(pool => pool.AsOf <= moment), moment).Pool!, replay.At(moment)!);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(150));

    [Fact]
    public void F13_A_replay_that_begins_at_a_checkpoint_ends_where_the_whole_one_ends() =>
        Prop.ForAll(Steps, Gen.Choose(0, 5).ToArbitrary(), Gen.Choose(0, 1_000).ToArbitrary(), (steps, setting, cut) =>
        {
            var books = Start(setting);
            foreach (var step in steps)
            {
                books.Do(CommandOf(step, books));
            }

            // A checkpoint is made where a commit ended, which is where the pool's lines stand still.
            var at = books.Journal[cut % books.Journal.Count].DueAt;
            var first = new Replay();
            foreach (var line in books.Journal.TakeWhile(line => line.DueAt <= at))
            {
                first.Add(line);
            }

            var rest = new Replay(first.At(at)!);
            foreach (var line in books.Journal.SkipWhile(line => line.DueAt <= at))
            {
                Assert.Null(rest.Add(line));
            }

            Assert.Empty(rest.Differences(books.Pool));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    [Fact]
    public void F13_A_line_that_was_changed_or_taken_away_does_not_add_up() =>
        Prop.ForAll(Steps, Gen.Choose(0, 5).ToArbitrary(), Gen.Choose(0, 10_000).ToArbitrary(), (steps, setting, choice) =>
        {
            var books = Start(setting);
            foreach (var step in steps)
            {
                books.Do(CommandOf(step, books));
            }

            var number = choice % books.Journal.Count;
            foreach (var wrong in Falsified(books.Journal[number]))
            {
                var lines = books.Journal.ToList();
                lines.RemoveAt(number);
                if (wrong is not null)
                {
                    lines.Insert(number, wrong);
                }

                var replay = new Replay();
                var found = lines.Select(replay.Add).Where(what => what is not null).Concat(replay.Differences(books.Pool)).ToList();
                Assert.True(found.Count > 0, $"{books.Journal[number]} became {wrong}, and nobody saw it.");
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(150));

    [Fact]
    public void A_journal_that_makes_no_sense_is_said_to_be_wrong_and_breaks_nothing()
    {
        var books = Books.Open();
        books.Place(ttl: TimeSpan.FromDays(1));
        var replay = new Replay();
        Assert.Contains("before the line that opens", replay.Add(books.Journal[^1]), StringComparison.Ordinal);
        Assert.Equal("no line opened the pool", Assert.Single(replay.Differences(books.Pool)));
        Assert.Null(replay.At(books.Now));
        replay.Add(books.Journal[0]);
        Assert.Contains("lot 1, which is not there", replay.Add(books.Journal[^1]), StringComparison.Ordinal);
        Assert.Contains("once more", replay.Add(books.Journal[0]), StringComparison.Ordinal);
        Assert.Contains("a kind that this version does not know", replay.Add(books.Journal[1] with { Kind = (EntryKind)99 }), StringComparison.Ordinal);
        Assert.NotEmpty(replay.Differences(books.Pool));
    }

    /// <summary>Every moment at which something was booked or fell due, the ones just before and after, and some in between.</summary>
    private static IEnumerable<DateTimeOffset> Moments(Books books, List<Pool> remembered)
    {
        var moments = remembered.Select(pool => pool.AsOf).Concat(books.Journal.Select(line => line.DueAt)).Distinct().Order().ToList();
        var between = moments.Zip(moments.Skip(1), (left, right) => left + TimeSpan.FromMilliseconds(Math.Floor((right - left).TotalMilliseconds / 2)));
        return moments.SelectMany(moment => new[] { moment, moment.AddMilliseconds(-1), moment.AddMilliseconds(1) }).Concat(between)
            .Where(moment => moment >= moments[0] && moment <= moments[^1]);
    }

    private static IEnumerable<Entry?> Falsified(Entry line)
    {
        yield return null;
        yield return line with { Credits = line.Credits + 1 };
        yield return line with { Available = line.Available + 1 };
        yield return line with { DueAt = line.DueAt.AddDays(-800) };
        yield return line with { Owed = line.Owed + 1 };
        if (line.NewLot is not null)
        {
            yield return line with { LotExpiresAt = (line.LotExpiresAt ?? line.DueAt).AddDays(9_999) };
        }

        if (line.Kind == EntryKind.Created)
        {
            yield return line with { Plan = line.Plan! with { Terms = line.Plan.Terms with { Cap = line.Plan.Terms.Cap + 1 } } };
            yield return line with { Plan = null };
        }
    }

    private static Entry AsStored(Entry line)
    {
        var stored = EntryDocument.Write(line);
        return EntryDocument.Read(new JournaledEntry(PoolBook.Partition("acme", "pool"), 1, 0, 1, line.DueAt, stored.Type, stored.Payload))!;
    }

    // What seats and campaigns used is not in the lines, nor shown with a past pool; nor is what was announced meanwhile.
    private static void AssertSame(Pool expected, Pool actual)
    {
        Assert.Equal(expected.Lots.AsEnumerable(), actual.Lots);
        Assert.Equal(expected.Timers.Select(timer => timer with { Charge = default }), actual.Timers);
        Assert.Equal(expected.Unconfirmed.AsEnumerable(), actual.Unconfirmed);
        Assert.Equal(Plain(expected), Plain(actual));
        Assert.Equal(Wire.Pool(expected, 1), Wire.Pool(actual, 1));

        static Pool Plain(Pool pool) => pool with { Lots = [], Timers = [], Unconfirmed = [], Seats = [], Budgets = [], RenewalAnnounced = null, ExpiryAnnounced = null, Awaited = Math.Min(pool.Awaited, pool.Provisional) };
    }
}
