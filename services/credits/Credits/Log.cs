namespace Pennypost.Credits;

/// <summary>What this service says of itself.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Debug, "Brought {Pools} idle pools up to date")]
    public static partial void Swept(this ILogger log, int pools);

    [LoggerMessage(2, LogLevel.Debug, "{Partition} is closed after a rewind and was not brought up to date")]
    public static partial void SweepSkipped(this ILogger log, string partition);

    [LoggerMessage(3, LogLevel.Warning, "Bringing idle pools up to date failed; again in {PauseSeconds} s")]
    public static partial void SweepFailed(this ILogger log, Exception exception, double pauseSeconds);

    [LoggerMessage(4, LogLevel.Warning, "Pool {PoolId} was {Drift} credits from the provider's balance: {Adjusted} adjusted, {Owed} owed")]
    public static partial void Drifted(this ILogger log, string poolId, long drift, long adjusted, long owed);

    [LoggerMessage(5, LogLevel.Debug, "A stream ended after {Commands} commands")]
    public static partial void StreamEnded(this ILogger log, long commands);
}
