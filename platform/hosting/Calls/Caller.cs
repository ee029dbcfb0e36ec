using System.Collections.Frozen;
using Grpc.Core;

namespace Pennypost.Hosting;

/// <summary>What kind of credential a call came with.</summary>
public enum CallerKind
{
    /// <summary>Another Pennypost service, by its service token; it says for which tenant it asks.</summary>
    Service,

    /// <summary>A tenant, by one of its API keys.</summary>
    ApiKey,
}

/// <summary>Who calls. Tenancy comes from here and from nowhere else.</summary>
/// <param name="Tenant">The tenant; an id.</param>
/// <param name="Kind">By what kind of credential.</param>
/// <param name="KeyId">The public id of the API key; of a service that of the key it asks for, empty for what it does by itself.</param>
/// <param name="Scopes">What the key may do; empty for a service, which may do everything.</param>
public sealed record Caller(string Tenant, CallerKind Kind, string KeyId, FrozenSet<string> Scopes)
{
    /// <summary>A Pennypost service that asks for a tenant.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="keyId">The API key that it asks for; empty for what it does by itself.</param>
    public static Caller Service(string tenant, string keyId = "") => new(tenant, CallerKind.Service, keyId, []);
}

/// <summary>Reads the caller of a call.</summary>
public static class CallerOfACall
{
    /// <summary>The authenticated caller. Only health and reflection have none, and they do not ask.</summary>
    public static Caller Caller(this ServerCallContext context) =>
        context.UserState.TryGetValue(typeof(Caller), out var caller)
            ? (Caller)caller
            : throw new InvalidOperationException($"{context.Method} was reached without authentication.");
}

/// <summary>How a host tells who calls.</summary>
public interface ICallAuthenticator
{
    /// <summary>Decides from the request's headers whether the method may be called, and by whom.</summary>
    ValueTask<Authentication> AuthenticateAsync(Metadata headers, string method, CancellationToken cancellationToken);
}

/// <summary>The answer of an authenticator.</summary>
public abstract record Authentication
{
    private Authentication() { }

    /// <summary>The credential is good.</summary>
    public sealed record Accepted(Caller Caller) : Authentication;

    /// <summary>It is not, or not good for this; the fault goes to the caller.</summary>
    public sealed record Refused(RpcFault Fault) : Authentication;
}
