using System.Collections.Immutable;
using System.Globalization;

namespace Pennypost.Delivery.Accounts;

/// <summary>The state of an InMail credit breaker.</summary>
public enum BreakerState
{
    /// <summary>Not known.</summary>
    Unspecified = 0,

    /// <summary>Credits may be spent.</summary>
    Closed = 1,

    /// <summary>Out of credits: no send that costs one is tried before the resume time.</summary>
    Open = 2,

    /// <summary>The resume time has come: the balance is read, or exactly one send tries.</summary>
    HalfOpen = 3,
}

/// <summary>Why a breaker changed.</summary>
public enum BreakerCause
{
    /// <summary>None.</summary>
    Unspecified = 0,

    /// <summary>Opened: the provider said out of credits and the balance confirmed it, or could not be read.</summary>
    CreditsExhausted = 1,

    /// <summary>Half open: the pool's own renewal, or the hour to look again, came.</summary>
    Renewal = 2,

    /// <summary>Closed: credits were topped up.</summary>
    TopUp = 3,

    /// <summary>Closed: a refund was confirmed by the balance.</summary>
    Refund = 4,

    /// <summary>Closed: the provider's balance was seen above zero.</summary>
    BalanceObserved = 5,

    /// <summary>Closed: a send that cost a credit succeeded after it had opened.</summary>
    RecentSuccess = 6,

    /// <summary>Closed by an operator.</summary>
    Operator = 7,

    /// <summary>Stayed closed: the balance showed credits, so the recipient refuses InMail.</summary>
    RecipientRefuses = 8,

    /// <summary>A send was skipped without a provider call.</summary>
    Skip = 9,
}

/// <summary>The one send that tries a half-open breaker.</summary>
public sealed record Probe(string MessageId, int Attempt);

/// <summary>The InMail credit breaker of one account and product.</summary>
public sealed record Breaker
{
    /// <summary>Whose credits.</summary>
    public required Product Product { get; init; }

    /// <summary>Where it stands.</summary>
    public required BreakerState State { get; init; }

    /// <summary>When it opened; null if closed.</summary>
    public DateTimeOffset? OpenTime { get; init; }

    /// <summary>When it half-opens, or did; null if closed.</summary>
    public DateTimeOffset? ResumeTime { get; init; }

    /// <summary>Whether the provider's balance confirmed that no credit is left.</summary>
    public bool Confirmed { get; init; }

    /// <summary>While half open: from when a send may try. Until then the balance is read first.</summary>
    public DateTimeOffset? ProbeFrom { get; init; }

    /// <summary>While half open: the send that tries.</summary>
    public Probe? Probe { get; init; }

    /// <summary>The renewal from which on the balance is read hourly.</summary>
    public DateTimeOffset? ReadsFrom { get; init; }

    /// <summary>A refund was booked after it opened; the balance has yet to show it.</summary>
    public bool RefundExpected { get; init; }

    /// <summary>Sends skipped without a provider call since it opened.</summary>
    public long Skipped { get; init; }

    /// <summary>A breaker that lets everything pass.</summary>
    public static Breaker Closed(Product product) => new() { Product = product, State = BreakerState.Closed };

    internal static string ExhaustedUntil(DateTimeOffset time) => $"credits exhausted, resumes {Text(time)}";

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>"credits exhausted, resumes 2026-12-01T00:00:00Z"; null if closed.</summary>
    public string? StatusText(DateTimeOffset now) => State switch
    {
        BreakerState.Open when ResumeTime > now =>
            Confirmed ? ExhaustedUntil(ResumeTime.Value) : $"credits unclear, resumes {Text(ResumeTime.Value)}",
        BreakerState.Open or BreakerState.HalfOpen => "credits exhausted, looking whether they are back",
        _ => null,
    };
}

/// <summary>One change of a breaker, or one send that met it.</summary>
/// <param name="Time">When.</param>
/// <param name="Product">Whose credits.</param>
/// <param name="State">The state after it.</param>
/// <param name="Cause">Why.</param>
/// <param name="MessageId">The message that met it; empty if none.</param>
/// <param name="Actor">Who, if an operator did it.</param>
public sealed record BreakerEvent(DateTimeOffset Time, Product Product, BreakerState State, BreakerCause Cause, string MessageId, string Actor);

/// <summary>A breaker after a look or a change, and what is to be remembered of it.</summary>
public sealed record BreakerChange(Breaker Breaker, ImmutableArray<BreakerEvent> Events)
{
    /// <summary>Nothing changed.</summary>
    public static BreakerChange None(Breaker breaker) => new(breaker, []);
}

/// <summary>What a credit error came to once the balance was read.</summary>
public abstract record CreditRefusal
{
    private CreditRefusal() { }

    /// <summary>Credits are left: it is the recipient who refuses InMail. Taken to hold until then.</summary>
    public sealed record RecipientRefuses(DateTimeOffset Until) : CreditRefusal;

    /// <summary>No credit is left, confirmed by the balance.</summary>
    public sealed record Exhausted(DateTimeOffset ResumeTime) : CreditRefusal;

    /// <summary>The balance cannot be read: taken as exhausted until it is read again.</summary>
    public sealed record Unclear(DateTimeOffset ReadAgainTime) : CreditRefusal;
}

/// <summary>The last changes of an account's breakers, bounded.</summary>
public static class BreakerHistory
{
    /// <summary>Events kept.</summary>
    public const int Limit = 200;

    /// <summary>The history with what happened, oldest first. Over the limit skips go before what opened or closed: "why does it not send" must stay answerable.</summary>
    public static ImmutableArray<BreakerEvent> With(ImmutableArray<BreakerEvent> history, ImmutableArray<BreakerEvent> events)
    {
        history = history.AddRange(events);
        while (history.Length > Limit)
        {
            var skip = history.FirstOrDefault(happened => happened.Cause == BreakerCause.Skip);
            history = skip is null ? history.RemoveAt(0) : history.Remove(skip);
        }

        return history;
    }
}
