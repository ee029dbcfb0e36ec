using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Pennypost.Errors.V1;
using RpcStatus = Google.Rpc.Status;

namespace Pennypost.Hosting;

/// <summary>One thing wrong with a request.</summary>
/// <param name="Field">Where, as a path in proto names: <c>message.content.subject</c>, <c>account_ids[3]</c>.</param>
/// <param name="Description">What must hold, and what was found; never a personal text.</param>
public sealed record Violation(string Field, string Description);

/// <summary>
/// A failure as callers see it: a code, one reason with its domain and metadata, and, by code, the violations or the time to wait.
/// On the wire it is a <c>google.rpc.Status</c> in the trailer <c>grpc-status-details-bin</c> with exactly one <c>ErrorInfo</c>.
/// </summary>
public sealed record RpcFault
{
    /// <summary>The trailer that carries the details.</summary>
    public const string DetailsTrailer = "grpc-status-details-bin";

    // gRPC implementations in C refuse trailers over 8 KiB; base64 takes a third of that, and other trailers want room too.
    private const int MaxDetailsBytes = 5_400;

    /// <summary>The gRPC status code.</summary>
    public required StatusCode Code { get; init; }

    /// <summary>The name of an <see cref="ErrorReason"/> without its prefix.</summary>
    public required string Reason { get; init; }

    /// <summary>The service that decided it, for example <c>credits.pennypost.dev</c>.</summary>
    public required string Domain { get; init; }

    /// <summary>One sentence for developers.</summary>
    public required string Message { get; init; }

    /// <summary>What the reason's comment in errors.proto lists.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>Every violation of an invalid request.</summary>
    public IReadOnlyList<Violation> Violations { get; init; } = [];

    /// <summary>When to try again, where that helps.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whose quota was used up; set with <c>RATE_LIMITED</c> and <c>QUEUE_FULL</c>.</summary>
    public string? QuotaSubject { get; init; }

    /// <summary>The reason as a value; unspecified for one that this build does not know.</summary>
    public ErrorReason ErrorReason => ErrorReasons.Parse(Reason);

    /// <summary>As <c>google.rpc.Status</c>. Violations that would not fit a trailer are counted in the last one.</summary>
    public RpcStatus ToStatus(int maxBytes = MaxDetailsBytes)
    {
        var status = new RpcStatus { Code = (int)Code, Message = Message };
        // Field 1 is named `reason` today; the package that can be had still has its first name. On the wire they are the same.
        var info = new ErrorInfo { Type = Reason, Domain = Domain };
        foreach (var (key, value) in Metadata) info.Metadata.Add(key, value);
        status.Details.Add(Any.Pack(info));
        if (RetryAfter is { } delay) status.Details.Add(Any.Pack(new RetryInfo { RetryDelay = Duration.FromTimeSpan(delay) }));
        if (QuotaSubject is { } subject)
        {
            var quota = new QuotaFailure();
            quota.Violations.Add(new QuotaFailure.Types.Violation { Subject = subject, Description = Message });
            status.Details.Add(Any.Pack(quota));
        }
        if (Violations.Count > 0) status.Details.Add(Any.Pack(Bounded(Violations, maxBytes - status.CalculateSize() - 64)));
        return status;
    }

    /// <summary>As the exception that carries it to the wire.</summary>
    public RpcException ToException() => new Carrier(this, new Metadata { { DetailsTrailer, ToStatus().ToByteArray() } });

    /// <summary>Reads a failed call. One without details (a broken connection, a foreign server) gets the reason that its code stands for.</summary>
    public static RpcFault From(RpcException exception) =>
        exception is Carrier carrier ? carrier.Fault : Details(exception) is { } fault ? fault : WithoutDetails(Retries.CodeOf(exception), exception.Status.Detail);

    /// <summary>Whether the exception carries a reason; a broken connection does not.</summary>
    public static bool HasDetails(RpcException exception) => Details(exception) is not null;

    /// <summary>Reads a <c>google.rpc.Status</c>; null if it names no reason.</summary>
    public static RpcFault? From(RpcStatus status)
    {
        ErrorInfo? info = null;
        var violations = new List<Violation>();
        TimeSpan? retryAfter = null;
        string? subject = null;
        foreach (var detail in status.Details)
        {
            if (detail.Is(ErrorInfo.Descriptor)) info = detail.Unpack<ErrorInfo>();
            else if (detail.Is(RetryInfo.Descriptor)) retryAfter = detail.Unpack<RetryInfo>().RetryDelay?.ToTimeSpan();
            else if (detail.Is(QuotaFailure.Descriptor)) subject = detail.Unpack<QuotaFailure>().Violations.FirstOrDefault()?.Subject;
            else if (detail.Is(BadRequest.Descriptor))
                violations.AddRange(detail.Unpack<BadRequest>().FieldViolations.Select(v => new Violation(v.Field, v.Description)));
        }
        if (info is null) return null;
        return new RpcFault
        {
            Code = (StatusCode)status.Code,
            Reason = info.Type,
            Domain = info.Domain,
            Message = status.Message,
            Metadata = new Dictionary<string, string>(info.Metadata),
            Violations = violations,
            RetryAfter = retryAfter,
            QuotaSubject = subject,
        };
    }

    /// <summary>What a bare status code means when nobody said more.</summary>
    public static RpcFault WithoutDetails(StatusCode code, string message, string domain = "pennypost.dev") => new()
    {
        Code = code,
        Domain = domain,
        Message = message,
        Reason = (code switch
        {
            StatusCode.InvalidArgument or StatusCode.OutOfRange => ErrorReason.InvalidRequest,
            StatusCode.Unauthenticated => ErrorReason.CredentialInvalid,
            StatusCode.PermissionDenied => ErrorReason.ScopeMissing,
            StatusCode.ResourceExhausted => ErrorReason.RequestTooLarge,
            StatusCode.Unavailable => ErrorReason.DependencyUnavailable,
            StatusCode.Aborted => ErrorReason.LostRace,
            StatusCode.DeadlineExceeded => ErrorReason.DeadlineExceeded,
            StatusCode.Cancelled => ErrorReason.Cancelled,
            StatusCode.Unimplemented => ErrorReason.MethodNotFound,
            _ => ErrorReason.Internal,
        }).Name(),
    };

    // Inside the process nothing needs to fit a trailer: REST names every violation.
    private sealed class Carrier(RpcFault fault, Metadata trailers) : RpcException(new Grpc.Core.Status(fault.Code, fault.Message), trailers)
    {
        public RpcFault Fault { get; } = fault;
    }

    private static RpcFault? Details(RpcException exception)
    {
        if (exception.Trailers.GetValueBytes(DetailsTrailer) is not { } bytes) return null;
        try
        {
            return From(RpcStatus.Parser.ParseFrom(bytes));
        }
        catch (InvalidProtocolBufferException)
        {
            // A foreign server may put anything there; the code still says something.
            return null;
        }
    }

    private static BadRequest Bounded(IReadOnlyList<Violation> violations, int maxBytes)
    {
        var request = new BadRequest();
        var bytes = 0;
        foreach (var violation in violations)
        {
            var field = new BadRequest.Types.FieldViolation { Field = violation.Field, Description = violation.Description };
            bytes += field.CalculateSize() + 4;
            if (bytes > maxBytes)
            {
                var left = violations.Count - request.FieldViolations.Count;
                request.FieldViolations.Add(new BadRequest.Types.FieldViolation { Field = "*", Description = $"and {left} more violations, which do not fit an error" });
                break;
            }
            request.FieldViolations.Add(field);
        }
        return request;
    }
}
