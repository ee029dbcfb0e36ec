using Microsoft.Extensions.Logging;

namespace Pennypost.Hosting;

/// <summary>What every host logs: ids and names, never requests or bodies.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error, "{Method} failed unexpectedly; its caller was told INTERNAL.")]
    public static partial void Unexpected(this ILogger logger, Exception exception, string method);

    [LoggerMessage(2, LogLevel.Information, "{Service} listens on {GrpcAddress} (gRPC) and {HttpAddress} (HTTP).")]
    public static partial void Listening(this ILogger logger, string service, string grpcAddress, string httpAddress);

    [LoggerMessage(3, LogLevel.Warning, "Not ready: {Missing}")]
    public static partial void NotReady(this ILogger logger, string missing);

    [LoggerMessage(4, LogLevel.Information, "Ready.")]
    public static partial void Ready(this ILogger logger);

    [LoggerMessage(5, LogLevel.Information, "{Route}: {Status} after {Milliseconds:F1} ms, for {Tenant} by key {KeyId}")]
    public static partial void Answered(this ILogger logger, string route, string status, double milliseconds, string tenant, string keyId);
}
