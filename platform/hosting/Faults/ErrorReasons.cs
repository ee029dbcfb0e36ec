using System.Collections.Frozen;
using Grpc.Core;
using Pennypost.Errors.V1;

namespace Pennypost.Hosting;

/// <summary>What each <see cref="ErrorReason"/> is on the wire: its name without the enum's prefix, and its one status code.</summary>
public static class ErrorReasons
{
    private const string Prefix = "ERROR_REASON_";

    private static readonly FrozenDictionary<ErrorReason, string> Names = ErrorsReflection.Descriptor.EnumTypes
        .Single(type => type.Name == nameof(ErrorReason)).Values
        .ToFrozenDictionary(value => (ErrorReason)value.Number, value => value.Name[Prefix.Length..]);

    private static readonly FrozenDictionary<string, ErrorReason> Values = Names.ToFrozenDictionary(name => name.Value, name => name.Key);

    /// <summary>The name in <c>ErrorInfo.reason</c>, for example <c>INSUFFICIENT_CREDITS</c>.</summary>
    public static string Name(this ErrorReason reason) => Names[reason];

    /// <summary>The reason behind a name on the wire; unspecified for one that this build does not know.</summary>
    public static ErrorReason Parse(string name) => Values.GetValueOrDefault(name);

    /// <summary>The status code that a reason always comes with (the table stands in errors.proto, one comment per reason).</summary>
    public static StatusCode Code(this ErrorReason reason) => reason switch
    {
        ErrorReason.InvalidRequest or ErrorReason.ImportInvalid => StatusCode.InvalidArgument,
        ErrorReason.CredentialInvalid or ErrorReason.WebhookSecretInvalid => StatusCode.Unauthenticated,
        ErrorReason.ScopeMissing or ErrorReason.TenantSuspended => StatusCode.PermissionDenied,
        ErrorReason.RateLimited or ErrorReason.DailyQuotaUsedUp or ErrorReason.QueueFull or ErrorReason.RequestTooLarge => StatusCode.ResourceExhausted,
        ErrorReason.DependencyUnavailable or ErrorReason.ClockSkewed or ErrorReason.ProviderUnavailable => StatusCode.Unavailable,
        ErrorReason.LostRace => StatusCode.Aborted,
        ErrorReason.DeadlineExceeded => StatusCode.DeadlineExceeded,
        ErrorReason.Cancelled => StatusCode.Cancelled,
        ErrorReason.MethodNotFound => StatusCode.Unimplemented,
        ErrorReason.PoolNotFound or ErrorReason.PoolNotYetCreated or ErrorReason.HoldNotFound or ErrorReason.LotNotFound or ErrorReason.MessageNotFound or ErrorReason.AccountNotFound or ErrorReason.PolicyNotFound
            or ErrorReason.ConnectionNotFound or ErrorReason.KeyNotFound or ErrorReason.TenantNotFound or ErrorReason.WebhookNotFound => StatusCode.NotFound,
        ErrorReason.PoolIdReused or ErrorReason.HoldIdReused or ErrorReason.CommandIdReused or ErrorReason.MessageIdReused
            or ErrorReason.AccountTaken => StatusCode.AlreadyExists,
        ErrorReason.StoreRewound or ErrorReason.InsufficientCredits or ErrorReason.CreditsHeld or ErrorReason.HoldIdRefused
            or ErrorReason.JournalDamaged or ErrorReason.WatchPositionLost or ErrorReason.JournalTrimmed or ErrorReason.TrimRefused or ErrorReason.HoldSettled or ErrorReason.TopUpNotAllowed or ErrorReason.PoolFull or ErrorReason.CreditsReserved or ErrorReason.SeatLimitReached
            or ErrorReason.BudgetUsedUp or ErrorReason.PlanCancelled or ErrorReason.ProductDiffers or ErrorReason.MessageNotCancellable or ErrorReason.MessageNotInDoubt or ErrorReason.NoSender or ErrorReason.KeyNotValid
            => StatusCode.FailedPrecondition,
        _ => StatusCode.Internal,
    };
}
