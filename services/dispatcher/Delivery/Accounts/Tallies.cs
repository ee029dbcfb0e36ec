using System.Collections.Immutable;

namespace Pennypost.Delivery.Accounts;

/// <summary>What an account sent on one day, and how much of that was answered since.</summary>
/// <param name="Day">Days since 1970, UTC.</param>
/// <param name="Action">What was sent.</param>
/// <param name="Sent">Known sent on that day.</param>
/// <param name="Answered">Of these: replied to, or accepted.</param>
public sealed record DayTally(int Day, CappedAction Action, int Sent, int Answered);

/// <summary>Keeping what was sent and answered, by the day of the send. An answer counts for the day on which was asked, however late it comes.</summary>
public static class Tallies
{
    /// <summary>Days kept.</summary>
    public const int DaysKept = 60;

    /// <summary>One more was sent.</summary>
    public static Account Sent(Account account, CappedAction action, DateTimeOffset at) => Add(account, action, at, 1, 0);

    /// <summary>One that was sent then was answered.</summary>
    public static Account Answered(Account account, CappedAction action, DateTimeOffset sendTime) => Add(account, action, sendTime, 0, 1);

    /// <summary>Sent and answered from one day to another, both included.</summary>
    internal static (int Sent, int Answered) Between(Account account, int firstDay, int lastDay, params ReadOnlySpan<CappedAction> actions)
    {
        var (sent, answered) = (0, 0);
        foreach (var tally in account.Tallies)
        {
            if (tally.Day >= firstDay && tally.Day <= lastDay && actions.Contains(tally.Action))
                (sent, answered) = (sent + tally.Sent, answered + tally.Answered);
        }

        return (sent, answered);
    }

    private static Account Add(Account account, CappedAction action, DateTimeOffset at, int sent, int answered)
    {
        var day = Caps.DayOf(at);
        var newest = account.Tallies.IsEmpty ? day : Math.Max(day, account.Tallies[^1].Day);
        // Too old to count for anything.
        if (day <= newest - DaysKept)
            return account;
        var known = account.Tallies.FirstOrDefault(tally => tally.Day == day && tally.Action == action) ?? new DayTally(day, action, 0, 0);
        return account with
        {
            Tallies =
            [
                .. account.Tallies.Where(tally => tally.Day > newest - DaysKept && tally != known)
                    .Append(known with { Sent = known.Sent + sent, Answered = known.Answered + answered })
                    .OrderBy(tally => tally.Day).ThenBy(tally => tally.Action),
            ],
        };
    }
}
