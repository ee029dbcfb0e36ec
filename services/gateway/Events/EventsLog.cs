namespace Pennypost.Gateway.Events;

/// <summary>What is said of timelines: ids and numbers only.</summary>
internal static partial class EventsLog
{
    [LoggerMessage(60, LogLevel.Error, "The timeline of {Tenant} was set back from version {Seen} to {Found}; it goes on from there, and what was told of it since is told again.")]
    public static partial void TimelineRewound(this ILogger logger, string tenant, long seen, long found);

    [LoggerMessage(61, LogLevel.Error, "{Missed} events of messages of {Tenant} never came: the transport dropped them, or the journal of the dispatcher was set back.")]
    public static partial void EventsMissed(this ILogger logger, string tenant, long missed);

    [LoggerMessage(62, LogLevel.Warning, "The timeline of {Tenant} cannot be looked at ({Why}); whoever watches it waits.")]
    public static partial void LookFailed(this ILogger logger, string why, string tenant);

    [LoggerMessage(64, LogLevel.Error, "{Count} events could not be kept ({Why}); their tenant's timeline has a gap.")]
    public static partial void EventsNotKept(this ILogger logger, int count, string why);

    [LoggerMessage(63, LogLevel.Warning, "Work on timelines failed ({Why}); it comes back when its lease ends.")]
    public static partial void WorkFailed(this ILogger logger, string why);
}
