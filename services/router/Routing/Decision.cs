namespace Pennypost.Routing;

/// <summary>What to do with a message now, with every candidate explained.</summary>
public abstract record Decision
{
    private Decision()
    {
    }

    /// <summary>
    /// One per sender and channel: first those that may be tried, then those that wait or are rejected, both in the
    /// order in which they would be tried.
    /// </summary>
    public required IReadOnlyList<Candidate> Candidates { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset DecidedAt { get; init; }

    /// <summary>Send by the first candidate.</summary>
    public sealed record Send : Decision
    {
        /// <summary>The one to send by.</summary>
        public Candidate Chosen => Candidates[0];
    }

    /// <summary>
    /// Fetch these facts and ask again: a candidate that would go before the best eligible one hangs on them. In the
    /// order of the candidates, so that a caller with few look-ups left fetches from the front.
    /// </summary>
    public sealed record NeedFacts(IReadOnlyList<NeededFact> Facts) : Decision;

    /// <summary>Wait: nothing is eligible now, something could be. Until null: something has to happen first.</summary>
    public sealed record Defer(Reason Reason, DateTimeOffset? Until) : Decision;

    /// <summary>Do not send: nothing is left that time alone would make eligible.</summary>
    public sealed record Skip(Reason Reason) : Decision;
}
