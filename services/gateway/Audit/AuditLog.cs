using Pennypost.Types.V1;

namespace Pennypost.Gateway.Audit;

/// <summary>What is logged of the audit: ids only.</summary>
internal static partial class AuditLog
{
    [LoggerMessage(1, LogLevel.Error, "An act of tenant {Tenant} ended as {State}, and that could not be recorded: it stays BEGUN.")]
    public static partial void EndNotRecorded(this ILogger logger, Exception exception, string tenant, OperatorActState state);

    [LoggerMessage(2, LogLevel.Error, "Act {ActId} of tenant {Tenant} is in the journal but not in the list: the dispatcher refuses it.")]
    public static partial void ActNotListed(this ILogger logger, Exception exception, string tenant, string actId);
}
