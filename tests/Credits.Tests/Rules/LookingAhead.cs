using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Pennypost.Ledger;

namespace Pennypost.Credits.Tests.Rules;

/// <summary>F74, F75: what becomes of a pool.</summary>
public sealed class LookingAhead
{
    // Nobody ever answers.
    private static readonly ReplyRate None = new(1e-9, 1);
    private static readonly TimeZoneInfo NewYork = TimeZoneInfo.FindSystemTimeZoneById("America/New_York");

    public static TheoryData<string, string, Renewal?, string[]> Renewals => new()
    {
        { "sales_navigator_core", "2026-01-31T22:00:00Z", null, ["2026-02-01 00:00 +50 -0", "2026-03-01 00:00 +50 -0", "2026-04-01 00:00 +50 -50"] },
        { "sales_navigator_core", "2026-12-31T23:59:59.999Z", null, ["2027-01-01 00:00 +50 -0", "2027-02-01 00:00 +50 -0", "2027-03-01 00:00 +50 -50"] },
        { "premium_career", "2028-02-28T12:00:00Z", new Renewal.BillingAnchor(31, TimeZoneInfo.Utc), ["2028-02-29 00:00 +5 -0", "2028-03-31 00:00 +5 -0", "2028-04-30 00:00 +5 -5"] },
        { "premium_career", "2026-02-20T12:00:00Z", new Renewal.BillingAnchor(8, NewYork), ["2026-03-08 05:00 +5 -0", "2026-04-08 04:00 +5 -0", "2026-05-08 04:00 +5 -5"] },
        { "premium_career", "2026-09-20T12:00:00Z", new Renewal.BillingAnchor(1, NewYork), ["2026-10-01 04:00 +5 -0", "2026-11-01 04:00 +5 -0", "2026-12-01 05:00 +5 -5"] },
        { "free", "2026-01-31T22:00:00Z", null, [] },
    };

    [Theory]
    [MemberData(nameof(Renewals))]
    public void Names_each_renewal_with_what_it_grants_and_forfeits(string plan, string at, Renewal? renewal, string[] expected)
    {
        var ahead = Ahead(Books.Open(at, plan, renewal).Pool, new Outlook { Days = 88 });
        Assert.Equal(expected, ahead.Renewals.Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.At:yyyy-MM-dd HH:mm} +{one.Granted} -{one.Forfeited.Expected}")));
    }

    [Fact]
    public void Shows_each_days_end_with_expiries_and_forfeits()
    {
        // 140 credits of 31 January, and each month as many of 50 as the cap of 150 leaves; all live 30 days.
        var ahead = Ahead(Books.Open("2026-01-31T22:00:00Z", balance: 140, rules: terms => terms with { LotAge = TimeSpan.FromDays(30) }).Pool, new Outlook { Days = 34 });
        Assert.Equal(
            [
                "2026-01-31 140", "2026-02-01 150 granted 50 forfeited 40", "2026-02-28 150", "2026-03-01 150 granted 50 forfeited 50",
                "2026-03-02 10 expired 140", "2026-03-03 0 expired 10", "2026-03-05 0",
            ],
            Fix(ahead));

        static IEnumerable<string> Fix(Forecast.Ahead ahead) => ahead.Days
            .Where(day => day.Granted + day.Forfeited + day.Expired > 0 || day.Date.ToString("MM-dd", CultureInfo.InvariantCulture) is "01-31" or "02-28" or "03-05")
            .Select(day => $"{day.Date:yyyy-MM-dd} {day.Available.Expected}{Part("granted", day.Granted)}{Part("forfeited", day.Forfeited)}{Part("expired", day.Expired)}");

        static string Part(string name, long credits) => credits == 0 ? "" : $" {name} {credits}";
    }

    [Theory]
    [InlineData(5, "2026-01-20")]
    [InlineData(2, null)]
    [InlineData(50, "2026-01-11")]
    [InlineData(51, "2026-01-10")]
    [InlineData(2.5, "2026-01-30")]
    [InlineData(0.5, null)]
    [InlineData(0, null)]
    public void Says_on_which_day_credits_run_out(double sendsPerDay, string? date)
    {
        var ahead = Ahead(Books.Open("2026-01-10T15:00:00Z").Pool, new Outlook { Days = 60, SendsPerDay = sendsPerDay, Replies = None });
        var expected = date is null ? (DateOnly?)null : DateOnly.Parse(date, CultureInfo.InvariantCulture);
        Assert.Equal(new Estimate<DateOnly?>(expected, expected, expected), ahead.RunsOut);
    }

    [Fact]
    public void Replies_put_it_off_and_nobody_knows_how_many_come()
    {
        var pool = Books.Open("2026-01-10T15:00:00Z", balance: 100).Pool;
        var ahead = Ahead(pool, new Outlook { Days = 22, SendsPerDay = 6, Replies = ReplyRate.Prior.After(3, 20) });
        Assert.Equal("2026-01-26", $"{Ahead(pool, new Outlook { Days = 22, SendsPerDay = 6, Replies = None }).RunsOut.Expected:yyyy-MM-dd}");
        Assert.True(ahead.RunsOut.Expected > new DateOnly(2026, 1, 26));
        Assert.True(ahead.RunsOut.Low < ahead.RunsOut.Expected);
        Assert.True(ahead.Replies.Low < ahead.Replies.Expected && ahead.Replies.Expected < ahead.Replies.High);
        Assert.All(ahead.Days, day => Assert.True(day.Available.Low <= day.Available.Expected && day.Available.Expected <= day.Available.High));
        Assert.Contains(ahead.Days, day => day.Available.Low < day.Available.High);
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(1, 7.28442)]
    [InlineData(89, 0)]
    [InlineData(91, 0)]
    public void Earlier_sends_are_answered_less_the_longer_they_wait(int daysAgo, double expected)
    {
        var books = Books.Open("2026-06-10T00:00:00Z");
        var outlook = new Outlook { Days = 120, Replies = new ReplyRate(1e6, 9e6), Unanswered = [new UnansweredSends(books.Now.AddDays(-daysAgo), 100)] };
        var ahead = Ahead(books.Pool, outlook);
        Assert.Equal(expected, ahead.Replies.Expected, 1e-5);
        Assert.InRange(ahead.Days.Sum(day => day.Refunded), (long)Math.Floor(expected - 1e-5), (long)Math.Ceiling(expected));
    }

    [Fact]
    public void Half_of_the_replies_come_in_the_first_half_life()
    {
        var books = Books.Open("2026-06-10T00:00:00Z");
        var outlook = new Outlook { Days = 40, Replies = new ReplyRate(1e6, 9e6), ReplyHalfLife = TimeSpan.FromDays(4), Unanswered = [new UnansweredSends(books.Now, 1_000)] };
        var days = Ahead(books.Pool, outlook).Days;
        Assert.Equal([0, 15, 29, 40, 50], Enumerable.Range(0, 5).Select(day => days.Take(day + 1).Sum(one => one.Refunded)));
        Assert.Equal(75, days.Take(9).Sum(one => one.Refunded));
    }

    [Fact]
    public void Ordinary_sends_leave_the_floor_and_replies_count_only_where_the_rules_say_so()
    {
        var outlook = new Outlook { Days = 20, SendsPerDay = 5, Replies = new ReplyRate(5e5, 5e5) };
        var floor = Ahead(Books.Open("2026-01-02T00:00:00Z", rules: terms => terms with { Floor = 7, RefundTriggers = RefundTriggers.Accepted }).Pool, outlook);
        Assert.Equal((43L, 0.0, new DateOnly(2026, 1, 10)), (floor.Sent.Expected, floor.Replies.High, floor.RunsOut.Expected));
        Assert.Equal(7, floor.Days[^1].Available.Expected);
    }

    [Fact]
    public void F75_A_top_up_is_seen_in_the_balance_and_in_the_day_on_which_credits_run_out()
    {
        var pool = Books.Open("2026-01-10T15:00:00Z", "recruiter_lite", new Renewal.BillingAnchor(10, TimeZoneInfo.Utc)).Pool;
        var outlook = new Outlook { Days = 30, SendsPerDay = 2, Replies = None };
        var (plain, bought) = (Ahead(pool, outlook), Ahead(pool, outlook, new WhatIf { TopUps = [new PlannedTopUp(Books.Time("2026-01-20T12:00:00Z"), 10)] }));
        Assert.Equal((new DateOnly(2026, 1, 25), new DateOnly(2026, 1, 30)), (plain.RunsOut.Expected, bought.RunsOut.Expected));
        Assert.Equal((30L, 40L), (plain.Sent.Expected, bought.Sent.Expected));
        Assert.Equal([0L, 10L, 10L], new[] { 9, 10, 14 }.Select(day => bought.Days[day].Available.Expected - plain.Days[day].Available.Expected));
    }

    [Fact]
    public void F75_A_top_up_that_the_plan_does_not_sell_is_refused()
    {
        var pool = Books.Open("2026-01-10T15:00:00Z").Pool;
        var forecast = Forecasting.Of(pool, new Outlook { Days = 30 }, new WhatIf { TopUps = [new PlannedTopUp(pool.AsOf, 10)] });
        Assert.Equal(new Forecast.TopUpRefused(TopUpRefusal.NotAllowed, "sales_navigator_core"), forecast);
    }

    [Fact]
    public void F75_Another_plan_begins_at_the_next_renewal_with_its_own_grant_and_nothing_of_the_old_one()
    {
        var pool = Books.Open("2026-01-10T15:00:00Z", "recruiter_lite", new Renewal.BillingAnchor(31, TimeZoneInfo.Utc)).Pool;
        var ahead = Ahead(pool, new Outlook { Days = 60, SendsPerDay = 1, Replies = None }, new WhatIf { Plan = PlanCatalog.Find("recruiter_professional_services") });
        Assert.Equal((9L, 99L), (ahead.Days[20].Available.Expected, ahead.Days[21].Available.Expected));
        Assert.Equal(["01-31 +100 -9", "02-28 +100 -0"], ahead.Renewals.Select(one => $"{one.At:MM-dd} +{one.Granted} -{one.Forfeited.Expected}"));

        var premium = Books.Open("2026-01-10T15:00:00Z", "premium_business", new Renewal.BillingAnchor(31, TimeZoneInfo.Utc)).Pool;
        var free = Ahead(premium, new Outlook { Days = 60 }, new WhatIf { Plan = PlanCatalog.Find("free") });
        Assert.Equal((15L, 0L), (free.Days[20].Available.Expected, free.Days[21].Available.Expected));
        Assert.Empty(free.Renewals);

        // What would be bought then, the new plan must sell.
        var whatIf = new WhatIf { Plan = PlanCatalog.Find("free"), TopUps = [new PlannedTopUp(Books.Time("2026-02-01T00:00:00Z"), 10)] };
        Assert.Equal(new Forecast.TopUpRefused(TopUpRefusal.NotAllowed, "free"), Forecasting.Of(premium, new Outlook { Days = 60 }, whatIf));
    }

    [Fact]
    public void Without_sends_it_is_what_the_ledger_will_book() =>
        Prop.ForAll(AnySequence.Steps, Gen.Choose(0, 5).ToArbitrary(), (steps, setting) =>
        {
            var pool = After(steps, setting).Pool;
            var ahead = Ahead(pool, new Outlook { Days = 200 });
            foreach (var day in ahead.Days)
            {
                var booked = LedgerRules.At(pool, EndOf(day.Date));
                var today = booked.Entries.Where(entry => DateOnly.FromDateTime(entry.DueAt.UtcDateTime) == day.Date).ToList();
                Assert.Equal(new Estimate<long>(booked.Pool!.Available, booked.Pool.Available, booked.Pool.Available), day.Available);
                Assert.Equal(
                    (Sum(EntryKind.Granted), Sum(EntryKind.Forfeited), Sum(EntryKind.Expired)),
                    (day.Granted, day.Forfeited, day.Expired));

                long Sum(EntryKind kind) => today.Where(entry => entry.Kind == kind).Sum(entry => entry.Credits);
            }

            var last = LedgerRules.At(pool, EndOf(ahead.Days[^1].Date));
            Assert.Equal(
                last.Entries.Where(entry => entry is { Kind: EntryKind.Granted, NewLot: LotSource.Grant }).Select(entry => (entry.DueAt, entry.Credits)),
                ahead.Renewals.Select(renewal => (renewal.At, renewal.Granted)));
            Assert.Equal(last.Entries.Where(entry => entry.Kind == EntryKind.Forfeited).Sum(entry => entry.Credits), ahead.Renewals.Sum(renewal => renewal.Forfeited.Expected));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    [Fact]
    public void With_sends_it_is_what_the_ledger_books_when_they_are_made() =>
        Prop.ForAll(AnySequence.Steps, Gen.Choose(0, 5).ToArbitrary(), Gen.Choose(0, 12).ToArbitrary(), (steps, setting, sends) =>
        {
            var books = After(steps, setting);
            var perDay = sends / 4.0;
            var ahead = Ahead(books.Pool, new Outlook { Days = 60, SendsPerDay = perDay, Replies = None });
            var start = books.Now = books.Pool.AsOf;
            DateOnly? runsOut = null;
            for (var day = 0; day < ahead.Days.Length; day++)
            {
                books.Now = day == 0 ? start : new DateTimeOffset(start.UtcDateTime.Date, TimeSpan.Zero).AddDays(day);
                for (var send = (long)Math.Floor(perDay * day); send < (long)Math.Floor(perDay * (day + 1)); send++)
                {
                    if (books.Place($"day{day}_{send}", account: "without_limits") is not Answer.Placed) runsOut ??= ahead.Days[day].Date;
                    else books.Capture($"day{day}_{send}");
                }

                Assert.Equal((ahead.Days[day].Date, LedgerRules.At(books.Pool, EndOf(ahead.Days[day].Date)).Pool!.Available), (ahead.Days[day].Date, ahead.Days[day].Available.Expected));
            }

            Assert.Equal(runsOut, ahead.RunsOut.Expected);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(60));

    [Fact]
    public void Whatever_is_assumed_credits_add_up_and_a_shorter_look_sees_the_same() =>
        Prop.ForAll(
            Gen.Choose(0, 5).ToArbitrary(),
            Gen.Choose(0, 300).Three().ToArbitrary(),
            Gen.Choose(0, 50).Three().ToArbitrary(),
            (setting, rates, amounts) =>
            {
                var pool = AnySequence.Start(setting).Pool;
                var outlook = new Outlook
                {
                    Days = 120,
                    SendsPerDay = rates.Item1 / 60.0,
                    Replies = ReplyRate.Prior.After(amounts.Item1, amounts.Item1 + rates.Item2),
                    ReplyHalfLife = TimeSpan.FromHours(1 + rates.Item3),
                    Unanswered = [new UnansweredSends(pool.AsOf.AddDays(-amounts.Item2), amounts.Item3)],
                };
                var ahead = Ahead(pool, outlook);
                var available = pool.Available;
                foreach (var day in ahead.Days)
                {
                    available += day.Granted + day.Refunded - day.Sent - day.Forfeited - day.Expired;
                    Assert.Equal(available, day.Available.Expected);
                    Assert.True(day.Available is { Low: >= 0 } && day.Available.Low <= day.Available.Expected && day.Available.Expected <= day.Available.High);
                }

                Assert.Equal((long)Math.Floor((outlook.SendsPerDay * outlook.Days) + 1e-9), ahead.Sent.Expected + ahead.Unsent.Expected);
                Assert.Equal(ahead.Days.Sum(day => day.Sent), ahead.Sent.Expected);
                Assert.InRange(ahead.Days.Sum(day => day.Refunded), (long)Math.Floor(ahead.Replies.Expected - 1e-6), (long)Math.Floor(ahead.Replies.Expected + 1e-6));
                Assert.Equal(ahead.Unsent.Expected > 0, ahead.RunsOut.Expected is not null);

                var sooner = Ahead(pool, outlook with { Days = 45 });
                Assert.Equal(ahead.Days.Take(45), sooner.Days);
                Assert.Equal(ahead.Renewals.Take(sooner.Renewals.Length), sooner.Renewals);
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    private static Forecast.Ahead Ahead(Pool pool, Outlook outlook, WhatIf? whatIf = null) => Assert.IsType<Forecast.Ahead>(Forecasting.Of(pool, outlook, whatIf));

    private static DateTimeOffset EndOf(DateOnly date) => new DateTimeOffset(date.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero).AddDays(1).AddMilliseconds(-1);

    private static Books After(int[] steps, int setting)
    {
        var books = AnySequence.Start(setting);
        foreach (var step in steps)
        {
            books.Do(AnySequence.CommandOf(step, books));
        }

        return books;
    }
}
