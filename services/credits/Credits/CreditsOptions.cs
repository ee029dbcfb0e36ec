using System.ComponentModel.DataAnnotations;

namespace Pennypost.Credits;

/// <summary>Configuration section <c>Credits</c>, checked at start.</summary>
public sealed class CreditsOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Credits";

    /// <summary>Idle pools brought up to date at a time.</summary>
    [Range(1, 1_000)]
    public int SweepBatch { get; set; } = 64;

    /// <summary>Pause between two full batches.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan SweepPause { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>A pool found this many credits from the provider's balance is warned of, counted and told as an alarm.</summary>
    [Range(1, 100_000)]
    public long DriftAlarm { get; set; } = 3;

    /// <summary>How often an idle sweep looks for due times that another process set.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan SweepPoll { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The most commands of one Transact stream that were read and whose answers the transport has not taken; beyond it nothing is read.</summary>
    [Range(1, 65_536)]
    public int TransactWindow { get; set; } = 4_096;

    /// <summary>The most streams of WatchPools that one instance serves at a time.</summary>
    [Range(1, 100_000)]
    public int MaxWatches { get; set; } = 500;

    /// <summary>After how long a watch without news sends where it is.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan WatchHeartbeat { get; set; } = TimeSpan.FromSeconds(15);
}
