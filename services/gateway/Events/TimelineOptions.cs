using System.ComponentModel.DataAnnotations;

namespace Pennypost.Gateway.Events;

/// <summary>The configuration section <c>Gateway:Events</c>; checked when the host starts.</summary>
public sealed class TimelineOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Gateway:Events";

    /// <summary>Whether this instance takes events from the transport. At least one must.</summary>
    public bool Listen { get; set; } = true;

    /// <summary>How long a tenant's events are kept.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "366.00:00:00")]
    public TimeSpan KeepFor { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How many of a tenant's events are kept; the oldest go first, some hundreds at a time.</summary>
    [Range(1_000, 100_000_000)]
    public int KeepEvents { get; set; } = 1_000_000;

    /// <summary>Events that are appended together.</summary>
    [Range(1, 500)]
    public int AtOnce { get; set; } = 256;

    /// <summary>Watches of this instance that may be open at once.</summary>
    [Range(1, 100_000)]
    public int MaxWatches { get; set; } = 1_000;

    /// <summary>A watch that had no event for so long gets an item with a token only.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How often a watched timeline is looked at for what another instance appended; what this one appends is told at once.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan WatchPoll { get; set; } = TimeSpan.FromMilliseconds(500);
}
