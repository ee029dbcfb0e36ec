namespace Pennypost.Delivery.Accounts;

/// <summary>
/// When too few answer an account's InMails, it sends none that cost a credit (F50): LinkedIn takes bulk InMail away from senders whom hardly anybody answers. Recruiters report the rule as 100 InMails in 14 days with less than
/// 13 % answered; LinkedIn's own pages that are public do not state it, so it is off unless set.
/// </summary>
/// <param name="LeastInmails">With fewer in the window nothing is concluded; 1 to 10,000.</param>
/// <param name="WindowDays">Days that count, today included; 1 to 60.</param>
/// <param name="LeastPercent">The share that must be answered, in percent; 1 to 100.</param>
public sealed record ResponseGuard(int LeastInmails, int WindowDays, int LeastPercent)
{
    /// <summary>Of LeastInmails.</summary>
    public const int UsualInmails = 100;

    /// <summary>Of WindowDays.</summary>
    public const int UsualDays = 14;

    /// <summary>Of LeastPercent.</summary>
    public const int UsualPercent = 13;

    /// <summary>InMails in the window and how many of them were answered. Free ones count: they do at LinkedIn (LinkedIn Help a1451572).</summary>
    public (int Sent, int Answered) Count(Account account, DateTimeOffset now) => Count(account, Caps.DayOf(now));

    /// <summary>From when on paid InMails may go again if nobody answers meanwhile: sends leave the window day by day. Null if they may now.</summary>
    public DateTimeOffset? PausedUntil(Account account, DateTimeOffset now)
    {
        var today = Caps.DayOf(now);
        if (!IsLow(account, today))
            return null;
        var day = today + 1;
        while (day < today + WindowDays && IsLow(account, day))
            day++;
        return new DateTimeOffset(DateTime.UnixEpoch.AddDays(day), TimeSpan.Zero);
    }

    private bool IsLow(Account account, int day)
    {
        var (sent, answered) = Count(account, day);
        return sent >= LeastInmails && answered * 100L < sent * (long)LeastPercent;
    }

    private (int Sent, int Answered) Count(Account account, int day) => Tallies.Between(account, day - WindowDays + 1, day, CappedAction.Inmail, CappedAction.OpenProfileInmail);
}
