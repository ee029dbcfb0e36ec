namespace Pennypost.Routing;

/// <summary>One sender and one channel, judged.</summary>
/// <param name="Sender">The sender, with the facts that the verdict rests on.</param>
/// <param name="Channel">The channel.</param>
/// <param name="Verdict">What became of it.</param>
/// <param name="Reason">Why, unless eligible.</param>
/// <param name="WaitUntil">If it waits: when it may be looked at again; null if nobody can tell.</param>
/// <param name="RestsOn">The facts that were looked at.</param>
/// <param name="Needs">Of these, the unknown or stale ones that could change the verdict.</param>
/// <param name="ExpectedNetCost">Expected credits that stay spent after the refund of a reply; 0 to 1.</param>
/// <param name="PriceMicros">The expected net cost at the pool's price of an extra credit.</param>
public readonly record struct Candidate(
    Sender Sender,
    Channel Channel,
    Verdict Verdict,
    Reason Reason,
    DateTimeOffset? WaitUntil,
    FactKinds RestsOn,
    FactKinds Needs,
    double ExpectedNetCost,
    long PriceMicros)
{
    /// <summary>Credits that a send by this candidate takes: 0 or 1.</summary>
    public int CreditCost => Channel == Channel.InMail ? 1 : 0;

    /// <summary>The pool that the credit comes from; null if it costs none.</summary>
    public string? PoolId => Channel == Channel.InMail ? Sender.Credits?.PoolId : null;

    /// <summary>Whether it may be tried: eligible, or eligible for all that is known.</summary>
    internal bool IsOpen => Verdict is Verdict.Eligible or Verdict.NeedsFacts;
}
