using Grpc.Core;
using Pennypost.Errors.V1;
using Pennypost.Hosting;

namespace Pennypost.Dispatcher;

/// <summary>Every refusal that this host can answer, one method each. Reasons and their metadata stand in errors.proto.</summary>
internal sealed class Errors(FaultDomain faults)
{
    /// <summary>Whether it is a refusal of this service's own, decided before anything is changed. A peer's may come half-way, and after any other failure nobody knows how far it came.</summary>
    public bool ChangedNothing(RpcException refused) =>
        RpcFault.From(refused) is { Code: StatusCode.InvalidArgument or StatusCode.NotFound or StatusCode.AlreadyExists or StatusCode.FailedPrecondition or StatusCode.Aborted } fault && fault.Domain == faults.Name;

    public RpcException Invalid(Violations violations) => faults.Invalid(violations);

    public RpcException MessageNotFound(string messageId) =>
        faults.Refuse(ErrorReason.MessageNotFound, "There is no such message.", ("message_id", messageId));

    public RpcException MessageIdReused(string messageId, string field) =>
        faults.Refuse(ErrorReason.MessageIdReused, $"The message id was used before with another {field}.", ("message_id", messageId), ("field", field));

    public RpcException MessageNotCancellable(string messageId, Types.V1.MessageState state) =>
        faults.Refuse(ErrorReason.MessageNotCancellable, "The message's send may have begun, or it ended before.", ("message_id", messageId), ("state", state.ToString()));

    public RpcException MessageNotInDoubt(string messageId, int attempt, Types.V1.MessageState state) =>
        faults.Refuse(ErrorReason.MessageNotInDoubt, "The attempt is not in doubt, or not for long enough.",
            ("message_id", messageId), ("attempt", attempt.ToString(System.Globalization.CultureInfo.InvariantCulture)), ("state", state.ToString()));

    public RpcException AccountNotFound(string accountId) =>
        faults.Refuse(ErrorReason.AccountNotFound, "There is no such account.", ("account_id", accountId));

    public RpcException AccountTaken(string accountId) =>
        faults.Refuse(ErrorReason.AccountTaken, "The provider account is connected by another tenant of this installation.", ("account_id", accountId));

    public RpcException LostRace() =>
        faults.Refuse(ErrorReason.LostRace, "The settings were changed meanwhile: read them again, and send the change with the etag that they have now.");

    public RpcException NoSender() =>
        faults.Refuse(ErrorReason.NoSender, "The tenant has no account that could send, and the request names none.");

    public RpcException ConnectionNotFound(string connectionId) =>
        faults.Refuse(ErrorReason.ConnectionNotFound, "There is no such connection.", ("connection_id", connectionId));

    public RpcException PolicyNotFound(string name) =>
        faults.Refuse(ErrorReason.PolicyNotFound, "There is no such routing policy.", ("name", name));

    public RpcException WebhookSecretInvalid() =>
        faults.Refuse(ErrorReason.WebhookSecretInvalid, "The webhook's secret is missing or wrong.");

    public RpcException ProviderUnavailable(string type) =>
        faults.RetryAfter(ErrorReason.ProviderUnavailable, "The provider does not answer a look-up.", TimeSpan.FromSeconds(5), ("provider_type", type));

    public RpcException TooManyOpenMessages(int limit) =>
        faults.QuotaUsedUp(ErrorReason.QueueFull, $"The prospect has {limit} messages under way, the most that are kept.", "prospect", TimeSpan.FromMinutes(10));
}
