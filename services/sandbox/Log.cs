namespace Pennypost.Sandbox;

/// <summary>What the sandbox says about itself: ids and counts, never texts.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "Webhook post {PostId} ({Event}) dropped after {Tries} tries: {Problem}")]
    public static partial void PostDropped(ILogger logger, string postId, string @event, int tries, string problem);

    [LoggerMessage(2, LogLevel.Error, "The outcome of webhook post {PostId} could not be stored; it will be posted again")]
    public static partial void PostNotBooked(ILogger logger, string postId, Exception problem);

    [LoggerMessage(5, LogLevel.Error, "What has become due could not be stored; it stays due")]
    public static partial void NothingHappens(ILogger logger, Exception problem);

    [LoggerMessage(3, LogLevel.Information, "World {Path}: {Accounts} accounts, {Prospects} prospects, {Deliveries} deliveries, at {Now}")]
    public static partial void WorldOpened(ILogger logger, string path, int accounts, int prospects, int deliveries, DateTimeOffset now);

    [LoggerMessage(4, LogLevel.Error, "A call of {Path} failed; nothing of it was kept")]
    public static partial void CallFailed(ILogger logger, string path, Exception problem);
}
