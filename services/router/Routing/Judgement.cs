namespace Pennypost.Routing;

/// <summary>
/// What has been found about one candidate so far. Findings weigh in this order, in whatever order they are made: a
/// known rejection (the first one found), a wait (the longest), a missing fact. So a fact is missed only where nothing
/// known decides without it (F17).
/// </summary>
internal struct Judgement(DateTimeOffset now, bool final, RoutingPolicy policy)
{
    private Reason rejection;
    private Reason wait;
    private DateTimeOffset? until;
    private FactKinds restsOn;
    private FactKinds missing;
    private bool lacksCredit;
    private bool waitsForMore;

    public readonly DateTimeOffset Now => now;

    /// <summary>Whether the candidate is out already; what else there is to find cannot change that.</summary>
    public readonly bool IsRejected => rejection != Reason.None;

    /// <summary>Whether a credit is known to be all that it waits for.</summary>
    public readonly bool IsShortOfCredit => LacksOnlyCredit && missing == FactKinds.None;

    private readonly bool LacksOnlyCredit => lacksCredit && !waitsForMore && !IsRejected;

    public void Reject(Reason reason)
    {
        if (rejection == Reason.None)
            rejection = reason;
    }

    public void RejectIf(bool fails, Reason reason)
    {
        if (fails)
            Reject(reason);
    }

    /// <summary>Waits until a time; null, which nobody can tell, outlasts every time.</summary>
    public void Wait(Reason reason, DateTimeOffset? time)
    {
        waitsForMore = true;
        WaitAtLeast(reason, time);
    }

    /// <summary>Waits for a credit, which the pool has not for this message now.</summary>
    public void WaitForCredit(Reason reason, DateTimeOffset? time)
    {
        lacksCredit = true;
        WaitAtLeast(reason, time);
    }

    private void WaitAtLeast(Reason reason, DateTimeOffset? time)
    {
        if (wait != Reason.None && (until is null || time <= until))
            return;
        wait = reason;
        until = time;
    }

    /// <summary>A fact's value if it is known and young enough, noted as looked at.</summary>
    public T? Look<T>(FactKinds kind, Fact<T> fact, TimeSpan life)
        where T : struct
    {
        restsOn |= kind;
        return fact.At(now, life);
    }

    /// <summary>How far the prospect is, if that is known.</summary>
    public NetworkDistance? LookAtDistance(Sender sender)
    {
        if (sender.IsConnectedByInvitation)
            LookedAt(FactKinds.Invitation);
        return Look(FactKinds.NetworkDistance, sender.Distance, policy.NetworkDistanceLife);
    }

    public void LookedAt(FactKinds kind) => restsOn |= kind;

    /// <summary>
    /// The candidate is possible only if this fact turns out well. Where it cannot be had, the candidate waits for it:
    /// a send is not tried on a guess, and an unknown fact is no rejection.
    /// </summary>
    public void MissesWhatItNeeds(FactKinds kind)
    {
        if (final)
            Wait(Reason.FactUnknown, now + (kind == FactKinds.Credits ? policy.CreditsRecheck : policy.UnknownFactRecheck));
        else
            missing |= kind;
    }

    /// <summary>
    /// The candidate is possible unless this fact turns out badly. Where it cannot be had, it does not stand in the way:
    /// the provider refuses such a send, and a refusal costs nothing.
    /// </summary>
    public void MissesWhatMayForbidIt(FactKinds kind)
    {
        if (!final)
            missing |= kind;
    }

    public readonly Candidate Conclude(Sender sender, Channel channel, double netCost)
    {
        var (verdict, reason) =
            rejection != Reason.None ? (Verdict.Rejected, rejection)
            // Where it would stop others, it must be known to be possible at all: else a fact that nobody asked for would change the choice.
            : LacksOnlyCredit && missing != FactKinds.None && policy.OnExhaustion != OnExhaustion.NextSender ? (Verdict.NeedsFacts, Reason.FactUnknown)
            : wait != Reason.None ? (Verdict.Waits, wait)
            : missing != FactKinds.None ? (Verdict.NeedsFacts, Reason.FactUnknown)
            : (Verdict.Eligible, Reason.None);

        return new Candidate(
            sender,
            channel,
            verdict,
            reason,
            verdict == Verdict.Waits ? until : null,
            restsOn,
            verdict == Verdict.NeedsFacts ? missing : FactKinds.None,
            channel == Channel.InMail ? netCost : 0,
            channel == Channel.InMail && sender.Credits is { } credits ? credits.PriceOf(netCost) : 0);
    }
}
