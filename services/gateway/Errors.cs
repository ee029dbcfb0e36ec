using Grpc.Core;
using Pennypost.Errors.V1;
using Pennypost.Hosting;
using Pennypost.Store;

namespace Pennypost.Gateway;

/// <summary>Every error that the gateway makes itself; what the services behind it refuse passes through with their own domain.</summary>
internal static class Errors
{
    public static readonly FaultDomain Domain = new(GatewayHost.Service);

    // Says the same for a missing, malformed, unknown and revoked key: nothing to try one's way along.
    public static RpcFault CredentialInvalid() =>
        Domain.Fault(ErrorReason.CredentialInvalid, "The API key is missing or not valid; send it as authorization: Bearer pp_live_...");

    public static RpcFault ScopeMissing(string scope) =>
        Domain.Fault(ErrorReason.ScopeMissing, $"The API key lacks the scope {scope}.", ("scope", scope));

    public static RpcFault TenantSuspended() => Domain.Fault(ErrorReason.TenantSuspended, "The tenant is suspended; ask the installation's operator.");

    public static RpcException TenantNotFound(string tenantId) => Domain.Refuse(ErrorReason.TenantNotFound, "There is no such tenant.", ("tenant_id", tenantId));

    public static RpcException LostRace() => Domain.Refuse(ErrorReason.LostRace, "It was changed since the etag was read; read it again.");

    public static RpcException KeyNotValid(string keyId) => Domain.Refuse(ErrorReason.KeyNotValid, "The API key was revoked or has expired; create another one.", ("key_id", keyId));

    public static RpcException ScopesNotHeld(string scope) => ScopeMissing(scope).ToException();

    public static RpcException RateLimited(string subject, int perSecond, int calls, TimeSpan delay) =>
        Domain.QuotaUsedUp(ErrorReason.RateLimited, $"More than {perSecond} calls per second{(calls > 1 ? $"; for its size, this one counts as {calls}" : "")}.", subject, delay, ("limit", Text(perSecond)));

    public static RpcException TooManyAtOnce(string subject, int limit) =>
        Domain.QuotaUsedUp(ErrorReason.RateLimited, $"More than {limit} calls under way at once.", subject, TimeSpan.FromSeconds(1), ("limit", Text(limit)));

    public static RpcException DailyQuotaUsedUp(string subject, long limit, DateTimeOffset reset, DateTimeOffset now) => Domain.QuotaUsedUp(
        ErrorReason.DailyQuotaUsedUp,
        $"Not as many of the {limit} calls of today are left.",
        subject,
        reset > now ? reset - now : TimeSpan.FromSeconds(1),
        ("limit", Text(limit)),
        ("reset_time", reset.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture)));

    public static RpcException KeyNotFound(string keyId) =>
        Domain.Refuse(ErrorReason.KeyNotFound, "There is no such API key.", ("key_id", keyId));

    public static RpcException TooManyKeys(int limit) => Invalid("*", $"a tenant keeps at most {limit} API keys, revoked ones included");

    public static RpcException WebhookNotFound(string webhookId) =>
        Domain.Refuse(ErrorReason.WebhookNotFound, "There is no such webhook.", ("webhook_id", webhookId));

    public static RpcException TooManyWebhooks(int limit) => Invalid("*", $"a tenant keeps at most {limit} webhooks");

    public static RpcException PositionLost(DateTimeOffset? first) =>
        Domain.Refuse(ErrorReason.WatchPositionLost, "What is asked for is not kept any more.", ("first_time", first?.ToString("O", System.Globalization.CultureInfo.InvariantCulture) ?? ""));

    public static RpcException TooManyWatches(int limit) => Domain.QuotaUsedUp(ErrorReason.QueueFull, $"More than {limit} watch events.", "watches", TimeSpan.FromSeconds(5));

    public static RpcException Invalid(Violations violations) => Domain.Invalid(violations);

    public static RpcException Invalid(string field, string description)
    {
        var violations = new Violations();
        violations.Add(field, description);
        return Domain.Invalid(violations);
    }

    public static RpcException ImportInvalid(Violations violations) => Domain.Invalid(violations, ErrorReason.ImportInvalid);

    public static RpcException TooLarge(long limitBytes) =>
        Domain.Refuse(ErrorReason.RequestTooLarge, $"The request is larger than {limitBytes} bytes.", ("limit_bytes", limitBytes.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    public static void Map(PennypostHost host) => host
        .MapException<StoreBusyException>((_, faults) => faults.QuotaUsedUp(ErrorReason.QueueFull, "The store has too much to do.", "store", TimeSpan.FromMilliseconds(200)))
        .MapException<StoreUnavailableException>((_, faults) => faults.Unavailable("store"))
        .MapException<StoreRewoundException>((rewound, faults) => faults.Refuse(ErrorReason.StoreRewound, "The store was set back; an operator must accept that.",
            ("partition", rewound.Partition.Key), ("seen_version", Text(rewound.ExpectedVersion)), ("store_version", Text(rewound.FoundVersion))))
        .MapException<StoreClockException>((_, faults) => faults.RetryAfter(ErrorReason.ClockSkewed, "The clocks of the service and its store disagree.", TimeSpan.FromSeconds(2)))
        // What Kestrel could not read: a body that ends early, or is larger than it allows.
        .MapException<BadHttpRequestException>((bad, _) => bad.StatusCode == StatusCodes.Status413PayloadTooLarge ? TooLarge(30_000_000) : Invalid("*", "the body could not be read"));

    private static string Text(long number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
