namespace Pennypost.Delivery.Messages;

/// <summary>The numbers that delivery goes by.</summary>
public sealed record DeliveryRules
{
    /// <summary>How long a sender keeps a prospect after it last wrote to them or heard from them.</summary>
    public TimeSpan ClaimLife { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Least time between two messages to a prospect who has not answered.</summary>
    public TimeSpan CoolDown { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How long ago a sender's messages may have been read when it writes again to somebody who has not answered.</summary>
    public TimeSpan FollowUpFreshness { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>After which an open or intended attempt is taken up by somebody else. More than a write lease and a call together.</summary>
    public TimeSpan RecoverAfter { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a routing decision may be acted on.</summary>
    public TimeSpan RouteLife { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a worker that goes from one candidate to the next is left alone, and how soon what it did not finish is finished.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>After the intent, in virtual and in real time: an absence seen earlier proves nothing. At least three call limits, and no less than a write lease.</summary>
    public TimeSpan SettlingTime { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Between two looks at a send whose answer is unknown; doubles up to an hour.</summary>
    public TimeSpan VerifyEvery { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Reads that worked and found nothing, before a send is taken not to have happened.</summary>
    public int HealthyReads { get; init; } = 2;

    /// <summary>Attempts of one message, whether or not anything was sent.</summary>
    public int MaxAttempts { get; init; } = 200;

    /// <summary>How long a prospect is taken to refuse InMail after the provider refused one while credits were left.</summary>
    public TimeSpan InmailRefusalLife { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Until a failed settling is tried again; doubles up to an hour.</summary>
    public TimeSpan RetryEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A pause that doubles with every try, up to an hour.</summary>
    public static TimeSpan Growing(TimeSpan first, int tries) =>
        TimeSpan.FromTicks(Math.Min(first.Ticks << Math.Min(tries, 20), Math.Max(first.Ticks, TimeSpan.TicksPerHour)));
}
