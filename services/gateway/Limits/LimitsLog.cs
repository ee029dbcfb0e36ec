namespace Pennypost.Gateway.Limits;

/// <summary>What is logged of limits: ids only.</summary>
internal static partial class LimitsLog
{
    [LoggerMessage(1, LogLevel.Warning, "What {Holder} has left of its day could not be given back; on this instance it counts as spent.")]
    public static partial void QuotaNotGivenBack(this ILogger logger, Exception exception, string holder);
}
