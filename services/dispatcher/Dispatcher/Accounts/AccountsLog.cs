using Grpc.Core;
using Pennypost.Delivery.Accounts;

namespace Pennypost.Dispatcher.Accounts;

/// <summary>What is said of accounts, beside the breaker's own lines.</summary>
internal static partial class AccountsLog
{
    [LoggerMessage(30, LogLevel.Warning, "Pool {PoolId}: its renewal is unknown, the credits service does not answer; the balance is read again within a day.")]
    public static partial void PoolUnknown(ILogger logger, string poolId);

    [LoggerMessage(31, LogLevel.Warning, "Pool {PoolId} was not told the provider's balance ({Status}); the next read tells it.")]
    public static partial void NotReconciled(ILogger logger, string poolId, StatusCode status);

    [LoggerMessage(32, LogLevel.Information, "Account {AccountId}: the provider says {State}.")]
    public static partial void StateSeen(ILogger logger, string accountId, AccountState state);

    [LoggerMessage(33, LogLevel.Warning, "No key ring is configured (Dispatcher:KeyRingPath): connections' secrets are kept as they are, as safe as the store.")]
    public static partial void SecretsPlain(ILogger logger);

    [LoggerMessage(34, LogLevel.Warning, "Account {AccountId}: {Pending} invitations wait for an answer and {Ceiling} may: it sends none until there is room.")]
    public static partial void CeilingReached(ILogger logger, string accountId, int pending, int ceiling);

    [LoggerMessage(35, LogLevel.Information, "Account {AccountId}: invitation {InvitationId} of {SendTime} is withdrawn: {Outcome}.")]
    public static partial void Withdrawn(ILogger logger, string accountId, string invitationId, DateTimeOffset? sendTime, string outcome);

    [LoggerMessage(36, LogLevel.Warning, "Pool {PoolId} was not looked at for alerts: the credits service answered {Code}; the next look is when something happens to it.")]
    public static partial void NotLookedAt(ILogger logger, string poolId, Grpc.Core.StatusCode code);
}
