using Grpc.Core;
using Pennypost.Errors.V1;

namespace Pennypost.Hosting;

/// <summary>
/// Makes the errors of one service, each with the one code that its reason stands for. A host keeps one in its <c>Errors.cs</c>,
/// with one method per reason that it can answer.
/// </summary>
/// <param name="service">The service's short name: <c>credits</c> gives the domain <c>credits.pennypost.dev</c>.</param>
public sealed class FaultDomain(string service)
{
    /// <summary>The domain in every <c>ErrorInfo</c>.</summary>
    public string Name { get; } = $"{service}.pennypost.dev";

    /// <summary>A refusal with its reason and the metadata that the reason's comment lists.</summary>
    public RpcException Refuse(ErrorReason reason, string message, params ReadOnlySpan<(string Key, string Value)> metadata) =>
        Fault(reason, message, metadata).ToException();

    /// <summary>A refusal that says when to try again.</summary>
    public RpcException RetryAfter(ErrorReason reason, string message, TimeSpan delay, params ReadOnlySpan<(string Key, string Value)> metadata) =>
        (Fault(reason, message, metadata) with { RetryAfter = delay }).ToException();

    /// <summary>RESOURCE_EXHAUSTED: somebody's quota is used up. <paramref name="subject"/> says whose, for example <c>tenant:acme</c>.</summary>
    public RpcException QuotaUsedUp(ErrorReason reason, string message, string subject, TimeSpan delay, params ReadOnlySpan<(string Key, string Value)> metadata) =>
        (Fault(reason, message, metadata) with { RetryAfter = delay, QuotaSubject = subject }).ToException();

    /// <summary>INVALID_ARGUMENT that names every violation at once.</summary>
    public RpcException Invalid(Violations violations, ErrorReason reason = ErrorReason.InvalidRequest) =>
        (Fault(reason, violations.Count == 1 ? "The request has 1 violation; nothing was changed." : $"The request has {violations.Count} violations; nothing was changed.",
            ("violations", violations.Count.ToString(System.Globalization.CultureInfo.InvariantCulture))) with
        { Violations = violations.All }).ToException();

    /// <summary>UNAVAILABLE: a dependency does not answer; the same request may be sent again with the same ids.</summary>
    public RpcException Unavailable(string dependency, TimeSpan? retryAfter = null) =>
        RetryAfter(ErrorReason.DependencyUnavailable, $"{dependency} does not answer; send the same request again.", retryAfter ?? TimeSpan.FromSeconds(1), ("dependency", dependency));

    /// <summary>RESOURCE_EXHAUSTED: a request is larger than the host reads.</summary>
    internal RpcFault RequestTooLarge(int limitBytes) =>
        Fault(ErrorReason.RequestTooLarge, "The request is larger than the service reads.", ("limit_bytes", limitBytes.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    /// <summary>INVALID_ARGUMENT: the bytes of a request are no message of its type.</summary>
    internal RpcFault NotTheRequestType()
    {
        var violations = new Violations();
        violations.Add("*", "is not a message of the method's request type");
        return RpcFault.From(Invalid(violations));
    }

    /// <summary>The fault itself, for those who write it elsewhere than into a trailer.</summary>
    public RpcFault Fault(ErrorReason reason, string message, params ReadOnlySpan<(string Key, string Value)> metadata)
    {
        var entries = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in metadata) entries[key] = value;
        return new RpcFault { Code = reason.Code(), Reason = reason.Name(), Domain = Name, Message = message, Metadata = entries };
    }
}
