using FsCheck;
using FsCheck.Fluent;
using Pennypost.Ledger;

namespace Pennypost.Credits.Tests.Rules;

/// <summary>What holds whatever is asked of a pool, in whatever order, over months.</summary>
public sealed class AnySequence
{
    // A step is a number: its digits choose the command, the id, the pause before it and the amounts. FsCheck shrinks a failing list of numbers to a short one.
    internal static readonly Arbitrary<int[]> Steps =
        Gen.Choose(0, int.MaxValue - 1).ArrayOf().Where(steps => steps.Length <= 60).ToArbitrary();

    [Fact]
    public void Credits_are_conserved_never_negative_and_the_journal_adds_up() =>
        Prop.ForAll(Steps, Gen.Choose(0, 5).ToArbitrary(), (steps, setting) =>
        {
            var books = Start(setting);
            foreach (var step in steps)
            {
                books.Do(CommandOf(step, books)); // Books checks conservation and the journal after each
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void F6_Everything_told_twice_has_one_effect() =>
        Prop.ForAll(Steps, Gen.Choose(0, 5).ToArbitrary(), (steps, setting) =>
        {
            var books = Start(setting);
            var told = new List<(Command Command, Answer Answer)>();
            foreach (var step in steps)
            {
                var command = CommandOf(step, books);
                told.Add((command, books.Do(command)));
            }

            var (pool, lines) = (books.Pool, books.Journal.Count);
            // Settings have no ids: the last one said holds. And a lot that was none may be one by now.
            foreach (var (command, first) in told.Where(pair => pair.Answer is not Answer.NoSuchHold && pair.Command is not (Command.PutSeat or Command.PutBudget or Command.ChangeTerms or Command.VoidLot)))
            {
                var again = books.Do(command with { Now = books.Now });
                if (first is Answer.HoldRefused or Answer.HoldIdReused or Answer.Reconciled or Answer.ToppedUp or Answer.TopUpRefused or Answer.CommandIdReused)
                {
                    Assert.Equal(first, again);
                }

                Assert.Equal(first is Answer.Placed, again is Answer.Placed);
            }

            Assert.Equal((pool.Totals, lines), (books.Pool.Totals, books.Journal.Count));
            Assert.Equal(pool.Lots.AsEnumerable(), books.Pool.Lots.AsEnumerable());
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void F52_Any_order_of_capture_and_replies_ends_the_same() =>
        Prop.ForAll(
            Gen.Choose(0, 200).Three().ToArbitrary(),
            Gen.Choose(0, 11).ToArbitrary(),
            (days, setting) =>
            {
                var (sentAfter, replied, told) = days;
                var ends = Orders(["capture", "reply", "the same reply again"]).Select(order =>
                {
                    var books = Start(setting % 6);
                    books.Place(ttl: setting >= 6 ? TimeSpan.FromDays(1) : null);
                    var placedAt = books.Now;
                    if (setting % 3 == 0)
                    {
                        books.Release();
                    }

                    books.Now = placedAt.AddDays(200 + told);
                    foreach (var fact in order)
                    {
                        _ = fact == "capture"
                            ? books.Capture(sentAt: placedAt.AddDays(sentAfter))
                            : books.Refund(repliedAt: placedAt.AddDays(replied));
                    }

                    var hold = books.Hold();
                    var lots = string.Join(' ', books.Pool.Lots.Select(lot => $"{lot.Source} {lot.ExpiresAt} {lot.Available} {lot.Held}"));
                    return (hold.State, hold.SentAt, Refunded: hold.RefundedAt is not null, hold.Drifted, books.Pool.Totals, lots);
                }).Distinct().ToList();
                var end = Assert.Single(ends);
                Assert.Equal(replied <= sentAfter + 90, end.Refunded);
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void Time_in_one_stride_books_what_time_in_steps_books() =>
        Prop.ForAll(Steps, Gen.Choose(0, 5).ToArbitrary(), (steps, setting) =>
        {
            var books = Start(setting);
            foreach (var step in steps.Take(20))
            {
                books.Do(CommandOf(step, books));
            }

            var end = books.Now.AddDays(400);
            var stride = LedgerRules.At(books.Pool, end);
            var walked = books.Pool;
            var lines = new List<Entry>();
            for (var now = books.Now; now < end; now = now.AddHours(31))
            {
                var decision = LedgerRules.At(walked, now);
                lines.AddRange(decision.Entries);
                walked = decision.Pool!;
            }

            var last = LedgerRules.At(walked, end);
            lines.AddRange(last.Entries);
            Assert.Equal(stride.Entries.AsEnumerable(), lines);
            Assert.Equal(stride.Pool!.Lots.AsEnumerable(), last.Pool!.Lots.AsEnumerable());
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    internal static Books Start(int setting) => setting switch
    {
        0 => Books.Open("2026-01-31T22:00:00Z"),
        1 => Books.Open("2026-01-31T22:00:00Z", balance: 1),
        2 => Books.Open("2028-02-29T00:00:00Z", "premium_career", new Renewal.BillingAnchor(31, TimeZoneInfo.FindSystemTimeZoneById("America/New_York"))),
        3 => Books.Open("2026-05-05T05:05:05Z", "premium_career", balance: 3, rules: terms => terms with { Overflow = OverflowRule.EvictOldest, LotAge = null, RefundCountsTowardCap = true }),
        4 => Books.Open("2026-05-05T05:05:05Z", "premium_career", rules: terms => terms with { Overflow = OverflowRule.EvictOldest, RefundLife = RefundLife.AsSpent }),
        _ => Books.Open("2026-12-31T23:59:59.999Z", "recruiter_lite", balance: 2, rules: terms => terms with { LotAge = TimeSpan.FromDays(10) }),
    };

    internal static Command CommandOf(int step, Books books)
    {
        var (kind, id, pause, amount) = (step % 14, step / 14 % 6, step / 84 % 8, step / 672 % 100);
        books.Now += pause switch { 0 or 1 => TimeSpan.Zero, 2 => TimeSpan.FromSeconds(1), 3 => TimeSpan.FromHours(5), 4 => TimeSpan.FromDays(3), 5 => TimeSpan.FromDays(17), 6 => TimeSpan.FromDays(45), _ => TimeSpan.FromMinutes(1) };
        var now = books.Now;
        return kind switch
        {
            0 or 1 or 2 => new Command.PlaceHold($"h{id}", new HoldContent("acc", amount % 3 == 0 ? TimeSpan.FromDays(1 + (id % 2)) : null, amount % 7 == 0 ? 2 : 0, amount % 5 == 0, amount % 4 == 0 ? "q1" : "")) { Now = now },
            3 or 4 => new Command.CaptureHold($"h{id}", now.AddDays(-(amount % 3))) { Now = now },
            5 => new Command.ReleaseHold($"h{id}") { Now = now },
            6 or 7 => new Command.RefundHold($"h{id}", now.AddDays(-(amount % 100)), amount % 6 == 0 ? RefundTriggers.AutoReply : RefundTriggers.Reply) { Now = now },
            9 => new Command.ImportSend($"h{id}", "acc", now.AddDays(-(amount % 40))) { Now = now },
            10 => new Command.VoidLot(1 + (amount % 9)) { Now = now },
            11 => new Command.PutSeat("acc", amount % 3 == 0 ? null : amount % 5, amount % 4 == 0 ? null : amount % 3) { Now = now },
            12 => amount switch
            {
                < 10 => new Command.CancelPlan($"p{id}") { Now = now },
                < 20 => new Command.ChangePlan($"p{id}", books.Opened, new Opening(books.Opened.Id, PlanCatalog.Version, null, amount % 2 == 0 ? null : amount)) { Now = now },
                < 30 => new Command.ChangeTerms(books.Opened.Terms with { Floor = amount % 4, RefundTriggers = amount % 3 == 0 ? RefundTriggers.Reply : RefundTriggers.All }) { Now = now },
                _ => new Command.PutBudget("q1", amount % 3 == 0 ? null : amount % 6) { Now = now },
            },
            8 => new Command.TopUp($"t{id}", new TopUpContent(1 + (amount % 9), amount * 10_000L, amount == 0 ? "" : "USD", amount % 2 == 0 ? null : now.AddDays(amount))) { Now = now },
            _ => new Command.Reconcile($"r{id}", new ReconciliationContent(amount, amount % 4, now.AddSeconds(-(amount % 5)))) { Now = now },
        };
    }

    private static IEnumerable<string[]> Orders(string[] facts) =>
        facts.Length == 1 ? [facts] : facts.SelectMany(fact => Orders([.. facts.Where(other => other != fact)]).Select(rest => (string[])[fact, .. rest]));
}
