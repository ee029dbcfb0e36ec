using FsCheck;
using FsCheck.Fluent;
using Pennypost.Sandbox.LinkedIn;
using Pennypost.Sandbox.Rules;

namespace Sandbox.Tests;

public sealed class RulesOfCredits
{
    /// <summary>F3: the cap; what is above it is forfeited.</summary>
    [Theory]
    [InlineData(0, 50, 0)]
    [InlineData(100, 50, 0)]
    [InlineData(101, 49, 1)]
    [InlineData(150, 0, 50)]
    [InlineData(155, 0, 50)] // Refunds may have taken the balance above the cap: it is left alone.
    public void Grant_up_to_the_cap(int before, int added, int forfeited)
    {
        var granted = Credits.Grant(Given.Subscription(Product.SalesNavigator, before));
        Assert.Equal((added, forfeited, before + added), (granted.Added, granted.Forfeited, granted.After.Balance));
    }

    /// <summary>F2: days 29 to 31 are clamped.</summary>
    [Theory]
    [InlineData(1, "2026-01-15T00:00:00Z", "2026-02-01T00:00:00Z")]
    [InlineData(15, "2026-01-15T00:00:00Z", "2026-02-15T00:00:00Z")]
    [InlineData(15, "2026-01-14T23:59:59Z", "2026-01-15T00:00:00Z")]
    [InlineData(31, "2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z")]
    [InlineData(31, "2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z")]
    [InlineData(30, "2028-02-01T00:00:00Z", "2028-02-29T00:00:00Z")]
    [InlineData(1, "2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z")]
    public void Renew_on_the_day(int day, string after, string expected) =>
        Assert.Equal(At(expected), Credits.NextRenewal(day, At(after)));

    [Fact]
    public void Renew_every_month_exactly_once() => Check.QuickThrowOnFailure(Prop.ForAll(
        Gen.Choose(1, 31).SelectMany(day => Gen.Choose(0, 5_000).Select(start => (day, start))).ToArbitrary(),
        at =>
        {
            var time = At("2024-01-01T00:00:00Z").AddDays(at.start);
            var next = Credits.NextRenewal(at.day, time);
            var afterNext = Credits.NextRenewal(at.day, next);
            var months = ((afterNext.Year - next.Year) * 12) + afterNext.Month - next.Month;
            return next > time && next - time <= TimeSpan.FromDays(31) && months == 1;
        }));

    /// <summary>F52 and F55: within 90 days of the send, once, and only what cost a credit.</summary>
    [Theory]
    [InlineData(0, 1, true)]
    [InlineData(90, 1, true)]
    [InlineData(91, 1, false)]
    [InlineData(1, 0, false)]
    public void Refund_a_reply_within_the_window(int daysAfterSend, int cost, bool expected)
    {
        var inmail = new InmailSend { Product = Product.Premium, Cost = cost, SentAt = Given.Noon };
        Assert.Equal(expected, Credits.Refunds(inmail, Given.Noon.AddDays(daysAfterSend), windowDays: 90));
        Assert.False(Credits.Refunds(inmail with { SettledAt = Given.Noon }, Given.Noon, windowDays: 90));
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
