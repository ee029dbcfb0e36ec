using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pennypost.Credits.V1;
using Pennypost.Delivery.Messages;
using Pennypost.Dispatcher.Accounts;
using Pennypost.Dispatcher.Messages;
using Pennypost.Errors.V1;
using Pennypost.Hosting;
using Wire = Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Work;

/// <summary>
/// Tells credits and the account of sends that were made by hand, and credits of replies to them: again and again until each answered. All of it is idempotent on the send's id.
/// </summary>
internal sealed class ObservedSends(CreditsService.CreditsServiceClient credits, SenderAccounts accounts, CreditPools pools, Prospects prospects, ILogger<ObservedSends> logger)
{
    public async Task TellAsync(string tenant, string prospectId, CancellationToken ct)
    {
        var observed = (await prospects.FindAsync(tenant, prospectId, ct)).Observed;
        try
        {
            foreach (var send in observed)
            {
                if (!send.Booked)
                    await BookAsync(tenant, send, ct);
                if (send.ReplyTime is { } replyTime)
                    await RefundAsync(tenant, send, replyTime, ct);
                await prospects.ObservedToldAsync(tenant, prospectId, send, ct);
            }
        }
        catch (RpcException unanswered) when (!ct.IsCancellationRequested)
        {
            logger.ObservedNotTold(tenant, prospectId, observed.Count, unanswered.StatusCode.ToString());
            await prospects.PostponeObservedAsync(tenant, prospectId, ct);
            return;
        }

        if (observed.IsEmpty)
            await prospects.PostponeObservedAsync(tenant, prospectId, ct);
    }

    private async Task BookAsync(string tenant, ObservedSend send, CancellationToken ct)
    {
        if (send.PoolId.Length > 0)
        {
            try
            {
                var answer = await credits.ImportSendsAsync(new ImportSendsRequest
                {
                    PoolId = send.PoolId,
                    Sends = { new Wire.ImportedSend { HoldId = send.Id, AccountId = send.AccountId, SendTime = Timestamp.FromDateTimeOffset(send.Time) } },
                }, OnBehalf.Of(tenant, ct));
                if (answer.Results is [{ ReusedField.Length: > 0 } reused])
                    logger.ObservedReused(tenant, send.Id, send.PoolId, reused.ReusedField);
            }
            catch (RpcException refused) when (RpcFault.From(refused).ErrorReason is ErrorReason.PoolNotFound)
            {
                // The tenant keeps no books of this pool.
            }
            catch (RpcException refused) when (RpcFault.From(refused).ErrorReason is ErrorReason.InvalidRequest)
            {
                // No send can have been at the time that the provider told. The next look at the balance puts the books right; what stands behind it is not held up for good.
                logger.ObservedRefused(tenant, send.Id, send.PoolId, send.Time);
            }

            pools.Forget(tenant, send.PoolId);
        }

        await accounts.ObserveAsync(tenant, send.AccountId, send.Id, send.Channel, send.Time, ct);
    }

    private async Task RefundAsync(string tenant, ObservedSend send, DateTimeOffset replyTime, CancellationToken ct)
    {
        try
        {
            await credits.RefundHoldAsync(new RefundHoldRequest
            {
                PoolId = send.PoolId,
                HoldId = send.Id,
                ReplyTime = Timestamp.FromDateTimeOffset(replyTime),
                Trigger = Wire.RefundTrigger.Reply,
            }, OnBehalf.Of(tenant, ct));
        }
        catch (RpcException refused) when (RpcFault.From(refused).ErrorReason is ErrorReason.PoolNotFound or ErrorReason.HoldNotFound or ErrorReason.InvalidRequest)
        {
            // Credits has answered, and will not answer otherwise.
        }

        pools.Forget(tenant, send.PoolId);
    }
}
