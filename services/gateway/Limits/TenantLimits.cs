using Microsoft.Extensions.Options;
using Pennypost.Gateway.Stored;

namespace Pennypost.Gateway.Limits;

/// <summary>What a tenant may call: its own limits, and the installation's where it has none.</summary>
internal sealed class TenantLimits(IOptions<GatewayOptions> options)
{
    public int CallsPerSecond(StoredTenant? tenant) => tenant is { CallsPerSecond: > 0 and var own } ? own : options.Value.TenantCallsPerSecond;

    public int KeyCallsPerSecond(StoredTenant? tenant) => tenant is { KeyCallsPerSecond: > 0 and var own } ? own : options.Value.KeyCallsPerSecond;

    public int KeyConcurrentCalls(StoredTenant? tenant) => tenant is { KeyConcurrentCalls: > 0 and var own } ? own : options.Value.KeyConcurrentCalls;

    /// <summary>0: no limit.</summary>
    public long CallsPerDay(StoredTenant? tenant) => tenant is { CallsPerDay: > 0 and var own } ? own : options.Value.TenantCallsPerDay;
}
