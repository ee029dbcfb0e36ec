using Pennypost.Sandbox.LinkedIn;

namespace Pennypost.Sandbox.Rules;

/// <summary>How InMail credits come and go, per account and product (facts 2).</summary>
public static class Credits
{
    /// <summary>A plan that can be subscribed to.</summary>
    public sealed record Plan(string Name, Product Product, int MonthlyGrant, int Cap);

    /// <summary>LinkedIn's plans: monthly credits and the most that can pile up (linkedin.com/help answers 75, 57013, a412114; Recruiter: 4 times the grant).</summary>
    public static IReadOnlyList<Plan> Plans { get; } =
    [
        new("premium_career", Product.Premium, 5, 15),
        new("premium_business", Product.Premium, 15, 45),
        new("sales_navigator", Product.SalesNavigator, 50, 150),
        new("recruiter_lite", Product.Recruiter, 30, 120),
        new("recruiter_professional", Product.Recruiter, 100, 400),
        new("recruiter_corporate", Product.Recruiter, 150, 600),
    ];

    /// <summary>What a grant leaves behind.</summary>
    public sealed record Granted(Subscription After, int Added, int Forfeited);

    /// <summary>Adds a month's credits up to the cap. A balance that refunds or a control took above the cap is left alone.</summary>
    public static Granted Grant(Subscription before)
    {
        var added = Math.Clamp(before.Cap - before.Balance, 0, before.MonthlyGrant);
        return new(before with { Balance = before.Balance + added }, added, before.MonthlyGrant - added);
    }

    /// <summary>The first renewal after <paramref name="after"/>: 00:00 UTC on the day, or on the last day of a shorter month.</summary>
    public static DateTimeOffset NextRenewal(int day, DateTimeOffset after)
    {
        var month = new DateTimeOffset(after.UtcDateTime.Year, after.UtcDateTime.Month, 1, 0, 0, 0, TimeSpan.Zero);
        var renewal = InMonth(month, day);
        return renewal > after ? renewal : InMonth(month.AddMonths(1), day);
    }

    /// <summary>A reply, an acceptance or a decline within the window, counted from the send, returns the one credit; once.</summary>
    public static bool Refunds(InmailSend inmail, DateTimeOffset settledAt, int windowDays) =>
        inmail.Cost > 0 && inmail.SettledAt is null && settledAt <= inmail.SentAt.AddDays(windowDays);

    private static DateTimeOffset InMonth(DateTimeOffset firstOfMonth, int day) =>
        firstOfMonth.AddDays(Math.Min(day, DateTime.DaysInMonth(firstOfMonth.Year, firstOfMonth.Month)) - 1);
}
