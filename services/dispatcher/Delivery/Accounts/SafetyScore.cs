using System.Collections.Immutable;
using System.Globalization;

namespace Pennypost.Delivery.Accounts;

/// <summary>What speaks against an account.</summary>
public enum SafetySign
{
    /// <summary>None.</summary>
    Unspecified = 0,

    /// <summary>The provider asked to slow down (429).</summary>
    RateLimited = 1,

    /// <summary>LinkedIn's own limit was met.</summary>
    LimitReached = 2,

    /// <summary>The provider says that 95 % of LinkedIn's limit are used.</summary>
    LimitNear = 3,

    /// <summary>LinkedIn restricted the account.</summary>
    Restricted = 4,

    /// <summary>The session was lost.</summary>
    Disconnected = 5,

    /// <summary>It sent more than twice its usual volume in a day.</summary>
    SuddenVolume = 6,

    /// <summary>Its invitations are accepted less than half as often as before.</summary>
    FewerAccepts = 7,

    /// <summary>Its messages and InMails are answered less than half as often as before.</summary>
    FewerReplies = 8,
}

/// <summary>What an account's safety does to it.</summary>
public enum SafetyLevel
{
    /// <summary>Not set.</summary>
    Unspecified = 0,

    /// <summary>Nothing.</summary>
    Normal = 1,

    /// <summary>It sends half as much, and rests twice as long after each send.</summary>
    Slow = 2,

    /// <summary>It sends nothing.</summary>
    Paused = 3,
}

/// <summary>Something that the provider or LinkedIn did.</summary>
/// <param name="Kind">What.</param>
/// <param name="Time">When.</param>
public sealed record Sign(SafetySign Kind, DateTimeOffset Time);

/// <summary>What one kind of sign takes off the score now.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Points">How much; 1 to 100.</param>
public sealed record SafetyPenalty(SafetySign Kind, int Points);

/// <summary>An operator lets an account go on that its score would pause.</summary>
/// <param name="Time">When.</param>
/// <param name="Until">Until when.</param>
/// <param name="Actor">Who.</param>
public sealed record SafetyOverride(DateTimeOffset Time, DateTimeOffset Until, string Actor);

/// <summary>
/// How safe it is to use an account as now (F78): 100 less what each sign takes off. What the provider did weighs less day by day until it is forgotten; what the account's own numbers show weighs while it lasts. The weights are
/// ours, and are shown with the score.
/// </summary>
public static class SafetyScore
{
    /// <summary>Signs kept.</summary>
    public const int SignsKept = 50;

    /// <summary>How long an operator's word holds, unless the provider does something before.</summary>
    public static readonly TimeSpan OverrideLife = TimeSpan.FromDays(3);

    /// <summary>How soon a paused account is asked again.</summary>
    public static readonly TimeSpan AskAgain = TimeSpan.FromHours(1);

    /// <summary>What each sign of the provider takes off when it is new, and how long it is remembered. One kind counts twice at most.</summary>
    public static ImmutableArray<(SafetySign Kind, int Points, int Days)> Weights { get; } =
    [
        (SafetySign.RateLimited, 10, 3),
        (SafetySign.LimitReached, 20, 7),
        (SafetySign.LimitNear, 10, 3),
        (SafetySign.Restricted, 60, 14),
        (SafetySign.Disconnected, 5, 7),
    ];

    /// <summary>What a day of more than twice the usual volume takes off, on that day and the next.</summary>
    public const int SuddenVolumePoints = 25;

    /// <summary>What a share of accepts or replies that has halved takes off.</summary>
    public const int FallingSharePoints = 20;

    /// <summary>A day with fewer sends is never sudden.</summary>
    public const int LeastSuddenSends = 20;

    /// <summary>Fewer sends in one of two times that are compared say nothing.</summary>
    public const int LeastComparedSends = 20;

    private const int UsualDays = 14;
    private const int LeastUsualDays = 5;

    /// <summary>The account with its level as of now. Only thresholds that are set can change it.</summary>
    public static Account AsOf(Account account, DateTimeOffset now)
    {
        var level = LevelOf(account, now);
        return account.SafetyLevel == level ? account : account with { SafetyLevel = level };
    }

    /// <summary>0 to 100: 100 is safe.</summary>
    public static int Of(Account account, DateTimeOffset now) => Math.Max(0, 100 - Penalties(account, now).Sum(penalty => penalty.Points));

    /// <summary>What takes something off now.</summary>
    public static ImmutableArray<SafetyPenalty> Penalties(Account account, DateTimeOffset now)
    {
        var today = Caps.DayOf(now);
        return
        [
            .. Weights.Select(weight => new SafetyPenalty(weight.Kind, Remembered(account, weight, now)))
                .Append(new(SafetySign.SuddenVolume, IsSudden(account, today) || IsSudden(account, today - 1) ? SuddenVolumePoints : 0))
                .Append(new(SafetySign.FewerAccepts, HasHalved(account, today, CappedAction.Invitation) ? FallingSharePoints : 0))
                .Append(new(SafetySign.FewerReplies, HasHalved(account, today, CappedAction.Message, CappedAction.Inmail, CappedAction.OpenProfileInmail) ? FallingSharePoints : 0))
                .Where(penalty => penalty.Points > 0),
        ];
    }

    /// <summary>With one sign more.</summary>
    internal static Account Saw(Account account, SafetySign kind, DateTimeOffset now)
    {
        var longest = Weights.Max(weight => weight.Days);
        var signs = account.Signs.RemoveAll(sign => sign.Time <= now.AddDays(-longest)).Add(new Sign(kind, now));
        return account with { Signs = signs.Length > SignsKept ? signs.RemoveAt(0) : signs };
    }

    /// <summary>An operator lets it go on: slowly, within every cap, and only until the provider does something new.</summary>
    public static Account Override(Account account, string actor, DateTimeOffset now) => account with { SafetyOverride = new SafetyOverride(now, now + OverrideLife, actor) };

    /// <summary>The override in force; null if there is none.</summary>
    public static SafetyOverride? OverrideOf(Account account, DateTimeOffset now) =>
        account.SafetyOverride is { } word && word.Until > now && !account.Signs.Any(sign => sign.Time > word.Time) ? word : null;

    /// <summary>"score 35: restricted -60, rate_limited -5".</summary>
    public static string Text(Account account, DateTimeOffset now)
    {
        var penalties = string.Join(", ", Penalties(account, now).OrderByDescending(penalty => penalty.Points).Select(penalty => $"{Word(penalty.Kind)} -{Number(penalty.Points)}"));
        return $"score {Number(Of(account, now))}: {penalties}";
    }

    private static SafetyLevel LevelOf(Account account, DateTimeOffset now)
    {
        var (slowBelow, pauseBelow) = (account.Settings.Safety.SlowBelow, account.Settings.Safety.PauseBelow);
        if (slowBelow == 0 && pauseBelow == 0)
            return SafetyLevel.Normal;
        var score = Of(account, now);
        return score >= Math.Max(slowBelow, pauseBelow) ? SafetyLevel.Normal
            : score < pauseBelow && OverrideOf(account, now) is null ? SafetyLevel.Paused
            : SafetyLevel.Slow;
    }

    private static int Remembered(Account account, (SafetySign Kind, int Points, int Days) weight, DateTimeOffset now)
    {
        var life = TimeSpan.FromDays(weight.Days);
        var points = account.Signs.Where(sign => sign.Kind == weight.Kind && sign.Time <= now && sign.Time > now - life).Sum(sign => weight.Points * (1 - (now - sign.Time) / life));
        return (int)Math.Min(2 * weight.Points, Math.Ceiling(points));
    }

    /// <summary>Against the days of the fortnight before on which it sent anything.</summary>
    private static bool IsSudden(Account account, int day)
    {
        var sent = Tallies.Between(account, day, day, Sends).Sent;
        if (sent < LeastSuddenSends)
            return false;
        var usual = account.Tallies.Where(tally => tally.Day < day && tally.Day >= day - UsualDays && tally.Sent > 0).GroupBy(tally => tally.Day).Select(one => one.Sum(tally => tally.Sent)).ToList();
        return usual.Count >= LeastUsualDays && sent > 2 * usual.Average();
    }

    /// <summary>
    /// Sends of three to ten days ago against those of the 30 days before: what was sent yesterday had no time to be answered. Older sends had more time than younger ones, so less than half is asked for, not less.
    /// </summary>
    private static bool HasHalved(Account account, int today, params ReadOnlySpan<CappedAction> actions)
    {
        var (now, before) = (Tallies.Between(account, today - 10, today - 3, actions), Tallies.Between(account, today - 40, today - 11, actions));
        return now.Sent >= LeastComparedSends && before.Sent >= LeastComparedSends && 2L * now.Answered * before.Sent < (long)before.Answered * now.Sent;
    }

    private static ReadOnlySpan<CappedAction> Sends => [CappedAction.Message, CappedAction.Invitation, CappedAction.Inmail, CappedAction.OpenProfileInmail];

    private static string Word(SafetySign kind) => kind switch
    {
        SafetySign.RateLimited => "rate_limited",
        SafetySign.LimitReached => "limit_reached",
        SafetySign.LimitNear => "limit_near",
        SafetySign.Restricted => "restricted",
        SafetySign.Disconnected => "disconnected",
        SafetySign.SuddenVolume => "sudden_volume",
        SafetySign.FewerAccepts => "fewer_accepts",
        _ => "fewer_replies",
    };

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
