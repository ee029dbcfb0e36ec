using System.Collections.Immutable;

namespace Pennypost.Delivery.Accounts;

/// <summary>What a refusal leads to; the contract's numbers.</summary>
public enum GateEffect
{
    /// <summary>Not set.</summary>
    Unspecified = 0,

    /// <summary>The message waits until the time that the gate names.</summary>
    Wait = 1,

    /// <summary>The next candidate is tried; if none is left, the message waits.</summary>
    NextCandidate = 2,

    /// <summary>The message ends, unsent.</summary>
    End = 3,
}

/// <summary>What an account's refusals with a reason lead to, in place of what they lead to by default.</summary>
public sealed record GateRule(Reason Reason, GateEffect Effect);

/// <summary>The account's gates in their fixed order, each with its reasons and its effect.</summary>
public static class Gates
{
    /// <summary>How soon an account that cannot send is asked again: it says by itself when it can, this is for signals that get lost.</summary>
    public static readonly TimeSpan AskAgain = TimeSpan.FromMinutes(10);

    /// <summary>
    /// The table. What ends by itself within the day is waited for, so that a short pause does not push a message onto a dearer channel; what does not lets the next candidate go first.
    /// </summary>
    public static ImmutableArray<(Reason Reason, GateEffect Effect)> Table { get; } =
    [
        (Reason.AccountDisconnected, GateEffect.NextCandidate),
        (Reason.AccountRestricted, GateEffect.NextCandidate),
        (Reason.AccountPaused, GateEffect.NextCandidate),
        (Reason.AccountUnsafe, GateEffect.NextCandidate),
        (Reason.InboxNotRead, GateEffect.Wait),
        (Reason.AccountInmailCreditsExhausted, GateEffect.NextCandidate),
        (Reason.BreakerOpen, GateEffect.NextCandidate),
        (Reason.PendingInvitations, GateEffect.NextCandidate),
        (Reason.LowResponseRate, GateEffect.NextCandidate),
        (Reason.OutsideSendingWindow, GateEffect.Wait),
        (Reason.ProviderRateLimited, GateEffect.Wait),
        (Reason.ProviderLimit, GateEffect.NextCandidate),
        (Reason.MailboxRefused, GateEffect.NextCandidate),
        (Reason.Spacing, GateEffect.Wait),
        (Reason.DailyCap, GateEffect.Wait),
        (Reason.WeeklyCap, GateEffect.NextCandidate),
        (Reason.MonthlyCap, GateEffect.NextCandidate),
        (Reason.OpenProfileAllowanceUsed, GateEffect.NextCandidate),
        (Reason.WriteInProgress, GateEffect.Wait),
    ];

    /// <summary>The effect of a refusal by default.</summary>
    public static GateEffect EffectOf(Reason reason) => Table.First(row => row.Reason == reason).Effect;

    /// <summary>The effect of a refusal by this account.</summary>
    public static GateEffect EffectOf(AccountSettings settings, Reason reason) => settings.Safety.GateRules.FirstOrDefault(rule => rule.Reason == reason)?.Effect ?? EffectOf(reason);

    /// <summary>Whether an account may have a rule of its own for this reason. A write under way is over in a moment: there is nothing to decide.</summary>
    public static bool CanBeRuled(Reason reason) => reason != Reason.WriteInProgress && Table.Any(row => row.Reason == reason);

    /// <summary>
    /// The gates that stay shut for hours and that no router knows: looked at before an attempt is opened, so that a message which waits for them for weeks does not use its attempts up. The permit looks again.
    /// </summary>
    public static (Reason Reason, DateTimeOffset WaitUntil, GateEffect Effect)? Shut(Account account, Channel channel, double jitter, DateTimeOffset now)
    {
        var ask = new PermitAsk { MessageId = "", Attempt = 0, Channel = channel, Priority = Priority.Normal, Jitter = jitter, Now = now, RealNow = now };
        account = SafetyScore.AsOf(account, now);
        var refusal = Unsafe(account, ask) ?? Invitations(account, ask) ?? Responses(account, ask) ?? (CoolingDown(account, ask) is { Reason: Reason.MailboxRefused } mailbox ? mailbox : null);
        return refusal?.Earliest is { } until ? (refusal.Reason, until, EffectOf(account.Settings, refusal.Reason)) : null;
    }

    /// <summary>A refusal, and from when on it could be different; null where no time is known.</summary>
    internal sealed record Refusal(Reason Reason, DateTimeOffset? Earliest, bool TakesSlot = true);

    /// <summary>The first gate that refuses, or null.</summary>
    internal static Refusal? First(Account account, PermitAsk ask, Breaker? breaker) =>
        State(account, ask)
        ?? Inbox(account, ask)
        ?? Credits(breaker, ask)
        ?? Invitations(account, ask)
        ?? Responses(account, ask)
        ?? Window(account, ask)
        ?? CoolingDown(account, ask)
        ?? Spacing(account, ask)
        ?? Room(account, ask)
        ?? Writing(account, ask);

    private static Refusal? State(Account account, PermitAsk ask) => account.State switch
    {
        AccountState.Ok => Unsafe(account, ask),
        AccountState.Disconnected => Stopped(Reason.AccountDisconnected, ask),
        AccountState.Restricted => Stopped(Reason.AccountRestricted, ask),
        _ => Stopped(Reason.AccountPaused, ask),
    };

    private static Refusal? Unsafe(Account account, PermitAsk ask) =>
        account.SafetyLevel == SafetyLevel.Paused ? new(Reason.AccountUnsafe, ask.Now + SafetyScore.AskAgain * (1 + ask.Jitter), TakesSlot: false) : null;

    private static Refusal Stopped(Reason reason, PermitAsk ask) => new(reason, ask.Now + AskAgain * (1 + ask.Jitter), TakesSlot: false);

    /// <summary>Webhooks get lost: whoever was written to is not written to again before the account's inbox was looked into for their answer.</summary>
    private static Refusal? Inbox(Account account, PermitAsk ask) =>
        ask.InboxReadSince is { } since && account.Inbox is { NextLook: { } next } inbox && !(inbox.ReadTime >= since)
            ? new(Reason.InboxNotRead, Later(inbox.Failures == 0 ? null : next, ask.Now) + Inboxes.LookTakes * (1 + ask.Jitter), TakesSlot: false)
            : null;

    /// <summary>Only sends that cost a credit come here with a breaker (F33).</summary>
    private static Refusal? Credits(Breaker? breaker, PermitAsk ask) => breaker switch
    {
        null or { State: BreakerState.Closed } => null,
        { State: BreakerState.Open } => new(Reason.AccountInmailCreditsExhausted, breaker.ResumeTime, TakesSlot: false),
        { Probe: { } probe } when probe == new Probe(ask.MessageId, ask.Attempt) => null,
        { Probe: null } when breaker.ProbeFrom <= ask.Now => null,
        { Probe: null } => new(Reason.BreakerOpen, breaker.ProbeFrom, TakesSlot: false),
        // One send tries; the others wait for what it finds.
        _ => new(Reason.BreakerOpen, ask.Now + Breakers.ReadFirst * (1 + ask.Jitter), TakesSlot: false),
    };

    /// <summary>Room comes with answers and withdrawals: the next look at the provider's list shows.</summary>
    private static Refusal? Invitations(Account account, PermitAsk ask) =>
        ask.Action == CappedAction.Invitation && Pending.IsFull(account)
            ? new(Reason.PendingInvitations, Later(account.PendingLookTime, ask.Now) + AskAgain * (1 + ask.Jitter), TakesSlot: false)
            : null;

    private static Refusal? Responses(Account account, PermitAsk ask) =>
        ask.Channel.CostsCredit() && account.Settings.Safety.ResponseGuard?.PausedUntil(account, ask.Now) is { } until
            ? new(Reason.LowResponseRate, until, TakesSlot: false)
            : null;

    private static DateTimeOffset Later(DateTimeOffset? time, DateTimeOffset now) => time > now ? time.Value : now;

    private static Refusal? Window(Account account, PermitAsk ask)
    {
        var opens = account.Settings.Window.NextOpen(ask.Now);
        return opens > ask.Now ? new(Reason.OutsideSendingWindow, opens) : null;
    }

    private static Refusal? CoolingDown(Account account, PermitAsk ask)
    {
        CoolDown? longest = null;
        foreach (var coolDown in account.CoolDowns)
        {
            if ((coolDown.Action == CappedAction.Unspecified || coolDown.Action == ask.Action) && coolDown.Until > (longest?.Until ?? ask.Now))
                longest = coolDown;
        }

        return longest is null ? null : new(longest.Reason, longest.Until);
    }

    private static Refusal? Spacing(Account account, PermitAsk ask)
    {
        if (account.LastSend + Pace.After(account, account.LastSendOwner) is { } next && next > ask.Now)
            return new(Reason.Spacing, next);
        return Slots.IsPromised(account, Slots.OwnerOf(ask.MessageId), ask.Priority.Rank(), ask.Now) ? new(Reason.Spacing, ask.Now) : null;
    }

    private static Refusal? Room(Account account, PermitAsk ask) => Caps.FirstFull(account, ask.Action, ask.Now) is not { } full ? null
        : full.Limit == 0 ? new(Caps.ReasonOf(full.Window, full.Action), null, TakesSlot: false)
        : new(Caps.ReasonOf(full.Window, full.Action), full.ResetTime);

    private static Refusal? Writing(Account account, PermitAsk ask) =>
        account.Lease is { } lease && lease.UntilReal > ask.RealNow && (lease.MessageId, lease.Attempt) != (ask.MessageId, ask.Attempt)
            // No slot: a write is over in a moment, and a slot so near would keep everybody else away from it.
            ? new(Reason.WriteInProgress, ask.Now + Slots.LeastPitch, TakesSlot: false)
            : null;
}
