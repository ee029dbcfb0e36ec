using Grpc.Core;
using Microsoft.Extensions.Logging;
using Pennypost.Errors.V1;

namespace Pennypost.Hosting;

/// <summary>Turns a host's own exceptions (a store that is busy, a clock that is off) into answers.</summary>
/// <param name="Answer">The answer, or null if the exception is not one of these.</param>
public sealed record ExceptionMapping(Func<Exception, FaultDomain, RpcException?> Answer);

/// <summary>
/// What an exception is answered with: one that carries a reason as it is, the host's own as they were mapped, a peer that is away with UNAVAILABLE, and what nobody
/// expected with INTERNAL, without inner text and logged once. For whole calls, and for the single commands of a stream.
/// </summary>
public sealed class ExceptionAnswers(FaultDomain faults, IEnumerable<ExceptionMapping> mappings, ILogger<ExceptionAnswers> log)
{
    private readonly ExceptionMapping[] mappings = [.. mappings];

    /// <summary>The answer.</summary>
    /// <param name="exception">What went wrong.</param>
    /// <param name="method">The call in which it did, for the log.</param>
    public RpcException Of(Exception exception, string method)
    {
        // Made anew: a peer's other trailers are its own business.
        if (IsAnswer(exception)) return RpcFault.From((RpcException)exception).ToException();
        foreach (var mapping in mappings)
            if (mapping.Answer(exception, faults) is { } answer) return answer;
        if (exception is RpcException failure && Retries.CodeOf(failure) is StatusCode.Unavailable or StatusCode.DeadlineExceeded) return faults.Unavailable("a peer");
        log.Unexpected(exception, method);
        return faults.Refuse(ErrorReason.Internal, "Something went wrong inside Pennypost; report it with the time of the call.");
    }

    /// <summary>Whether it is an answer already.</summary>
    internal bool IsAnswer(Exception exception) => exception is RpcException own && RpcFault.HasDetails(own) && !IsOurCredentialRefused(own);

    // A peer that refuses our own service token is a fault of this installation, not of our caller.
    private bool IsOurCredentialRefused(RpcException exception) =>
        exception.StatusCode == StatusCode.Unauthenticated && RpcFault.From(exception) is { ErrorReason: ErrorReason.CredentialInvalid } fault && fault.Domain != faults.Name;
}
