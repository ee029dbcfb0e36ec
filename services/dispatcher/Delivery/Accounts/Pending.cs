namespace Pennypost.Delivery.Accounts;

/// <summary>How many of an account's invitations wait for an answer, as the provider showed it.</summary>
/// <param name="Count">How many.</param>
/// <param name="Time">When the provider was asked.</param>
public sealed record PendingSeen(int Count, DateTimeOffset Time);

/// <summary>One invitation that waits for an answer.</summary>
/// <param name="Id">The provider's.</param>
/// <param name="SendTime">When it was sent, if that is told.</param>
public sealed record Outstanding(string Id, DateTimeOffset? SendTime);

/// <summary>What a look at the pending invitations comes to.</summary>
/// <param name="Account">With what was seen, and with the time of the next look.</param>
/// <param name="Withdraw">The invitation to withdraw now; null for none. The account's one write is taken for it.</param>
public sealed record PendingLook(Account Account, Outstanding? Withdraw);

/// <summary>
/// The ceiling on invitations that wait for an answer (F49). LinkedIn locks inviting for up to a month when too many are outstanding (LinkedIn Help a551012) and names no number; Linked Helper reports 1,500.
/// </summary>
public static class Pending
{
    /// <summary>The ceiling unless the account has another: well under what is reported as LinkedIn's.</summary>
    public const int DefaultCeiling = 1_000;

    /// <summary>Withdrawals of an account in a day.</summary>
    public const int MostWithdrawals = 10;

    /// <summary>Between two looks at the provider's list.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromDays(1);

    /// <summary>Until a list that could not be read is looked at again, and from the first invitation to the first look.</summary>
    public static readonly TimeSpan LookSoon = TimeSpan.FromHours(1);

    /// <summary>Between two withdrawals, at least; drawn up to twice that.</summary>
    public static readonly TimeSpan WithdrawEvery = TimeSpan.FromMinutes(20);

    /// <summary>Until a withdrawal that had to let a send go first is tried again.</summary>
    public static readonly TimeSpan TryAgain = TimeSpan.FromMinutes(5);

    /// <summary>Whose the account's write is while an invitation is withdrawn. No message has this id: ids have no dots.</summary>
    private const string Writer = ".withdrawal";

    /// <summary>
    /// What was seen and what was sent since. One that was answered since is still counted until the next look: the guess may be too high, and is too low only when
    /// the list could not be read for a week.
    /// </summary>
    public static int Count(Account account) => (account.PendingSeen?.Count ?? 0)
        + account.Charges.Of(CappedAction.Invitation).Times.Count(time => !(time <= account.PendingSeen?.Time));

    /// <summary>Whether the account may send no further invitation.</summary>
    public static bool IsFull(Account account) => Count(account) >= account.Settings.Safety.PendingCeiling;

    /// <summary>Whether so many are more than a tenth below the ceiling.</summary>
    public static bool HasRoom(int pending, int ceiling) => pending <= ceiling - Math.Max(1, ceiling / 10);

    /// <summary>With a first look ahead: an account that invites is looked at from then on.</summary>
    internal static Account Watched(Account account, DateTimeOffset now, double jitter) =>
        account.PendingLookTime is null ? account with { PendingLookTime = now + LookSoon * (1 + jitter) } : account;

    /// <summary>The list could not be read.</summary>
    public static Account Unreadable(Account account, DateTimeOffset now, double jitter) => account with { PendingLookTime = now + LookSoon * (1 + jitter) };

    /// <summary>
    /// The list was read. If the account is within a tenth of its ceiling, the oldest invitation beyond the age that is set is to be withdrawn, unless a send would have to wait for it: at most one a look and a few a day.
    /// </summary>
    /// <param name="account">Whose.</param>
    /// <param name="pending">All that wait.</param>
    /// <param name="askTime">When the provider was asked.</param>
    /// <param name="jitter">0 to 1.</param>
    /// <param name="lease">How long the write may take, with the time to get to it: real time.</param>
    /// <param name="now">The installation's time.</param>
    /// <param name="realNow">Real time: what leases run on.</param>
    public static PendingLook Read(
        Account account, IReadOnlyCollection<Outstanding> pending, DateTimeOffset askTime, double jitter, TimeSpan lease, DateTimeOffset now, DateTimeOffset realNow)
    {
        account = account with { PendingSeen = new PendingSeen(pending.Count, askTime), PendingLookTime = now + LookEvery * (0.9 + 0.2 * jitter) };
        var withdrawn = account.Withdrawals.RemoveAll(time => time <= now - TimeSpan.FromDays(1));
        if (withdrawn.Length >= MostWithdrawals || Oldest(account, pending, now) is not { } oldest)
            return new PendingLook(account, null);
        if (!MayWrite(account, now, realNow))
            return new PendingLook(account with { PendingLookTime = now + TryAgain * (1 + jitter) }, null);
        return new PendingLook(
            account with
            {
                Withdrawals = withdrawn.Add(now),
                Lease = new WriteLease(Writer, 1, realNow + lease),
                LastSend = now,
                LastSendOwner = Slots.OwnerOf(oldest.Id),
                PendingLookTime = now + WithdrawEvery * (1 + jitter),
            },
            oldest);
    }

    /// <summary>The withdrawal is over, whatever became of it: the next look shows.</summary>
    public static Account Withdrew(Account account, bool withdrawn, AccountSignal? signal, DateTimeOffset now)
    {
        if (account.Lease is { MessageId: Writer })
            account = account with { Lease = null, LastSend = account.LastSend > now ? account.LastSend : now };
        if (withdrawn && account.PendingSeen is { Count: > 0 } seen)
            account = account with { PendingSeen = seen with { Count = seen.Count - 1 } };
        return signal is null ? account : Signals.Apply(account, CappedAction.Invitation, signal, now);
    }

    /// <summary>One whose time nobody knows is left alone, and one without an id: its withdrawal could name no invitation. None if withdrawing is off or there is room.</summary>
    private static Outstanding? Oldest(Account account, IReadOnlyCollection<Outstanding> pending, DateTimeOffset now)
    {
        var (ceiling, age) = (account.Settings.Safety.PendingCeiling, account.Settings.Safety.WithdrawAfter);
        return age == TimeSpan.Zero || HasRoom(pending.Count, ceiling)
            ? null
            : pending.Where(one => one.Id.Length > 0 && one.SendTime <= now - age).OrderBy(one => one.SendTime).ThenBy(one => one.Id, StringComparer.Ordinal).FirstOrDefault();
    }

    /// <summary>What holds a send back holds this back, and a message that was promised this time goes first.</summary>
    private static bool MayWrite(Account account, DateTimeOffset now, DateTimeOffset realNow) =>
        account.State == AccountState.Ok
        && account.Settings.Window.NextOpen(now) <= now
        && !account.CoolDowns.Any(cool => cool.Action is CappedAction.Unspecified or CappedAction.Invitation && cool.Until > now)
        && !(account.LastSend + Pace.After(account, account.LastSendOwner) > now)
        && !Slots.IsPromised(account, Slots.OwnerOf(Writer), 0, now)
        && !(account.Lease?.UntilReal > realNow);
}
