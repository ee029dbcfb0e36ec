using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pennypost.Credits.V1;
using Pennypost.Delivery.Accounts;
using Pennypost.Delivery.Messages;
using Pennypost.Dispatcher.Accounts;
using Pennypost.Dispatcher.Messages;
using Pennypost.Errors.V1;
using Pennypost.Hosting;
using Wire = Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Work;

/// <summary>
/// Tells credits and the account what became of an attempt, and credits of a reply: again and again until each answered. All of it is idempotent, so nobody needs to know how far it came the last time.
/// </summary>
internal sealed class Settlement(
    CreditsService.CreditsServiceClient credits, SenderAccounts accounts, CreditPools pools, PoolLooks looks, Demands demands, Prospects prospects, Lookups lookups, Identifiers identifiers, CrashPoint crash, ILogger<Settlement> logger)
{
    /// <summary>Everything that the message owes. False if somebody did not answer; then it is due again later.</summary>
    public async Task<bool> SettleAsync(MessageInHand at, AccountSignal? signal, CancellationToken ct)
    {
        var message = at.Message;
        try
        {
            foreach (var attempt in message.Attempts)
                if (attempt is { IsOver: true, Settled: false })
                    await AttemptAsync(at, attempt, signal, ct);
            if (message.Refund is { } refund && message.AttemptOf(refund.Attempt) is { } paid)
                await RefundAsync(at, paid, refund, ct);
            if (Obligations.LeavesDemand(message))
            {
                await demands.LeaveAsync(at.Tenant, message.DemandPool, message.Id, message.SpentFrom(message.DemandPool), ct);
                await prospects.LeftDemandAsync(at, ct);
            }

            return true;
        }
        catch (RpcException unanswered) when (!ct.IsCancellationRequested)
        {
            logger.NotSettled(at.Tenant, message.Id, message.Attempts.Count, "credits", unanswered.StatusCode.ToString());
            await prospects.PostponeAsync(at, ct);
            return false;
        }
    }

    /// <summary>A permit or a credit was taken for an attempt that was closed, unsent, and perhaps settled, before that: it is settled once more.</summary>
    public async Task GiveBackAsync(MessageInHand at, Attempt attempt, CancellationToken ct)
    {
        try
        {
            await AttemptAsync(at, attempt, null, ct);
        }
        catch (RpcException unanswered) when (!ct.IsCancellationRequested)
        {
            logger.NotSettled(at.Tenant, at.Message.Id, attempt.Number, "credits", unanswered.StatusCode.ToString());
            await prospects.OweSettlingAsync(at, attempt.Number, ct);
        }
    }

    private async Task AttemptAsync(MessageInHand at, Attempt attempt, AccountSignal? signal, CancellationToken ct)
    {
        var sent = attempt.State == AttemptState.Sent;
        if (attempt.CostsCredit)
            await HoldAsync(at, attempt, sent, ct);
        crash.Reach(CrashPoints.AfterCapture);
        // Before the account's permit is closed: whoever sees no permit open may then take a thread that nobody knows for one that was opened by hand.
        if (sent && attempt.ChatId.Length > 0)
            await lookups.KeepAsync(at.Tenant, identifiers.Chat(at.Tenant, attempt.AccountId, attempt.ChatId), at.ProspectId, ct);
        await accounts.SettleAsync(at.Tenant, new SettleRequest
        {
            AccountId = attempt.AccountId,
            MessageId = at.Message.Id,
            Attempt = attempt.Number,
            Channel = attempt.Channel,
            Result = sent ? SendResult.Sent : SendResult.NotSent,
            SendTime = sent ? attempt.IntentTime ?? attempt.EndTime : null,
            Signal = signal,
        }, ct);
        crash.Reach(CrashPoints.AfterAccountSettled);
        await prospects.SettledAsync(at, attempt.Number, ct);
    }

    private async Task HoldAsync(MessageInHand at, Attempt attempt, bool sent, CancellationToken ct)
    {
        var holdId = attempt.HoldId(at.Message.Id);
        try
        {
            if (sent)
            {
                var sendTime = Timestamp.FromDateTimeOffset(attempt.IntentTime ?? attempt.EndTime ?? at.Now);
                await credits.CaptureHoldAsync(new CaptureHoldRequest { PoolId = attempt.PoolId, HoldId = holdId, SendTime = sendTime }, OnBehalf.Of(at.Tenant, ct));
            }
            else
            {
                await credits.ReleaseHoldAsync(new ReleaseHoldRequest { PoolId = attempt.PoolId, HoldId = holdId }, OnBehalf.Of(at.Tenant, ct));
            }
        }
        catch (RpcException refused) when (RpcFault.From(refused).ErrorReason is ErrorReason.PoolNotFound or ErrorReason.HoldNotFound or ErrorReason.HoldSettled)
        {
            // Credits has answered, and will not answer otherwise.
            logger.HoldUnknown(at.Tenant, at.Message.Id, holdId, attempt.PoolId, sent ? "capture" : "release");
        }

        pools.Forget(at.Tenant, attempt.PoolId);
        // No event tells of a single credit that is spent.
        if (sent)
            await looks.LookAsync(at.Tenant, attempt.PoolId, ct);
    }

    private async Task RefundAsync(MessageInHand at, Attempt paid, OwedRefund refund, CancellationToken ct)
    {
        var cameBack = false;
        try
        {
            var answer = await credits.RefundHoldAsync(new RefundHoldRequest
            {
                PoolId = paid.PoolId,
                HoldId = paid.HoldId(at.Message.Id),
                ReplyTime = Timestamp.FromDateTimeOffset(refund.ReplyTime),
                Trigger = Wire.RefundTrigger.Reply,
            }, OnBehalf.Of(at.Tenant, ct));
            // The second: it came back the first time, and we did not hear of it.
            cameBack = answer.Result is RefundResult.Refunded or RefundResult.AlreadyRefunded;
        }
        catch (RpcException refused) when (RpcFault.From(refused).ErrorReason is ErrorReason.PoolNotFound or ErrorReason.HoldNotFound)
        {
            logger.HoldUnknown(at.Tenant, at.Message.Id, paid.HoldId(at.Message.Id), paid.PoolId, "refund");
        }

        crash.Reach(CrashPoints.AfterRefund);
        pools.Forget(at.Tenant, paid.PoolId);
        await prospects.RefundedAsync(at, cameBack, ct);
    }
}
