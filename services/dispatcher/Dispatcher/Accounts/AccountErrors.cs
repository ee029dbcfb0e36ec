using Grpc.Core;
using Pennypost.Errors.V1;
using Pennypost.Hosting;

namespace Pennypost.Dispatcher.Accounts;

/// <summary>The refusals that calls about accounts and connections can answer, one method per reason.</summary>
internal static class AccountErrors
{
    public static RpcException AccountNotFound(this FaultDomain faults, string accountId) =>
        faults.Refuse(ErrorReason.AccountNotFound, "There is no such account.", ("account_id", accountId));

    public static RpcException AccountTaken(this FaultDomain faults, string accountId) =>
        faults.Refuse(ErrorReason.AccountTaken, "The provider account is connected by another tenant of this installation.", ("account_id", accountId));

    public static RpcException ConnectionNotFound(this FaultDomain faults, string connectionId) =>
        faults.Refuse(ErrorReason.ConnectionNotFound, "There is no such connection.", ("connection_id", connectionId));

    public static RpcException LostRace(this FaultDomain faults) =>
        faults.Refuse(ErrorReason.LostRace, "The settings were changed meanwhile: read them again, and send the change with the etag that they have now.");
}
