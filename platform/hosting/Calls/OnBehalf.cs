using Grpc.Core;

namespace Pennypost.Hosting;

/// <summary>
/// For whom, and until when, a peer is called. The peer's client adds the service token, and a deadline where none was given.
/// <code>await credits.PlaceHoldAsync(request, OnBehalf.Of(context).ForPartition(request.PoolId));</code>
/// </summary>
public static class OnBehalf
{
    /// <summary>The header that names the partition a call is about: <c>{tenant}/{id}</c>. Calls that carry the same prefer the same instance of the peer.</summary>
    public const string PartitionHeader = "pennypost-partition";

    /// <summary>Inside a call: its tenant and key, its deadline, its cancellation.</summary>
    public static CallOptions Of(ServerCallContext context)
    {
        var caller = context.Caller();
        var options = Of(caller.Tenant, context.CancellationToken);
        // What is kept of who did something names the key, however many services the call went through.
        if (caller.KeyId.Length > 0) options.Headers!.Add(ServiceTokens.KeyHeader, caller.KeyId);
        return context.Deadline != DateTime.MaxValue ? options.WithDeadline(context.Deadline) : options;
    }

    /// <summary>In the background: a tenant's own work, with the peer's default deadline.</summary>
    public static CallOptions Of(string tenant, CancellationToken cancellationToken)
    {
        if (!Ids.IsId(tenant)) throw new ArgumentException("A tenant is an id.", nameof(tenant));
        return new CallOptions(new Metadata { { ServiceTokens.TenantHeader, tenant } }, cancellationToken: cancellationToken);
    }

    /// <summary>In the background, with a limit of its own.</summary>
    public static CallOptions Of(string tenant, TimeSpan limit, CancellationToken cancellationToken) =>
        Of(tenant, cancellationToken).WithDeadline(DateTime.UtcNow + limit);

    /// <summary>
    /// The same call, with the id that it is about: a pool, an account, a message. It is sent to the instance of the peer that has this id's state at
    /// hand. What is no id is left for the peer to refuse, and the call goes anywhere.
    /// </summary>
    public static CallOptions ForPartition(this CallOptions call, string id)
    {
        if (!Ids.IsId(id, Ids.MaxHoldLength) || call.Headers?.GetValue(ServiceTokens.TenantHeader) is not { } tenant) return call;
        var headers = new Metadata();
        foreach (var entry in call.Headers)
            if (entry.Key != PartitionHeader) headers.Add(entry);
        headers.Add(PartitionHeader, $"{tenant}/{id}");
        return call.WithHeaders(headers);
    }
}
