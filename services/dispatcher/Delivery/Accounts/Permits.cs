using System.Collections.Immutable;

namespace Pennypost.Delivery.Accounts;

/// <summary>
/// Whether an account lets a message be written now, and what becomes of the permit. Caps are charged and the account's one write is taken in the same step; a refusal charges nothing (F82). A message that
/// comes back passes all gates again.
/// </summary>
public static class Permits
{
    /// <summary>Settled attempts remembered against late duplicates.</summary>
    public const int SettledKept = 128;

    /// <summary>Decides a permit.</summary>
    /// <param name="account">The account.</param>
    /// <param name="ask">What is asked.</param>
    /// <param name="open">This attempt's own permit, if it was granted before: it is not charged twice.</param>
    public static PermitDecision Decide(Account account, PermitAsk ask, OpenPermit? open)
    {
        if (open is null && account.Settled.Contains(SettledKey(ask.MessageId, ask.Attempt)))
            return new PermitDecision(account, new PermitAnswer.AlreadySettled(), []);

        account = SafetyScore.AsOf(account, ask.Now);
        var events = ImmutableArray<BreakerEvent>.Empty;
        Breaker? breaker = null;
        if (ask.Channel.CostsCredit())
        {
            var looked = Breakers.AsOf(account.BreakerOf(account.Settings.InmailProduct), ask.Now);
            (breaker, events) = (looked.Breaker, looked.Events);
            if (events.Length > 0)
                account = account.With(breaker);
        }

        // The same worker asks again while its lease lives: the same answer.
        if (open is not null && account.Lease is { } mine && mine.UntilReal > ask.RealNow && (mine.MessageId, mine.Attempt) == (ask.MessageId, ask.Attempt))
        {
            var renewed = mine with { UntilReal = ask.RealNow + ask.Lease };
            return new PermitDecision(account with { Lease = renewed }, new PermitAnswer.Granted(open, renewed.UntilReal), events);
        }

        account = account with { Slots = Slots.Fresh(account.Slots, ask.Now) };
        // An attempt that is taken up again is charged anew: it is sent now, not when somebody else had its permit.
        var uncharged = open is null ? account : account with { Charges = account.Charges.Return(open.Action, open.ChargeTime) };
        return Gates.First(uncharged, ask, breaker) is { } refusal
            ? Refuse(account, ask, breaker, events, refusal)
            : Grant(uncharged, ask, open, breaker, events);
    }

    private static PermitDecision Grant(Account account, PermitAsk ask, OpenPermit? open, Breaker? breaker, ImmutableArray<BreakerEvent> events)
    {
        var product = breaker?.Product ?? Product.Unspecified;
        var permit = open is null
            ? new OpenPermit { MessageId = ask.MessageId, Attempt = ask.Attempt, Action = ask.Action, ChargeTime = ask.Now, CreditProduct = product }
            : open with { ChargeTime = ask.Now };
        if (breaker is { State: BreakerState.HalfOpen })
            account = account.With(breaker with { Probe = new Probe(ask.MessageId, ask.Attempt) });
        if (open is null)
            account = Ramps.Used(account, permit.Action, permit.ChargeTime);
        if (permit.Action == CappedAction.Invitation)
            account = Pending.Watched(account, ask.Now, ask.Jitter);
        var owner = Slots.OwnerOf(ask.MessageId);
        var granted = account with
        {
            Charges = account.Charges.Charge(permit.Action, permit.ChargeTime),
            OpenCredits = open is null && breaker is not null ? Credits(account, product, +1) : account.OpenCredits,
            Lease = new WriteLease(ask.MessageId, ask.Attempt, ask.RealNow + ask.Lease),
            LastSend = ask.Now,
            LastSendOwner = owner,
            Slots = account.Slots.RemoveAll(slot => slot.Owner == owner),
            CoolDowns = account.CoolDowns.RemoveAll(coolDown => coolDown.Until <= ask.Now),
        };
        return new PermitDecision(granted, new PermitAnswer.Granted(permit, granted.Lease.UntilReal), events);
    }

    private static PermitDecision Refuse(Account account, PermitAsk ask, Breaker? breaker, ImmutableArray<BreakerEvent> events, Gates.Refusal refusal)
    {
        if (breaker is { State: not BreakerState.Closed } && refusal.Reason is Reason.AccountInmailCreditsExhausted or Reason.BreakerOpen)
        {
            var skipped = Breakers.Skip(account.BreakerOf(breaker!.Product), ask.MessageId, ask.Now);
            (account, events) = (account.With(skipped.Breaker), events.AddRange(skipped.Events));
        }

        if (refusal.Reason == Reason.InboxNotRead)
            account = Inboxes.WantLook(account, ask.Now) ?? account;
        // An account that was full before anybody counted is looked at too, or it would stay full.
        if (refusal.Reason == Reason.PendingInvitations)
            account = Pending.Watched(account, ask.Now, ask.Jitter);
        var waitUntil = refusal.Earliest;
        if (refusal is { TakesSlot: true, Earliest: { } earliest })
        {
            (account, var at) = Slots.Take(account, Slots.OwnerOf(ask.MessageId), ask.Action, ask.Priority.Rank(), earliest, ask.Jitter, ask.Now);
            waitUntil = at;
        }

        return new PermitDecision(account, new PermitAnswer.Refused(refusal.Reason, waitUntil, Gates.EffectOf(account.Settings, refusal.Reason)), events);
    }

    /// <summary>
    /// Settles a permit: the write is over. Settling the same attempt again changes nothing; an unknown result may be followed by a known one.
    /// </summary>
    /// <param name="account">The account.</param>
    /// <param name="open">The attempt's permit; null if it has none or it was settled for good.</param>
    /// <param name="result">What is known of the send.</param>
    /// <param name="sendTime">When it was sent, if it was.</param>
    /// <param name="now">The time.</param>
    /// <returns>The account, whether the permit is closed for good, and what the breaker did.</returns>
    public static (Account Account, bool Closed, ImmutableArray<BreakerEvent> Events) Settle(
        Account account, OpenPermit? open, SendResult result, DateTimeOffset? sendTime, DateTimeOffset now)
    {
        if (open is null)
            return (account, false, []);
        if (account.Lease is { } lease && (lease.MessageId, lease.Attempt) == (open.MessageId, open.Attempt))
            account = account with { Lease = null, LastSend = result == SendResult.NotSent ? account.LastSend : Latest(account.LastSend, now) };
        if (result == SendResult.Unknown)
            return (account, false, []);

        if (result == SendResult.NotSent)
            account = account with { Charges = account.Charges.Return(open.Action, open.ChargeTime) };
        else
            account = Tallies.Sent(account, open.Action, sendTime ?? now);
        var events = ImmutableArray<BreakerEvent>.Empty;
        if (open.CreditProduct != Product.Unspecified)
        {
            var breaker = account.BreakerOf(open.CreditProduct);
            var change = result == SendResult.Sent
                ? Breakers.Succeeded(breaker, sendTime ?? now, open.MessageId, now)
                : BreakerChange.None(breaker);
            var ended = Breakers.ProbeEnded(change.Breaker, open.MessageId, open.Attempt);
            (account, events) = (ended.Breaker == breaker ? account : account.With(ended.Breaker), change.Events);
            account = account with { OpenCredits = Credits(account, open.CreditProduct, -1) };
        }

        return (account with { Settled = Remember(account.Settled, SettledKey(open.MessageId, open.Attempt)) }, true, events);
    }

    /// <summary>Charges a send that somebody wrote by hand: LinkedIn's limits are the account's, whoever writes. Once per id; null if it was charged before.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="id">Of the send.</param>
    /// <param name="action">What it is counted as.</param>
    /// <param name="sendTime">When it was sent, by the provider.</param>
    /// <param name="now">The time.</param>
    public static Account? Observe(Account account, string id, CappedAction action, DateTimeOffset sendTime, DateTimeOffset now)
    {
        var key = Slots.OwnerOf(id);
        if (account.Settled.Contains(key))
            return null;
        var at = sendTime < now ? sendTime : now;
        if (action != CappedAction.Unspecified)
            account = Tallies.Sent(Ramps.Used(account, action, at), action, at);
        return account with
        {
            Charges = action == CappedAction.Unspecified ? account.Charges : account.Charges.Charge(action, at),
            LastSend = Latest(account.LastSend, at),
            Settled = Remember(account.Settled, key),
        };
    }

    /// <summary>Look-ups of a day that are kept for sends whose answer is unknown: routing could use up the whole allowance, and nobody could look any more whether an invitation was sent and accepted.</summary>
    public const int LookupsKept = 10;

    /// <summary>Takes one unit of the daily profile look-up allowance; null if no more than the reserve is left or the account cannot be used.</summary>
    public static Account? TakeProfileLookup(Account account, DateTimeOffset now, int reserve = 0) => TakeLookup(SafetyScore.AsOf(account, now), now, reserve);

    /// <summary>An account that is paused for its safety looks nobody up for routing; what is in doubt is still looked at.</summary>
    private static Account? TakeLookup(Account account, DateTimeOffset now, int reserve) =>
        account.Condition != AccountState.Ok || (account.SafetyLevel == SafetyLevel.Paused && reserve > 0) || Caps.Uses(account, now).Any(use => use.Action == CappedAction.Profile && use.Remaining <= reserve)
            ? null
            : Ramps.Used(account, CappedAction.Profile, now) with { Charges = account.Charges.Charge(CappedAction.Profile, now) };

    private static ImmutableArray<OpenCredit> Credits(Account account, Product product, int by)
    {
        var count = (account.OpenCredits.FirstOrDefault(open => open.Product == product)?.Count ?? 0) + by;
        var others = account.OpenCredits.RemoveAll(open => open.Product == product);
        return count > 0 ? others.Add(new OpenCredit(product, count)) : others;
    }

    private static ImmutableArray<long> Remember(ImmutableArray<long> settled, long key)
    {
        settled = settled.Add(key);
        return settled.Length > SettledKept ? settled.RemoveAt(0) : settled;
    }

    private static long SettledKey(string messageId, int attempt) => Slots.OwnerOf($"{messageId}_{attempt.ToString(System.Globalization.CultureInfo.InvariantCulture)}");

    private static DateTimeOffset Latest(DateTimeOffset? one, DateTimeOffset other) => one > other ? one.Value : other;
}
