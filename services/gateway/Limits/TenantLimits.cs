using Microsoft.Extensions.Options;
using Pennypost.Gateway.Stored;

namespace Pennypost.Gateway.Limits;

/// <summary>What a tenant and its keys may call: their own limits, and the installation's where the tenant has none.</summary>
internal sealed class TenantLimits(IOptions<GatewayOptions> options)
{
    public int CallsPerSecond(StoredTenant? tenant) => tenant is { CallsPerSecond: > 0 and var own } ? own : options.Value.TenantCallsPerSecond;

    public int KeyCallsPerSecond(StoredTenant? tenant) => tenant is { KeyCallsPerSecond: > 0 and var own } ? own : options.Value.KeyCallsPerSecond;

    public int KeyConcurrentCalls(StoredTenant? tenant) => tenant is { KeyConcurrentCalls: > 0 and var own } ? own : options.Value.KeyConcurrentCalls;

    /// <summary>Of all keys together; 0: no limit.</summary>
    public long CallsPerDay(StoredTenant? tenant) => tenant is { CallsPerDay: > 0 and var own } ? own : options.Value.TenantCallsPerDay;

    /// <summary>Of one key; 0: no limit of its own.</summary>
    public static long CallsPerDay(StoredTenant? tenant, string keyId) => tenant?.Keys.FirstOrDefault(key => key.KeyId == keyId)?.CallsPerDay ?? 0;
}
