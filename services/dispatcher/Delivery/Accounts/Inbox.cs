namespace Pennypost.Delivery.Accounts;

/// <summary>
/// How far what the provider has of an account was read, and when it is read again: webhooks get lost, and none is posted while a session is lost. Times <c>until</c> are the provider's own, so that no difference
/// of clocks hides anything.
/// </summary>
public sealed record Inbox
{
    /// <summary>Messages up to here were applied.</summary>
    public required DateTimeOffset MessagesUntil { get; init; }

    /// <summary>Messages that one look was too short for; null if there are none.</summary>
    public Backlog? Backlog { get; init; }

    /// <summary>Relations up to here were applied.</summary>
    public required DateTimeOffset RelationsUntil { get; init; }

    /// <summary>Invitations sent up to here were applied.</summary>
    public required DateTimeOffset InvitationsUntil { get; init; }

    /// <summary>When relations and invitations are read next.</summary>
    public required DateTimeOffset NextRelations { get; init; }

    /// <summary>When messages are read next; null while the account cannot be used.</summary>
    public DateTimeOffset? NextLook { get; init; }

    /// <summary>Whether the next look is to read the balance: a message waits for a credit that the provider may know of.</summary>
    public bool BalanceWanted { get; init; }

    /// <summary>When the last look began that heard all answers there were; on the installation's clock. Null if there was none since this is kept.</summary>
    public DateTimeOffset? ReadTime { get; init; }

    /// <summary>Looks in a row that could not be finished.</summary>
    public int Failures { get; init; }
}

/// <summary>A list of messages is shown newest first; one that is longer than a look is read on from where it stopped.</summary>
/// <param name="Newest">Messages are applied up to here when the rest was read.</param>
/// <param name="Before">The rest is older than this.</param>
public sealed record Backlog(DateTimeOffset Newest, DateTimeOffset Before);

/// <summary>How often an account is read.</summary>
public sealed record InboxRules
{
    /// <summary>While answers are awaited.</summary>
    public TimeSpan WhileAwaiting { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Otherwise, and outside the account's sending window.</summary>
    public TimeSpan Otherwise { get; init; } = TimeSpan.FromHours(2);

    /// <summary>How long after its last send an account is taken to await answers.</summary>
    public TimeSpan AwaitFor { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Relations and invitations.</summary>
    public TimeSpan Relations { get; init; } = TimeSpan.FromHours(6);
}

/// <summary>What a look at an account's messages came to. Times are the provider's.</summary>
/// <param name="Newest">The newest message; null if there were none.</param>
/// <param name="Oldest">The oldest message that was read.</param>
/// <param name="Complete">Whether nothing older was left unread.</param>
/// <param name="HeldFrom">The first message that could not be applied yet; null if all were.</param>
public sealed record MessagesRead(DateTimeOffset? Newest, DateTimeOffset? Oldest, bool Complete, DateTimeOffset? HeldFrom)
{
    /// <summary>Whether all answers among them were applied: what could not be was the account's own.</summary>
    public bool AllHeard { get; init; } = HeldFrom is null;
}

/// <summary>When an account is read, and what a look moves. Nothing here runs by a fixed clock (Unipile, provider limits): every time is spread.</summary>
public static class Inboxes
{
    /// <summary>Messages may become visible after others that are newer; relations by hours, invitations are dated by the day.</summary>
    public static readonly TimeSpan MessageOverlap = TimeSpan.FromMinutes(10);

    /// <summary>As <see cref="MessageOverlap"/>, for relations and invitations.</summary>
    public static readonly TimeSpan RelationOverlap = TimeSpan.FromDays(1);

    /// <summary>How long a provider may take to catch up once a session is back; what it shows first need not be the oldest.</summary>
    public static readonly TimeSpan CatchUp = TimeSpan.FromHours(2);

    /// <summary>After a session is back, and while a backlog is read.</summary>
    public static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    /// <summary>About how long a look takes that is wanted now.</summary>
    public static readonly TimeSpan LookTakes = TimeSpan.FromSeconds(5);

    /// <summary>The provider's times are in milliseconds.</summary>
    private static readonly TimeSpan _moment = TimeSpan.FromMilliseconds(1);

    /// <summary>The provider's clock and ours may differ by this much.</summary>
    private static readonly TimeSpan _clockDifference = TimeSpan.FromMinutes(5);

    /// <summary>A quarter less to a quarter more.</summary>
    public static TimeSpan Spread(TimeSpan every, double jitter) => every * (0.75 + 0.5 * jitter);

    /// <summary>
    /// The account's next look after any change of it: none while it cannot be used; soon once it can again, because what was missed meanwhile is found by reading only; earlier than it was if it has just written.
    /// </summary>
    public static Account Follow(Account? before, Account after, InboxRules rules, double jitter, DateTimeOffset now)
    {
        if (after.Condition != AccountState.Ok)
            return after.Inbox is { NextLook: not null } watched ? after with { Inbox = watched with { NextLook = null } } : after;
        if (after.Inbox is not { } inbox)
            return after with { Inbox = Begin(after, rules, jitter, now) };
        if (inbox.NextLook is not { } next)
            return after with { Inbox = inbox with { NextLook = now + Spread(Soon, jitter), NextRelations = now } };
        var wanted = now + Spread(Pace(after, rules, now), jitter);
        return after.LastSend != before?.LastSend && wanted < next - rules.WhileAwaiting ? after with { Inbox = inbox with { NextLook = wanted } } : after;
    }

    /// <summary>After messages were read: further only as far as everything was applied, and not at all while the provider may yet show what it missed.</summary>
    /// <param name="account">As it was before the look.</param>
    /// <param name="inbox">As it was before the look.</param>
    /// <param name="read">What was read.</param>
    /// <param name="now">The time.</param>
    public static Inbox Read(Account account, Inbox inbox, MessagesRead read, DateTimeOffset now)
    {
        var after = Read(inbox, read);
        if (read is { Complete: true, AllHeard: true })
            after = after with { ReadTime = now };
        return account.ConditionTime + CatchUp > now ? after with { MessagesUntil = inbox.MessagesUntil } : after;
    }

    private static Inbox Read(Inbox inbox, MessagesRead read)
    {
        if (!read.Complete)
        {
            // What could not be applied is read again as it was; otherwise the rest comes next.
            return read.HeldFrom is not null || read.Oldest is not { } oldest
                ? inbox
                : inbox with { Backlog = new(inbox.Backlog?.Newest ?? read.Newest ?? oldest, BeforeNext(inbox.Backlog, oldest)) };
        }

        var until = Later(inbox.MessagesUntil, inbox.Backlog?.Newest ?? read.Newest);
        // Never back: what is held is within the overlap, or was already when it was first held.
        if (read.HeldFrom is { } held && held <= until)
            until = Later(inbox.MessagesUntil, held - _moment);
        return inbox with { MessagesUntil = until, Backlog = null };
    }

    /// <summary>Somebody waits for a credit: messages are read now, because an answer that nobody told may have brought one back, and the balance after them. Null if nothing changes.</summary>
    public static Account? WantBalance(Account account, DateTimeOffset now) =>
        account.Inbox is { BalanceWanted: false, NextLook: { } next } inbox ? account with { Inbox = inbox with { BalanceWanted = true, NextLook = next < now ? next : now } } : null;

    /// <summary>Somebody must know now whether an answer is there. Null if nothing changes: a provider that does not answer is not asked more often for that.</summary>
    public static Account? WantLook(Account account, DateTimeOffset now) =>
        account.Inbox is { Failures: 0, NextLook: { } next } inbox && next > now ? account with { Inbox = inbox with { NextLook = now } } : null;

    /// <summary>After a look: when the next one is. Null if another look was faster, or the account cannot be used any more.</summary>
    /// <param name="account">As it is now.</param>
    /// <param name="before">As the look found it.</param>
    /// <param name="after">What the look moved.</param>
    /// <param name="finished">Whether the provider told everything that it was asked.</param>
    /// <param name="rules">How often.</param>
    /// <param name="jitter">0 to 1.</param>
    /// <param name="now">The time.</param>
    public static Account? Looked(Account account, Inbox before, Inbox after, bool finished, InboxRules rules, double jitter, DateTimeOffset now)
    {
        if (account.Inbox is not { NextLook: not null } current || (current with { NextLook = before.NextLook, BalanceWanted = before.BalanceWanted }) != before)
            return null;
        // One that was wished for during the look is not the one that it read.
        var wanted = current.BalanceWanted && (!before.BalanceWanted || after.BalanceWanted);
        var failures = finished ? 0 : before.Failures + 1;
        // Doubled with every failure; the provider is not asked more often for being in trouble.
        var wait = !finished ? Less(Soon * (1 << Math.Min(failures, 10)), rules.Otherwise) : after.Backlog is not null || wanted ? Soon : Pace(account, rules, now);
        return account with { Inbox = after with { NextLook = now + Spread(wait, jitter), BalanceWanted = wanted, Failures = failures } };
    }

    /// <summary>The newest of these, as far as the provider's clock is to be believed: one that is far ahead would hide everything until then.</summary>
    public static DateTimeOffset? Newest(IEnumerable<DateTimeOffset?> times, DateTimeOffset now) => times.Where(time => time <= now + _clockDifference).Max();

    /// <summary>From where on messages are asked for.</summary>
    public static DateTimeOffset MessagesFrom(Inbox inbox) => inbox.MessagesUntil - MessageOverlap;

    /// <summary>The distance between two looks now.</summary>
    public static TimeSpan Pace(Account account, InboxRules rules, DateTimeOffset now) =>
        account.LastSend + rules.AwaitFor > now && account.Settings.Window.NextOpen(now) == now ? rules.WhileAwaiting : rules.Otherwise;

    private static Inbox Begin(Account account, InboxRules rules, double jitter, DateTimeOffset now) => new()
    {
        // What was written before the account was known here is imported or not, as its tenant wants.
        MessagesUntil = now,
        ReadTime = now,
        RelationsUntil = now,
        InvitationsUntil = now,
        NextRelations = now + Spread(rules.Relations, jitter),
        NextLook = now + Spread(Pace(account, rules, now), jitter),
    };

    /// <summary>Messages of one moment may stand on both sides of the end of a look; a look that came no further goes on behind them.</summary>
    private static DateTimeOffset BeforeNext(Backlog? backlog, DateTimeOffset oldest) =>
        backlog is null || oldest + _moment < backlog.Before ? oldest + _moment : oldest;

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset? other) => other > one ? other.Value : one;

    private static TimeSpan Less(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
