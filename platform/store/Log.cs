using Microsoft.Extensions.Logging;

namespace Pennypost.Store;

/// <summary>What the store tells an operator. Ids and versions, never what a partition holds.</summary>
internal static partial class Log
{
    [LoggerMessage(LogLevel.Information, "Store {Store} is open on {Backend} with {Shards} shards")]
    public static partial void Opened(this ILogger logger, string store, StoreBackend backend, int shards);

    [LoggerMessage(LogLevel.Warning, "Shard {Shard}: nobody knows whether a commit of {Commands} commands arrived; looking again")]
    public static partial void UnknownOutcome(this ILogger logger, Exception exception, int shard, int commands);

    [LoggerMessage(LogLevel.Warning, "Shard {Shard}: the store refused a commit of {Commands} commands; nothing was done")]
    public static partial void Refused(this ILogger logger, Exception exception, int shard, int commands);

    [LoggerMessage(LogLevel.Warning, "Shard {Shard}: the store cannot be read; {Commands} commands were turned away")]
    public static partial void Unreadable(this ILogger logger, Exception exception, int shard, int commands);

    [LoggerMessage(LogLevel.Debug, "{Partition}: decided at version {Decided}, but the store is at {Found}; deciding again")]
    public static partial void Conflict(this ILogger logger, string partition, long decided, long found);

    [LoggerMessage(LogLevel.Warning, "Shard {Shard}: this process and the store stay {SkewSeconds} s apart; commits are refused")]
    public static partial void Clock(this ILogger logger, int shard, double skewSeconds);

    [LoggerMessage(LogLevel.Critical, "{Partition}: the store was set back from version {Seen} to {Found}; the partition is closed until the rewind is accepted")]
    public static partial void Rewound(this ILogger logger, string partition, long seen, long found);

    [LoggerMessage(LogLevel.Critical, "{Partition}: a peer saw version {Expected}, but the store is at {Found}; the command was refused")]
    public static partial void Behind(this ILogger logger, string partition, long expected, long found);

    [LoggerMessage(LogLevel.Critical, "{Partition}: what is stored is damaged: {What}; the partition is closed until it is restored")]
    public static partial void Damaged(this ILogger logger, string partition, string what);

    [LoggerMessage(LogLevel.Warning, "{Partition}: the rewind was accepted by {AcceptedBy}; it goes on at version {Version}")]
    public static partial void RewindAccepted(this ILogger logger, string partition, long version, string acceptedBy);

    [LoggerMessage(LogLevel.Warning, "Relay of {Store}, shard {Shard}: publishing failed; the same entries again in {PauseSeconds} s")]
    public static partial void Failed(this ILogger logger, Exception exception, string store, int shard, double pauseSeconds);

    [LoggerMessage(LogLevel.Warning, "Shard {Shard}: what is due cannot be claimed; the other shards go on")]
    public static partial void ClaimFailed(this ILogger logger, Exception exception, int shard);

    [LoggerMessage(LogLevel.Warning, "Store {Store}: looking for what other processes appended to the journal fails; whoever follows it waits")]
    public static partial void LookFailed(this ILogger logger, Exception exception, string store);

    [LoggerMessage(LogLevel.Error, "Shard {Shard}: a batch failed because of a bug; its callers were told")]
    public static partial void BatchFailed(this ILogger logger, Exception exception, int shard);
}
