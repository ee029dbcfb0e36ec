using Microsoft.Extensions.Logging;

namespace Pennypost.Transport;

/// <summary>What the transport logs: ids and names, never bodies.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "{Group} gave up on {Id} of {Tenant} after {Attempts} attempts; it is parked among the errors.")]
    public static partial void Parked(this ILogger logger, Exception exception, string group, string id, string tenant, int attempts);

    [LoggerMessage(2, LogLevel.Error, "{Group} has {Count} errors parked, its limit; the oldest was dropped.")]
    public static partial void ErrorsOverflow(this ILogger logger, string group, int count);

    [LoggerMessage(3, LogLevel.Warning, "A command of {Tenant} was set aside: {Why}")]
    public static partial void CommandSetAside(this ILogger logger, string tenant, string why);

    [LoggerMessage(4, LogLevel.Information, "{Count} errors of {Queue} were put back; {Left} are left.")]
    public static partial void Replayed(this ILogger logger, string queue, int count, int left);

    [LoggerMessage(5, LogLevel.Warning, "An event of type {Type} is not known to this version, and was passed over.")]
    public static partial void UnknownEvent(this ILogger logger, string type);

    [LoggerMessage(6, LogLevel.Warning, "The broker is waited for ({Why}).")]
    public static partial void NotDeclared(this ILogger logger, string why);

    [LoggerMessage(7, LogLevel.Warning, "Listening to {Queue} failed ({Why}); it is begun again in {Seconds} s.")]
    public static partial void ListeningFailed(this ILogger logger, string queue, string why, double seconds);

    [LoggerMessage(8, LogLevel.Error, "What came on {Queue} is no event ({Why}); it was set aside.")]
    public static partial void EventSetAside(this ILogger logger, string queue, string why);
}
