using System.ComponentModel.DataAnnotations;
using Pennypost.Delivery.Messages;

namespace Pennypost.Dispatcher;

/// <summary>What the dispatcher is told, in the configuration section <c>Dispatcher</c>; checked when it starts.</summary>
public sealed class DispatcherOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Dispatcher";

    /// <summary>Keys the ids that stand for people, 32 to 512 characters. The same in every instance, for good: with another key nobody is recognised.</summary>
    [Required]
    [StringLength(512, MinimumLength = 32)]
    public string IdentifierKey { get; set; } = "";

    /// <summary>Messages worked on at once by one instance. Each spends nearly all its time waiting for commits and answers.</summary>
    [Range(1, 256)]
    public int Workers { get; set; } = 64;

    /// <summary>Due messages that wait in the work queue per worker: few, so that priority still counts.</summary>
    [Range(1, 100)]
    public int QueuedPerWorker { get; set; } = 1;

    /// <summary>
    /// Messages that have been due for longer than two seconds, released a second by one instance: what waited for a renewal, a new day or an instance that was down goes at this pace, beside what is due now. Half
    /// of what two cores send, and far more than LinkedIn lets anybody's accounts send.
    /// </summary>
    [Range(1, 100_000)]
    public int OverduePerSecond { get; set; } = 100;

    /// <summary>How long a released message may stay unfinished before it is released again. Real time.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan WorkLease { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How often the releaser looks for what other instances left due.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan ReleasePoll { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether this instance works on messages, or only answers calls.</summary>
    public bool Work { get; set; } = true;

    /// <summary>How long a sender keeps a prospect after it last wrote to them or heard from them.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00")]
    public TimeSpan ClaimLife { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Least time between two messages to a prospect who has not answered.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00")]
    public TimeSpan ProspectCoolDown { get; set; } = TimeSpan.FromDays(1);

    /// <summary>
    /// How long ago an account's messages may have been read when it writes again to somebody who has not answered; else they are read first. The default is a little more than the longest time between two looks
    /// while answers are awaited, so that few follow-ups have to wait.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan FollowUpFreshness { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>After which an attempt that was left open or intended is taken up. More than a write lease and a call together.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan RecoverAfter { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>After an intent, before absence at the provider is believed: at least three call limits and a write lease.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00")]
    public TimeSpan SettlingTime { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long one write of an account may take, with the time to get to it. Real time. A request begins no later than this less the provider's attempt limit and <see cref="ClockMargin"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.500", "00:10:00")]
    public TimeSpan WriteLease { get; set; } = TimeSpan.FromSeconds(40);

    /// <summary>How far the clocks of two instances may be apart.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan ClockMargin { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Between two looks at a send whose answer is unknown.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "01:00:00")]
    public TimeSpan VerifyEvery { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Until a settling that failed is tried again the first time.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "01:00:00")]
    public TimeSpan RetryEvery { get; set; } = TimeSpan.FromSeconds(5);

    internal DeliveryRules Rules => new()
    {
        ClaimLife = ClaimLife,
        CoolDown = ProspectCoolDown,
        FollowUpFreshness = FollowUpFreshness,
        RecoverAfter = RecoverAfter,
        SettlingTime = SettlingTime,
        VerifyEvery = VerifyEvery,
        RetryEvery = RetryEvery,
    };
}
