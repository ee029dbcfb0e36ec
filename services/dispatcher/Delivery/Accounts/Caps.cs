using System.Collections.Immutable;

namespace Pennypost.Delivery.Accounts;

/// <summary>What a cap counts.</summary>
public enum CappedAction
{
    /// <summary>Nothing.</summary>
    Unspecified = 0,

    /// <summary>Direct messages and replies in threads.</summary>
    Message = 1,

    /// <summary>Connection requests.</summary>
    Invitation = 2,

    /// <summary>InMails that cost a credit.</summary>
    Inmail = 3,

    /// <summary>InMails to open profiles.</summary>
    OpenProfileInmail = 4,

    /// <summary>Profile look-ups through the provider, and visits of profiles.</summary>
    Profile = 5,

    /// <summary>E-mails.</summary>
    Email = 10,

    /// <summary>Likes of posts.</summary>
    Like = 11,

    /// <summary>Comments on posts.</summary>
    Comment = 12,
}

/// <summary>The time over which a cap counts.</summary>
public enum CapWindow
{
    /// <summary>None.</summary>
    Unspecified = 0,

    /// <summary>The last 24 hours, rolling.</summary>
    Day = 1,

    /// <summary>The last 7 days, rolling.</summary>
    Week = 2,

    /// <summary>The calendar month, UTC.</summary>
    Month = 3,
}

/// <summary>At most so many of an action in a window.</summary>
/// <param name="Action">What is counted.</param>
/// <param name="Window">Over which time.</param>
/// <param name="Limit">0 to 10,000; 0 switches the action off.</param>
public sealed record Cap(CappedAction Action, CapWindow Window, int Limit)
{
    /// <summary>The largest limit.</summary>
    public const int Most = 10_000;
}

/// <summary>A cap with its present use.</summary>
/// <param name="Action">What is counted.</param>
/// <param name="Window">Over which time.</param>
/// <param name="Limit">What holds now: the hard limit, lowered by ramp, jitter and slowing down.</param>
/// <param name="HardLimit">The least of the tier's default and the account's own; where only a ramp limits the window, of those for longer windows.</param>
/// <param name="Used">What was charged and not given back.</param>
/// <param name="Remaining">Never under 0.</param>
/// <param name="ResetTime">When <paramref name="Remaining"/> next grows; null if nothing is used.</param>
public sealed record CapUse(CappedAction Action, CapWindow Window, int Limit, int HardLimit, int Used, int Remaining, DateTimeOffset? ResetTime);

/// <summary>The default caps of each tier: data, with their sources. An account's own caps can only lower them.</summary>
public static class TierCaps
{
    /// <summary>
    /// Messages: 100 a week free, 150 paid (Kondo, LinkedIn limits). Invitations: 40 a week free (Kondo: 40-50), paid 80 a day and 200 a week (Unipile, provider limits: 80-100 a day, about 200 a week).
    /// InMails: 30 a day (Unipile: 30-50). InMails to open profiles: 800 a month (Kondo and Unipile). Profiles: 100 a day (Unipile). Where sources give a range its lower end stands here.
    /// E-mails: 50 a day, which is ours: mail servers let more through, but those who get mail from strangers judge the mailbox by its volume. Likes and comments: 30 and 10 a day, ours too: no public page names a number.
    /// </summary>
    public static ImmutableArray<Cap> Of(Tier tier) => tier.OrFree() == Tier.Free ? Free : Paid;

    private static readonly ImmutableArray<Cap> Free =
    [
        new(CappedAction.Message, CapWindow.Week, 100),
        new(CappedAction.Invitation, CapWindow.Week, 40),
        new(CappedAction.Inmail, CapWindow.Day, 30),
        new(CappedAction.OpenProfileInmail, CapWindow.Month, 800),
        new(CappedAction.Profile, CapWindow.Day, 100),
        new(CappedAction.Email, CapWindow.Day, 50),
        new(CappedAction.Like, CapWindow.Day, 30),
        new(CappedAction.Comment, CapWindow.Day, 10),
    ];

    private static readonly ImmutableArray<Cap> Paid =
    [
        new(CappedAction.Message, CapWindow.Week, 150),
        new(CappedAction.Invitation, CapWindow.Day, 80),
        new(CappedAction.Invitation, CapWindow.Week, 200),
        new(CappedAction.Inmail, CapWindow.Day, 30),
        new(CappedAction.OpenProfileInmail, CapWindow.Month, 800),
        new(CappedAction.Profile, CapWindow.Day, 100),
        new(CappedAction.Email, CapWindow.Day, 50),
        new(CappedAction.Like, CapWindow.Day, 30),
        new(CappedAction.Comment, CapWindow.Day, 10),
    ];
}

/// <summary>Which caps hold, how much of them is used, and when there is room again.</summary>
public static class Caps
{
    /// <summary>What a send by this channel is counted as.</summary>
    public static CappedAction ActionOf(Channel channel) => channel switch
    {
        Channel.DirectMessage or Channel.RepliedThread or Channel.GroupMessageRequest or Channel.CoworkerMessageRequest => CappedAction.Message,
        Channel.ConnectionRequest => CappedAction.Invitation,
        Channel.Inmail => CappedAction.Inmail,
        Channel.OpenProfileInmail or Channel.OpenToWorkMessage => CappedAction.OpenProfileInmail,
        Channel.Email => CappedAction.Email,
        Channel.ProfileView => CappedAction.Profile,
        Channel.Like => CappedAction.Like,
        Channel.Comment => CappedAction.Comment,
        _ => CappedAction.Unspecified,
    };

    /// <summary>The hard caps: for each action and window the least of the tier's default and the account's own. Nothing and nobody goes over them (F66).</summary>
    public static ImmutableArray<Cap> InForce(Tier tier, ImmutableArray<Cap> own) =>
    [
        .. TierCaps.Of(tier).Concat(own)
            .GroupBy(cap => (cap.Action, cap.Window))
            .Select(same => new Cap(same.Key.Action, same.Key.Window, same.Min(cap => cap.Limit)))
            .OrderBy(cap => cap.Action).ThenBy(cap => cap.Window),
    ];

    /// <summary>What no window of the action allows more of.</summary>
    internal static int Hard(AccountSettings settings, CappedAction action) =>
        TierCaps.Of(settings.Tier).Concat(settings.Caps).Where(cap => cap.Action == action).Select(cap => cap.Limit).DefaultIfEmpty(Cap.Most).Min();

    /// <summary>
    /// The caps in force now: the least of hard cap and ramp, halved while the account is slowed down, less what the period's draw takes off. Never over a hard cap. They change with the day, UTC, and when the account pauses or slows down, so that every process and
    /// every look agree.
    /// </summary>
    public static ImmutableArray<Cap> InForce(Account account, DateTimeOffset now) => [.. Limited(account, now).Select(limited => limited.Cap)];

    /// <summary>Caps as they are now, with the hard limit of each.</summary>
    private static IEnumerable<(Cap Cap, int HardLimit)> Limited(Account account, DateTimeOffset now)
    {
        var (settings, safety) = (account.Settings, account.Settings.Safety);
        var caps = InForce(settings.Tier, settings.Caps).Select(cap => (Cap: cap, HardLimit: cap.Limit)).ToList();
        foreach (var ramp in safety.Ramps)
        {
            var place = caps.FindIndex(one => (one.Cap.Action, one.Cap.Window) == (ramp.Action, CapWindow.Day));
            var hard = Hard(settings, ramp.Action);
            var limit = Math.Min(hard, Ramps.Limit(account, ramp, now));
            if (place >= 0)
                caps[place] = (caps[place].Cap with { Limit = Math.Min(caps[place].Cap.Limit, limit) }, caps[place].HardLimit);
            else
                caps.Add((new Cap(ramp.Action, CapWindow.Day, limit), hard));
        }

        return caps.Select(one => (Drawn(account, Slowed(account, one.Cap), now), one.HardLimit)).OrderBy(one => one.Item1.Action).ThenBy(one => one.Item1.Window);
    }

    /// <summary>Half, and at least one: slow is not off.</summary>
    private static Cap Slowed(Account account, Cap cap) => account.SafetyLevel == SafetyLevel.Slow ? cap with { Limit = (cap.Limit + 1) / 2 } : cap;

    /// <summary>Somebody who stops at exactly the same number every day is a machine. Drawn once for each of the cap's periods, so that a limit does not move while it is being used up.</summary>
    private static Cap Drawn(Account account, Cap cap, DateTimeOffset now)
    {
        var most = cap.Limit * account.Settings.Safety.CapJitterPercent / 100;
        if (most == 0)
            return cap;
        var period = cap.Window switch
        {
            CapWindow.Month => ActionCharges.MonthOf(now),
            CapWindow.Week => DayOf(now) / 7,
            _ => DayOf(now),
        };
        return cap with { Limit = cap.Limit - (int)((most + 1) * Draw.Unit(account.Id, 10 * (int)cap.Action + (int)cap.Window, period)) };
    }

    /// <summary>Days since 1970, UTC: what holds now is worked out anew when it changes.</summary>
    public static int DayOf(DateTimeOffset at) => (int)(at.UtcDateTime.Date - DateTime.UnixEpoch).TotalDays;

    /// <summary>The present use of every cap in force.</summary>
    public static ImmutableArray<CapUse> Uses(Account account, DateTimeOffset now) =>
        [.. Limited(account, now).Select(limited => Use(limited.Cap, limited.HardLimit, account.Charges.Of(limited.Cap.Action), now))];

    /// <summary>The present use of one cap.</summary>
    private static CapUse Use(Cap cap, int hardLimit, ActionCharges charges, DateTimeOffset now)
    {
        var used = charges.Count(cap.Window, now);
        // A cap that was lowered under its use grows again only when use has fallen below it.
        var reset = used == 0 ? (DateTimeOffset?)null : charges.UnitFreeAt(cap.Window, Math.Max(0, used - Math.Max(cap.Limit, 1)), now);
        return new CapUse(cap.Action, cap.Window, cap.Limit, hardLimit, used, Math.Max(0, cap.Limit - used), reset);
    }

    /// <summary>The first cap of the action that has no room now, day before week before month; null if all have.</summary>
    public static CapUse? FirstFull(Account account, CappedAction action, DateTimeOffset now) =>
        Uses(account, now).FirstOrDefault(use => use.Action == action && use.Remaining == 0);

    /// <summary>The reason that names a full window.</summary>
    public static Reason ReasonOf(CapWindow window, CappedAction action) => (window, action) switch
    {
        (CapWindow.Month, CappedAction.OpenProfileInmail) => Reason.OpenProfileAllowanceUsed,
        (CapWindow.Day, _) => Reason.DailyCap,
        (CapWindow.Week, _) => Reason.WeeklyCap,
        _ => Reason.MonthlyCap,
    };
}
