using Grpc.Core;

namespace Pennypost.Hosting;

/// <summary>
/// For whom, and until when, a peer is called. The peer's client adds the service token, and a deadline where none was given.
/// <code>await credits.PlaceHoldAsync(request, OnBehalf.Of(context));</code>
/// </summary>
public static class OnBehalf
{
    /// <summary>Inside a call: its tenant, its deadline, its cancellation.</summary>
    public static CallOptions Of(ServerCallContext context) =>
        Of(context.Caller().Tenant, context.CancellationToken) is var options && context.Deadline != DateTime.MaxValue ? options.WithDeadline(context.Deadline) : options;

    /// <summary>In the background: a tenant's own work, with the peer's default deadline.</summary>
    public static CallOptions Of(string tenant, CancellationToken cancellationToken)
    {
        if (!Ids.IsId(tenant)) throw new ArgumentException("A tenant is an id.", nameof(tenant));
        return new CallOptions(new Metadata { { ServiceTokens.TenantHeader, tenant } }, cancellationToken: cancellationToken);
    }

    /// <summary>In the background, with a limit of its own.</summary>
    public static CallOptions Of(string tenant, TimeSpan limit, CancellationToken cancellationToken) =>
        Of(tenant, cancellationToken).WithDeadline(DateTime.UtcNow + limit);
}
