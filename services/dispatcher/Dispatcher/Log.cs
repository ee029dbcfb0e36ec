namespace Pennypost.Dispatcher;

/// <summary>What the dispatcher says of messages: ids and reasons, never texts or names.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "Due work {Key} of {Partition} failed; it comes back.")]
    public static partial void DueWorkFailed(this ILogger logger, Exception exception, string partition, string key);

    [LoggerMessage(2, LogLevel.Warning, "Releasing due messages failed; again in a moment.")]
    public static partial void ReleaseFailed(this ILogger logger, Exception exception);

    [LoggerMessage(3, LogLevel.Warning, "Message {MessageId} of {Tenant}: whether attempt {Attempt} was sent is not known ({Why}); it is being verified.")]
    public static partial void SendUnknown(this ILogger logger, string tenant, string messageId, int attempt, string why);

    [LoggerMessage(4, LogLevel.Warning, "Message {MessageId} of {Tenant}: attempt {Attempt} is still in doubt after {Tries} looks at the provider.")]
    public static partial void StillUnknown(this ILogger logger, string tenant, string messageId, int attempt, int tries);

    [LoggerMessage(5, LogLevel.Warning, "Message {MessageId} of {Tenant}: credits knows no hold {HoldId} of pool {PoolId} to {Settlement}; it is taken as settled.")]
    public static partial void HoldUnknown(this ILogger logger, string tenant, string messageId, string holdId, string poolId, string settlement);

    [LoggerMessage(6, LogLevel.Information, "Account {AccountId} of {Tenant} wrote by hand to {ProspectId}.")]
    public static partial void WrittenByHand(this ILogger logger, string tenant, string accountId, string prospectId);

    [LoggerMessage(7, LogLevel.Information, "An event about somebody whom nobody knows came for account {AccountId} of {Tenant}; it was dropped.")]
    public static partial void NobodyKnown(this ILogger logger, string tenant, string accountId);

    [LoggerMessage(8, LogLevel.Warning, "Message {MessageId} of {Tenant}: settling attempt {Attempt} was not answered by {Peer} ({Code}); again later.")]
    public static partial void NotSettled(this ILogger logger, string tenant, string messageId, int attempt, string peer, string code);

    [LoggerMessage(9, LogLevel.Warning, "{Sends} sends by hand to {ProspectId} of {Tenant} were not booked ({Code}); again later.")]
    public static partial void ObservedNotTold(this ILogger logger, string tenant, string prospectId, int sends, string code);

    [LoggerMessage(10, LogLevel.Warning, "Send by hand {HoldId} of {Tenant}: pool {PoolId} knows it with another {Field}; it is taken as booked.")]
    public static partial void ObservedReused(this ILogger logger, string tenant, string holdId, string poolId, string field);

    [LoggerMessage(14, LogLevel.Warning, "Send by hand {HoldId} of {Tenant}: credits will not book it into pool {PoolId} as of {SendTime}; it is left out.")]
    public static partial void ObservedRefused(this ILogger logger, string tenant, string holdId, string poolId, DateTimeOffset sendTime);

    [LoggerMessage(11, LogLevel.Information, "Account {AccountId} of {Tenant}: reading found {Found} {What} that no webhook had told.")]
    public static partial void FoundByReading(this ILogger logger, string tenant, string accountId, long found, string what);

    [LoggerMessage(12, LogLevel.Information, "Account {AccountId} of {Tenant}: {What} could not be read ({Why}); again later.")]
    public static partial void NotReadNow(this ILogger logger, string tenant, string accountId, string what, string why);

    [LoggerMessage(13, LogLevel.Warning, "Account {AccountId} of {Tenant}: what a message is could not be told within {Hours} hours; it is passed over.")]
    public static partial void PassedOver(this ILogger logger, string tenant, string accountId, double hours);

    [LoggerMessage(15, LogLevel.Warning, "An operator's act of {Tenant} ended {State}, which could not be written; it is listed as begun.")]
    public static partial void EndNotRecorded(this ILogger logger, Exception exception, string tenant, Types.V1.OperatorActState state);

    [LoggerMessage(16, LogLevel.Warning, "The counts of {Tenant} are at version {FoundVersion} in the store, but {SeenVersion} was acknowledged: the store was set back, and its rates are not exact.")]
    public static partial void CountsSetBack(this ILogger logger, string tenant, long seenVersion, long foundVersion);

    [LoggerMessage(20, LogLevel.Warning, "Message {MessageId} of {Tenant}: {Actor} says that attempt {Attempt}, which was in doubt, was {What}.")]
    public static partial void Resolved(this ILogger logger, string tenant, string messageId, int attempt, string what, string actor);
}
