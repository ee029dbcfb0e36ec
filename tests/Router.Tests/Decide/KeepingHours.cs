using FsCheck;
using FsCheck.Fluent;
using Pennypost.Routing;

namespace Pennypost.Router.Tests.Decide;

/// <summary>A policy's own days and hours, across daylight saving (F46). Times are UTC.</summary>
public sealed class KeepingHours
{
    private const string Berlin = "Europe/Berlin";

    [Theory]
    // Berlin is an hour ahead in winter: 9 to 17 is 8 to 16.
    [InlineData("2026-11-18 07:59", "2026-11-18 08:00")]
    [InlineData("2026-11-18 08:00", null)]
    [InlineData("2026-11-18 15:59", null)]
    [InlineData("2026-11-18 16:00", "2026-11-19 08:00")]
    // Friday evening: Monday.
    [InlineData("2026-11-20 16:00", "2026-11-23 08:00")]
    // Over the night to 29 March the clocks go forward, and 9 is an hour earlier.
    [InlineData("2026-03-27 16:00", "2026-03-30 07:00")]
    // Over the night to 25 October they go back.
    [InlineData("2026-10-23 15:00", "2026-10-26 08:00")]
    public void Opens_by_the_clock_on_the_wall(string now, string? opens) =>
        Assert.Equal(opens, Opening(new() { TimeZone = Berlin, Days = [1, 2, 3, 4, 5], FromMinute = 540, ToMinute = 1_020 }, now));

    [Theory]
    // 2:30 does not exist on 29 March: an hour later.
    [InlineData("2026-03-28 23:00", 150, 240, "2026-03-29 01:30")]
    // From 2 to 3 nothing exists on that day: looked at again at 3, and then it opens on the next day.
    [InlineData("2026-03-28 23:00", 120, 180, "2026-03-29 01:00")]
    [InlineData("2026-03-29 01:00", 120, 180, "2026-03-30 00:00")]
    // 2:30 comes twice on 25 October: it is open both times.
    [InlineData("2026-10-25 00:30", 150, 180, null)]
    [InlineData("2026-10-25 01:30", 150, 180, null)]
    public void Opens_where_the_clock_jumps(string now, int from, int to, string? opens) =>
        Assert.Equal(opens, Opening(new() { TimeZone = Berlin, FromMinute = from, ToMinute = to }, now));

    [Fact]
    public void Is_always_open_where_nothing_is_said() => Assert.Null(Opening(new(), "2026-11-18 10:00"));

    [Fact]
    public void Opens_later_than_now_within_eight_days_and_is_then_open_or_opens_within_a_day() =>
        Prop.ForAll(Cases.ToArbitrary(), given =>
        {
            var (hours, now) = given;
            if (hours.NextOpening(now) is not { } opens)
                return true;
            // A start that daylight saving skips may fall after the end: then the next opening is another day's.
            return opens > now && opens <= now.AddDays(8).AddHours(2) && (hours.NextOpening(opens) is not { } again || again <= opens.AddDays(8));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    private static readonly Gen<(PolicyHours Hours, DateTimeOffset Now)> Cases =
        from zone in Gen.Elements("", Berlin, "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
        from days in Gen.SubListOf(1, 2, 3, 4, 5, 6, 7)
        from minute in Gen.Choose(0, 1_439)
        from length in Gen.Choose(1, 1_440)
        from hour in Gen.Choose(0, 8_760 * 60)
        select (
            new PolicyHours { TimeZone = zone, Days = [.. days], FromMinute = minute, ToMinute = Math.Min(minute + length, 1_440) },
            new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(hour));

    private static string? Opening(PolicyHours hours, string now) =>
        hours.NextOpening(DateTimeOffset.Parse(now + "Z", System.Globalization.CultureInfo.InvariantCulture))?.UtcDateTime.ToString("yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture);
}
