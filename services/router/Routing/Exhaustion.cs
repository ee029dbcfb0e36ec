namespace Pennypost.Routing;

/// <summary>
/// What follows, within one decision, from a sender that would spend a credit and has none (F25). Candidates come by in the order in which
/// they would be tried: the first that lacks nothing but a credit decides about those after it.
/// </summary>
internal struct Exhaustion(OnExhaustion effect)
{
    private Candidate? first;

    /// <summary>The candidate as it stands, those before it considered.</summary>
    public Candidate After(in Candidate candidate, bool isShortOfCredit)
    {
        if (first is { } before)
            return Stops(candidate) ? Stopped(candidate, before) : candidate;
        if (!isShortOfCredit || effect == OnExhaustion.NextSender)
            return candidate;

        first = candidate;
        return effect == OnExhaustion.Fail ? Rejected(candidate, candidate.Reason) : candidate;
    }

    private readonly bool Stops(in Candidate candidate) =>
        candidate.Verdict != Verdict.Rejected && (candidate.CreditCost > 0 || effect != OnExhaustion.NextChannel);

    private readonly Candidate Stopped(in Candidate candidate, in Candidate before) =>
        effect == OnExhaustion.Fail
            ? Rejected(candidate, Reason.StoppedByExhaustion)
            : candidate with { Verdict = Verdict.Waits, Reason = Reason.StoppedByExhaustion, WaitUntil = before.WaitUntil, Needs = FactKinds.None };

    private static Candidate Rejected(in Candidate candidate, Reason reason) =>
        candidate with { Verdict = Verdict.Rejected, Reason = reason, WaitUntil = null, Needs = FactKinds.None };
}
