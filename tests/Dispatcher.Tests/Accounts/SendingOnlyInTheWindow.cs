using System.Globalization;
using Pennypost.Delivery.Accounts;

namespace Dispatcher.Tests.Accounts;

/// <summary>F46.</summary>
public sealed class SendingOnlyInTheWindow
{
    [Theory]
    // Tuesday 2026-05-12; Berlin is two hours ahead of UTC in summer.
    [InlineData("", "1,2,3,4,5", 540, 1020, "2026-05-12T12:00Z", "2026-05-12T12:00Z")]
    [InlineData("", "1,2,3,4,5", 540, 1020, "2026-05-12T08:59Z", "2026-05-12T09:00Z")]
    [InlineData("", "1,2,3,4,5", 540, 1020, "2026-05-12T09:00Z", "2026-05-12T09:00Z")]
    [InlineData("", "1,2,3,4,5", 540, 1020, "2026-05-12T17:00Z", "2026-05-13T09:00Z")]
    [InlineData("", "1,2,3,4,5", 540, 1020, "2026-05-15T17:00Z", "2026-05-18T09:00Z")]
    [InlineData("Europe/Berlin", "", 540, 1020, "2026-05-12T06:59Z", "2026-05-12T07:00Z")]
    [InlineData("Europe/Berlin", "", 540, 1020, "2026-01-13T07:30Z", "2026-01-13T08:00Z")]
    [InlineData("America/New_York", "7", 0, 0, "2026-05-12T12:00Z", "2026-05-17T04:00Z")]
    [InlineData("Asia/Tokyo", "1", 0, 60, "2026-05-17T14:59Z", "2026-05-17T15:00Z")]
    // The night when 02:30 does not exist in Berlin.
    [InlineData("Europe/Berlin", "", 150, 160, "2026-03-29T00:00Z", "2026-03-29T01:30Z")]
    [InlineData("", "2", 540, 1020, "2026-05-12T17:00Z", "2026-05-19T09:00Z")]
    public void Opens_next_at(string zone, string days, int from, int to, string at, string expected)
    {
        var window = new SendingWindow(zone, [.. days.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(day => int.Parse(day, CultureInfo.InvariantCulture))], from, to);
        Assert.Equal(Time(expected), window.NextOpen(Time(at)));
    }

    [Fact]
    public void Is_always_open_without_one() => Assert.Equal(Given.Noon, SendingWindow.Always.NextOpen(Given.Noon));

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
