using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Pennypost.Gateway.Stored;
using Pennypost.Gateway.V1;
using Pennypost.Store;

namespace Pennypost.Gateway.Keys;

/// <summary>The tenants of the installation, as its operator sees and puts them. A tenant comes into being with its first key, or by being put.</summary>
internal sealed class Tenants(TenantBook book)
{
    /// <summary>Null if there is none of this id.</summary>
    public async Task<Tenant?> FindAsync(string tenantId, CancellationToken cancellationToken) =>
        (await book.FindAsync(tenantId, cancellationToken)).Stored is { } stored ? Shown(tenantId, stored) : null;

    /// <summary>A page of them, by id.</summary>
    public async Task<(IReadOnlyList<Tenant> Tenants, string Next)> ListAsync(int pageSize, string pageToken, CancellationToken cancellationToken)
    {
        var (tenants, next) = await book.ListAsync(pageSize, pageToken, cancellationToken);
        return ([.. tenants.Select(one => Shown(one.TenantId, one.Tenant))], next);
    }

    /// <summary>Creates it or replaces its settings; null if it is another than the etag stands for.</summary>
    public Task<Tenant?> PutAsync(Tenant asked, CancellationToken cancellationToken) =>
        book.DecideAsync<Tenant?>(asked.TenantId, view =>
        {
            if (asked.Etag.Length > 0 && (view.Head is null || asked.Etag != Etag(view.Head))) return new Decision<StoredTenant, Tenant?>.Answer(null);
            var now = view.Now.ToUnixTimeMilliseconds();
            var head = view.Head?.Clone() ?? new StoredTenant { Version = 1, CreateTimeUnixMs = now };
            head.DisplayName = asked.DisplayName;
            // Since when it is suspended stays, however often that is said.
            head.SuspendTimeUnixMs = !asked.Suspended ? 0 : head.SuspendTimeUnixMs == 0 ? now : head.SuspendTimeUnixMs;
            (head.CallsPerSecond, head.KeyCallsPerSecond, head.KeyConcurrentCalls, head.CallsPerDay) =
                (asked.CallsPerSecond, asked.KeyCallsPerSecond, asked.KeyConcurrentCalls, asked.CallsPerDay);
            if (head.Equals(view.Head)) return new Decision<StoredTenant, Tenant?>.Answer(Shown(asked.TenantId, head));
            head.SettingsVersion++;
            return new Decision<StoredTenant, Tenant?>.Commit(head, Shown(asked.TenantId, head));
        }, cancellationToken);

    private static Tenant Shown(string tenantId, StoredTenant stored) => new()
    {
        TenantId = tenantId,
        DisplayName = stored.DisplayName,
        Suspended = stored.SuspendTimeUnixMs != 0,
        CallsPerSecond = stored.CallsPerSecond,
        KeyCallsPerSecond = stored.KeyCallsPerSecond,
        KeyConcurrentCalls = stored.KeyConcurrentCalls,
        CallsPerDay = stored.CallsPerDay,
        Etag = Etag(stored),
        CreateTime = Time(stored.CreateTimeUnixMs),
        SuspendTime = stored.SuspendTimeUnixMs == 0 ? null : Time(stored.SuspendTimeUnixMs),
    };

    private static string Etag(StoredTenant stored) => string.Create(CultureInfo.InvariantCulture, $"t{stored.SettingsVersion}");

    private static Timestamp Time(long unixMs) => Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeMilliseconds(unixMs));
}
