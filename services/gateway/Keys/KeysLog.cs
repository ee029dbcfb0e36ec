namespace Pennypost.Gateway.Keys;

/// <summary>What is logged of keys: ids only.</summary>
internal static partial class KeysLog
{
    [LoggerMessage(1, LogLevel.Warning, "When keys of tenant {Tenant} were last used could not be written; the next use is.")]
    public static partial void UseNotWritten(this ILogger logger, Exception exception, string tenant);
}
