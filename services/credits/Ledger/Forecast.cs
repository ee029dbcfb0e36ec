using System.Collections.Immutable;

namespace Pennypost.Ledger;

/// <summary>What is assumed of the days to come.</summary>
public sealed record Outlook
{
    /// <summary>The longest look ahead.</summary>
    public const int MaxDays = 366;

    /// <summary>How many days (UTC) are looked at, today the first: 1 to <see cref="MaxDays"/>.</summary>
    public required int Days { get; init; }

    /// <summary>InMails of ordinary value that will be sent each day, where credits above the floor allow: 0 and more. Of a fraction the whole ones are sent as they come about: at 0.5 one every second day.</summary>
    public double SendsPerDay { get; init; }

    /// <summary>How many of them will be answered.</summary>
    public ReplyRate Replies { get; init; } = ReplyRate.Prior;

    /// <summary>
    /// Within this time half of those come that ever will, in as long again half of the rest, and so on. No source says how soon InMails are answered; two days is what most campaigns' curves look like.
    /// </summary>
    public TimeSpan ReplyHalfLife { get; init; } = TimeSpan.FromDays(2);

    /// <summary>Earlier sends that may still be answered.</summary>
    public ImmutableArray<UnansweredSends> Unanswered { get; init; } = [];
}

/// <summary>InMails that went out together and were not answered so far.</summary>
/// <param name="SentAt">When.</param>
/// <param name="Credits">How many.</param>
public sealed record UnansweredSends(DateTimeOffset SentAt, long Credits);

/// <summary>What might be done, to see what would come of it.</summary>
public sealed record WhatIf
{
    /// <summary>Credits that would be bought.</summary>
    public ImmutableArray<PlannedTopUp> TopUps { get; init; } = [];

    /// <summary>The plan that would take over at the next renewal (at once where there is none), of the same product; null to keep the present one.</summary>
    public Plan? Plan { get; init; }
}

/// <summary>Credits that would be bought.</summary>
/// <param name="At">When; not before the pool's time.</param>
/// <param name="Credits">How many.</param>
public sealed record PlannedTopUp(DateTimeOffset At, long Credits);

/// <summary>A figure that rests on the reply rate: what is expected, and between which two it lies with nine chances in ten.</summary>
/// <param name="Low">The lowest of the courses.</param>
/// <param name="Expected">At the expected reply rate.</param>
/// <param name="High">The highest of the courses.</param>
public readonly record struct Estimate<T>(T Low, T Expected, T High);

/// <summary>What becomes of a pool.</summary>
public abstract record Forecast
{
    private Forecast() { }

    /// <summary>What is to be expected.</summary>
    public sealed record Ahead : Forecast
    {
        /// <summary>Day by day.</summary>
        public required ImmutableArray<ForecastDay> Days { get; init; }

        /// <summary>Each renewal within the days.</summary>
        public required ImmutableArray<ForecastRenewal> Renewals { get; init; }

        /// <summary>The first day on which an InMail finds no credit; null where none does.</summary>
        public required Estimate<DateOnly?> RunsOut { get; init; }

        /// <summary>Replies that bring a credit back, as a statistician counts them: in parts.</summary>
        public required Estimate<double> Replies { get; init; }

        /// <summary>InMails that are sent.</summary>
        public required Estimate<long> Sent { get; init; }

        /// <summary>InMails that find no credit.</summary>
        public required Estimate<long> Unsent { get; init; }

        /// <summary>Credits that end above the cap, or with a plan.</summary>
        public required Estimate<long> Forfeited { get; init; }

        /// <summary>Credits that end with their age.</summary>
        public required Estimate<long> Expired { get; init; }
    }

    /// <summary>One of the top-ups would be refused.</summary>
    /// <param name="Refusal">Why.</param>
    /// <param name="PlanId">By which plan.</param>
    public sealed record TopUpRefused(TopUpRefusal Refusal, string PlanId) : Forecast;
}

/// <summary>One day (UTC), as it is to be expected. Whole credits, as the ledger has them.</summary>
public sealed record ForecastDay
{
    /// <summary>The day.</summary>
    public required DateOnly Date { get; init; }

    /// <summary>Available in its last millisecond.</summary>
    public required Estimate<long> Available { get; init; }

    /// <summary>Granted on it, at the expected reply rate.</summary>
    public long Granted { get; init; }

    /// <summary>Sent on it, at the expected reply rate.</summary>
    public long Sent { get; init; }

    /// <summary>Come back on it, at the expected reply rate.</summary>
    public long Refunded { get; init; }

    /// <summary>Forfeited on it, at the expected reply rate.</summary>
    public long Forfeited { get; init; }

    /// <summary>Expired on it, at the expected reply rate.</summary>
    public long Expired { get; init; }
}

/// <summary>A renewal to come.</summary>
/// <param name="At">When.</param>
/// <param name="Granted">How many it grants.</param>
/// <param name="Forfeited">How many are lost by it.</param>
public sealed record ForecastRenewal(DateTimeOffset At, long Granted, Estimate<long> Forfeited);
