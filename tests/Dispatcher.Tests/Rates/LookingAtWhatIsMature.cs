using System.Globalization;
using Pennypost.Delivery;
using Pennypost.Delivery.Rates;

namespace Dispatcher.Tests.Rates;

/// <summary>Only sends that had the time to be answered are judged: whole days, in UTC.</summary>
public sealed class LookingAtWhatIsMature
{
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 15, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("nothing asked", null, null, 14, "2025-10-17", "2026-11-06", "2026-11-21")]
    [InlineData("today as well", null, null, 0, "2025-10-17", "2026-11-21", "2026-11-21")]
    [InlineData("a day over for a day", null, null, 1, "2025-10-17", "2026-11-19", "2026-11-21")]
    [InlineData("a period", "2026-10-01T10:00", "2026-10-15T10:00", 14, "2026-10-01", "2026-10-15", "2026-10-15")]
    [InlineData("its end too young", "2026-10-01T00:00", "2026-11-15T00:00", 14, "2026-10-01", "2026-11-06", "2026-11-15")]
    [InlineData("all of it too young", "2026-11-15T00:00", null, 14, "2026-11-15", "2026-11-15", "2026-11-21")]
    [InlineData("longer ago than is kept", "2020-01-01T00:00", "2026-01-01T00:00", 14, "2025-10-17", "2026-01-01", "2026-01-01")]
    [InlineData("in the future", "2027-01-01T00:00", "2027-02-01T00:00", 14, "2026-11-21", "2026-11-21", "2026-11-21")]
    public void The_days_are(string what, string? start, string? end, int matureDays, string first, string last, string until)
    {
        _ = what;
        var window = CountWindow.Of(Time(start), Time(end), TimeSpan.FromDays(matureDays), Now);

        Assert.Equal((first, last, until), (Text(window.First), Text(window.End), Text(window.Until)));
    }

    [Fact]
    public void Days_are_added_up_and_young_ones_only_told()
    {
        var window = CountWindow.Of(null, null, CountWindow.UsualMaturity, Now);
        var sums = CountSums.Of(window, [Day(-30, ("", 4, 1)), Day(-20, ("", 2, 1)), Day(-15, ("a", 3, 0)), Day(-14, ("a", 7, 0)), Day(0, ("", 1, 0))], 500);

        Assert.Equal([(new CountCell(Channel.Inmail, "", ""), new Tally(6, 0, 2, 0, 0)), (new CountCell(Channel.Inmail, "", "a"), new Tally(3, 0, 0, 0, 0))], sums.Cells);
        Assert.Equal((8, 0), (sums.Young, sums.Merged));
    }

    [Fact]
    public void Beyond_so_many_cells_those_with_most_keep_their_names()
    {
        var window = CountWindow.Of(null, null, CountWindow.UsualMaturity, Now);
        var sums = CountSums.Of(window, [Day(-30, ("a", 5, 1), ("b", 1, 1), ("c", 9, 2), ("d", 1, 0))], 3);

        Assert.Equal(
            [("", new Tally(2, 0, 1, 0, 0)), ("a", new Tally(5, 0, 1, 0, 0)), ("c", new Tally(9, 0, 2, 0, 0))],
            sums.Cells.Select(cell => (cell.Cell.Variant, cell.Tally)));
        Assert.Equal(2, sums.Merged);
    }

    [Fact]
    public void What_came_of_a_send_that_was_lost_is_never_more_than_was_sent()
    {
        var window = CountWindow.Of(null, null, CountWindow.UsualMaturity, Now);
        var day = DayCounts.None with { Cells = DayCounts.None.Cells.Add(CountCell.Of(Channel.Inmail), new Tally(2, 3, 4, 5, 6)) };

        Assert.Equal(new Tally(2, 2, 2, 2, 2), Assert.Single(CountSums.Of(window, [KeyValuePair.Create(window.First, day)], 500).Cells).Tally);
    }

    private static KeyValuePair<DateOnly, DayCounts> Day(int day, params (string Variant, int Sent, int Replied)[] cells) => KeyValuePair.Create(
        DateOnly.FromDateTime(Now.UtcDateTime).AddDays(day),
        DayCounts.None with
        {
            Cells = DayCounts.None.Cells.AddRange(cells.Select(cell => KeyValuePair.Create(new CountCell(Channel.Inmail, "", cell.Variant), new Tally(cell.Sent, 0, cell.Replied, 0, 0)))),
        });

    private static DateTimeOffset? Time(string? text) => text is null ? null : DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
