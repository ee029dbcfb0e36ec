using Pennypost.Delivery.Accounts;

namespace Pennypost.Delivery.Messages;

/// <summary>What follows when a gate or the provider refuses a candidate.</summary>
public enum RefusalEffect
{
    /// <summary>The message waits: the same candidate is the right one, only later.</summary>
    Wait,

    /// <summary>The next candidate is tried; if there is none, the message waits for this one, or ends.</summary>
    NextCandidate,

    /// <summary>The message ends.</summary>
    End,
}

/// <summary>The one table of effects: each reason has one.</summary>
public static class RefusalEffects
{
    /// <summary>The effect of a refusal, wherever it was met.</summary>
    public static RefusalEffect Of(Reason reason) => reason switch
    {
        // Nobody may send this message to this prospect.
        Reason.Duplicate or Reason.DuplicateProspect or Reason.ProspectSuppressed or Reason.ProspectReplied or Reason.CompanyReplied or Reason.ProspectErased
            or Reason.Expired or Reason.Cancelled or Reason.AttemptsExhausted => RefusalEffect.End,

        // A matter of minutes or hours, and no reason to spend more on another way.
        Reason.ProspectCoolingDown or Reason.FactUnknown or Reason.InboxNotRead or Reason.OutsideSendingWindow or Reason.Spacing or Reason.DailyCap or Reason.WriteInProgress
            or Reason.ProviderRateLimited or Reason.ProviderUnavailable or Reason.DependencyUnavailable or Reason.PermitExpired or Reason.SendUnknown => RefusalEffect.Wait,

        // This sender or this channel cannot, now or ever; another may.
        _ => RefusalEffect.NextCandidate,
    };

    /// <summary>The effect that an account's gate has.</summary>
    public static RefusalEffect Of(GateEffect effect) => effect switch
    {
        GateEffect.NextCandidate => RefusalEffect.NextCandidate,
        GateEffect.End => RefusalEffect.End,
        _ => RefusalEffect.Wait,
    };

    /// <summary>Whether a message that was woken for a credit may keep it while it waits for this: a matter of its sender's next hours, and of nobody's decision.</summary>
    public static bool KeepsTurn(Reason reason) => reason is
        Reason.Spacing or Reason.WriteInProgress or Reason.OutsideSendingWindow or Reason.InboxNotRead or Reason.DailyCap or Reason.CreditsHeld or Reason.ProspectCoolingDown or Reason.ProviderRateLimited
        or Reason.ProviderUnavailable or Reason.DependencyUnavailable or Reason.PermitExpired;

    /// <summary>Whether a refusal with this reason may pass by itself: only then is it worth waiting for.</summary>
    public static bool Passes(Reason reason) => reason is
        Reason.ProspectCoolingDown or Reason.FactUnknown or Reason.InboxNotRead or Reason.OutsideSendingWindow or Reason.Spacing or Reason.WriteInProgress
        or Reason.ProviderRateLimited or Reason.ProviderUnavailable or Reason.DependencyUnavailable or Reason.PermitExpired or Reason.SendUnknown
        or Reason.DailyCap or Reason.WeeklyCap or Reason.MonthlyCap or Reason.ProviderLimit or Reason.OpenProfileAllowanceUsed
        or Reason.AccountInmailCreditsExhausted or Reason.CreditsHeld or Reason.CreditsReserved or Reason.SeatLimitReached or Reason.BreakerOpen
        or Reason.PendingInvitations or Reason.LowResponseRate or Reason.MailboxRefused or Reason.AccountUnsafe or Reason.AccountPaused or Reason.AccountRestricted or Reason.AccountDisconnected
        or Reason.ClaimedByOtherSender or Reason.InvitationPending or Reason.ReinviteLocked
        or Reason.TooFewCredits or Reason.CreditsKeptByPolicy or Reason.OutsidePolicyHours or Reason.StoppedByExhaustion;

    /// <summary>Whether the wait is one for a credit. It stays one whatever the candidates after it say, so that the message is found when credits come.</summary>
    public static bool IsForCredit(Reason reason) =>
        reason is Reason.AccountInmailCreditsExhausted or Reason.CreditsReserved or Reason.BreakerOpen;

    /// <summary>
    /// Whether the wait came of the routing, so that another policy may end it (F81). What an account's own gates make wait keeps its place there.
    /// </summary>
    public static bool IsOfRouting(Reason reason) => reason is
        Reason.FactUnknown or Reason.InvitationPending or Reason.ReinviteLocked or Reason.InmailNotWarranted or Reason.ClaimedByOtherSender
        or Reason.AccountInmailCreditsExhausted or Reason.CreditsHeld or Reason.CreditsReserved or Reason.BreakerOpen or Reason.OpenProfileAllowanceUsed
        or Reason.AccountRestricted or Reason.AccountDisconnected or Reason.AccountPaused
        or Reason.TooFewCredits or Reason.CreditsKeptByPolicy or Reason.OutsidePolicyHours or Reason.StoppedByExhaustion;

    /// <summary>Whether a candidate lacked a credit, so that the policy says what follows (F25).</summary>
    public static bool IsWantOfCredit(Reason reason) =>
        IsForCredit(reason) || reason is Reason.CreditsHeld or Reason.CreditsKeptByPolicy;

    /// <summary>Whether the message failed, rather than being left unsent on purpose, when it ends with this reason.</summary>
    public static bool IsFailure(Reason reason) =>
        reason is Reason.ProviderRefused or Reason.InvalidRecipient or Reason.Expired or Reason.AttemptsExhausted;
}
