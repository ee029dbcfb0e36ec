using Grpc.Core;
using Pennypost.Credits.V1;
using Pennypost.Delivery;
using Pennypost.Delivery.Accounts;
using Pennypost.Delivery.Messages;
using Pennypost.Dispatcher.Accounts;
using Pennypost.Dispatcher.Adapters;
using Pennypost.Dispatcher.Messages;
using Pennypost.Dispatcher.Policies;
using Pennypost.Dispatcher.Provider;
using Pennypost.Errors.V1;
using Pennypost.Hosting;

namespace Pennypost.Dispatcher.Work;

/// <summary>What running an attempt came to.</summary>
internal abstract record AttemptResult
{
    private AttemptResult() { }

    /// <summary>The message needs nothing more from this worker: it was sent, ended, is in doubt, or is somebody else's.</summary>
    public sealed record Done : AttemptResult;

    /// <summary>Nothing was sent, and the message is ready for what comes next.</summary>
    /// <param name="Reason">Why.</param>
    /// <param name="WaitUntil">When this candidate may pass; null if nobody can tell.</param>
    /// <param name="Effect">What follows.</param>
    /// <param name="RouteAgain">Whether something was learned that the router should know.</param>
    public sealed record NotSent(Reason Reason, DateTimeOffset? WaitUntil, RefusalEffect Effect, bool RouteAgain) : AttemptResult;
}

/// <summary>Takes one open attempt through permit, hold, intent, call, outcome and settling. A resumed attempt goes the same way under the same ids.</summary>
internal sealed class AttemptRun(
    SenderAccounts accounts,
    CreditErrors creditErrors,
    ChannelAdapters adapters,
    CreditsService.CreditsServiceClient credits,
    CreditPools pools,
    TenantPolicies policies,
    Demands demands,
    Prospects prospects,
    Identifiers identifiers,
    Settlement settlement,
    Verification verification,
    AccountTurns turns,
    GateMeter gates,
    ProviderMeter provider,
    CrashPoint crash,
    ILogger<AttemptRun> logger)
{
    /// <summary>Longer than a call of the provider usually takes; after it the account's lease answers.</summary>
    private static readonly TimeSpan _turnLimit = TimeSpan.FromSeconds(20);

    /// <summary>Times, and how far apart: together about as long as a call of the provider usually takes.</summary>
    private const int AsksWhileWritten = 40;

    private static readonly TimeSpan _askAgain = TimeSpan.FromMilliseconds(50);

    /// <summary>When a hold was refused because others hold the credits, they are usually free again after a call.</summary>
    private static readonly TimeSpan _heldWait = TimeSpan.FromMinutes(1);

    /// <summary>When what the policy keeps is looked at again: as the router does.</summary>
    private static readonly TimeSpan _keptWait = TimeSpan.FromHours(6);

    private static readonly TimeSpan _dependencyWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _unavailableWait = TimeSpan.FromMinutes(1);

    public async Task<AttemptResult> RunAsync(MessageInHand at, Attempt attempt, bool resumed, CancellationToken ct)
    {
        using var span = Traces.Attempt(attempt, resumed);
        return await TakeAsync(at, attempt, resumed, ct);
    }

    private async Task<AttemptResult> TakeAsync(MessageInHand at, Attempt attempt, bool resumed, CancellationToken ct)
    {
        crash.Reach(CrashPoints.AfterOpen);
        using var turn = await turns.TakeAsync(at.Tenant, attempt.AccountId, _turnLimit, ct);
        var permit = await AskAsync(at, attempt, inTurn: turn is not null, ct);
        switch (permit)
        {
            case PermitOutcome.Refused refused:
                gates.Refused(GateMeter.Account, refused.Reason);
                // A resumed attempt may have been granted its permit, and its hold, by the worker before: those are given back.
                return await CloseAsync(at, attempt, refused.Reason, refused.WaitUntil, RefusalEffects.Of(refused.Effect), settled: !resumed, ct);
            case PermitOutcome.UnknownAccount:
                gates.Refused(GateMeter.Account, Reason.AccountDisconnected);
                return await CloseAsync(at, attempt, Reason.AccountDisconnected, null, RefusalEffect.NextCandidate, settled: !resumed, ct);
            case PermitOutcome.AlreadySettled:
                return await CloseAsync(at, attempt, Reason.WriteInProgress, at.Now, RefusalEffect.Wait, settled: false, ct);
        }

        crash.Reach(CrashPoints.AfterPermit);
        if (attempt.CostsCredit && await HoldAsync(at, attempt, ct) is { } unheld)
            return unheld;
        crash.Reach(CrashPoints.AfterHold);
        if (await accounts.FindAsync(at.Tenant, attempt.AccountId, ct) is not { Account: { } account }
            || await adapters.Of(attempt.Channel).PrepareAsync(at, attempt, account, ct) is not { } write)
            return await CloseAsync(at, attempt, attempt.Channel == Channel.Email ? Reason.NoMailbox : Reason.AccountDisconnected, null, RefusalEffect.NextCandidate, settled: false, ct);

        switch (await prospects.IntendAsync(at, attempt.Number, ct))
        {
            case IntendAnswer.Intended intended:
                crash.Reach(CrashPoints.AfterIntent);
                return await CallAsync(at, intended.Attempt, write, ((PermitOutcome.Granted)permit).SendBy);
            case IntendAnswer.Stopped:
                await SettleAsync(at, null, ct);
                return new AttemptResult.Done();
            default:
                await GiveBackAsync(at, attempt, ct);
                return new AttemptResult.Done();
        }
    }

    /// <summary>Another worker closed the attempt before this one had its permit, and may have settled it before that as well: what was taken since is nobody else's to give back.</summary>
    private async Task GiveBackAsync(MessageInHand at, Attempt attempt, CancellationToken ct)
    {
        if (await prospects.FindAsync(at.Tenant, at.ProspectId, at.Message.Id, ct) is { } now && now.Message.AttemptOf(attempt.Number) is { State: AttemptState.NotSent } closed)
            await settlement.GiveBackAsync(now, closed, ct);
    }

    /// <summary>
    /// While another process writes for the account, whoever has its turn here asks again: those in line behind it wait with it, instead of each being refused, put off, and in each other's way when they come back.
    /// </summary>
    private async Task<PermitOutcome> AskAsync(MessageInHand at, Attempt attempt, bool inTurn, CancellationToken ct)
    {
        using var span = Traces.Step("permit");
        var request = new PermitRequest
        {
            AccountId = attempt.AccountId,
            MessageId = at.Message.Id,
            ProspectId = at.ProspectId,
            Attempt = attempt.Number,
            Channel = attempt.Channel,
            Priority = at.Message.Priority,
            CallLimit = adapters.Of(attempt.Channel).CallLimit,
            InboxReadSince = at.Prospect.InboxReadSince(attempt.AccountId, attempt.Channel, prospects.Rules, at.Now),
        };
        for (var tries = 1; ; tries++)
        {
            var permit = await accounts.PermitAsync(at.Tenant, request, ct);
            if (permit is not PermitOutcome.Refused { Reason: Reason.WriteInProgress } || !inTurn || tries == AsksWhileWritten)
                return permit;
            await Task.Delay(_askAgain * (0.5 + Random.Shared.NextDouble()), ct);
        }
    }

    /// <summary>From here on nothing is cancelled: what the provider answers is kept, whoever stopped waiting for it.</summary>
    private async Task<AttemptResult> CallAsync(MessageInHand at, Attempt attempt, Write write, long sendBy)
    {
        if (attempt.CostsCredit && (await demands.FindAsync(at.Tenant, attempt.PoolId, CancellationToken.None)).FoundEmptySince(attempt.OpenTime, at.Now) is { } emptyUntil)
        {
            // Another seat of the pool was just refused for want of credits: this call would be too. Nothing was sent.
            provider.Saved("pool_empty");
            return await CloseAsync(at, attempt, Reason.AccountInmailCreditsExhausted, emptyUntil, RefusalEffect.NextCandidate, settled: false, CancellationToken.None, beforeIntent: false);
        }

        var reply = await write(sendBy, CancellationToken.None);
        crash.Reach(CrashPoints.AfterCall);
        var outcome = Sends.Outcome(reply);
        DateTimeOffset? waitUntil = null;
        if (reply is ProviderReply.OutOfCredits outOfCredits)
            (outcome, waitUntil) = await ClassifyAsync(at, attempt, outOfCredits);
        Traces.Ended(outcome);
        var ownHash = outcome is SendOutcome.Sent { ProviderMessageId.Length: > 0 } sent ? identifiers.ProviderMessage(at.Tenant, attempt.AccountId, sent.ProviderMessageId) : null;
        await prospects.ConcludeAsync(at, attempt.Number, outcome, settled: false, ownHash, CancellationToken.None);
        crash.Reach(CrashPoints.AfterOutcome);
        if (outcome is SendOutcome.Unknown)
        {
            logger.SendUnknown(at.Tenant, at.Message.Id, attempt.Number, (reply as ProviderReply.Unknown)?.Why ?? "");
            await verification.FreeAsync(at, attempt, CancellationToken.None);
            return new AttemptResult.Done();
        }

        await SettleAsync(at, reply.Signal, CancellationToken.None);
        return outcome is SendOutcome.NotSent notSent
            ? new AttemptResult.NotSent(notSent.Reason, waitUntil ?? WaitAfter(at, reply, notSent.Reason), RefusalEffects.Of(notSent.Reason), notSent.ClosesChannel)
            : new AttemptResult.Done();
    }

    private static DateTimeOffset? WaitAfter(MessageInHand at, ProviderReply reply, Reason reason) => reply switch
    {
        ProviderReply.Limited limited => at.Now + (limited.RetryAfter ?? Signals.AfterRateLimit),
        ProviderReply.NotSent { RetryAfter: { } after } => at.Now + after,
        ProviderReply.MailboxRefused => at.Now + Signals.AfterMailboxRefused,
        ProviderReply.TooLate => at.Now + _dependencyWait,
        _ when reason == Reason.ProviderUnavailable => at.Now + _unavailableWait,
        _ => null,
    };

    /// <summary>Before the outcome and the settling: while the account's write is still taken, no other send of it can meet the same refusal.</summary>
    private async Task<(SendOutcome Outcome, DateTimeOffset? WaitUntil)> ClassifyAsync(MessageInHand at, Attempt attempt, ProviderReply.OutOfCredits reply)
    {
        // A free InMail that is refused for credits says nothing of the pool (the provider: free sends sometimes need a positive balance).
        if (!attempt.CostsCredit)
            return (new SendOutcome.NotSent(Reason.InmailEligibility, reply.Type, ClosesChannel: true), null);
        return await creditErrors.ClassifyCreditErrorAsync(at.Tenant, attempt.AccountId, attempt.Product, at.Message.Id, CancellationToken.None) switch
        {
            CreditRefusal.RecipientRefuses => (new SendOutcome.NotSent(Reason.InmailEligibility, reply.Type, ClosesChannel: true), null),
            CreditRefusal.Exhausted exhausted => (new SendOutcome.NotSent(Reason.AccountInmailCreditsExhausted, reply.Type, ClosesChannel: false), exhausted.ResumeTime),
            CreditRefusal.Unclear unclear => (new SendOutcome.NotSent(Reason.AccountInmailCreditsExhausted, reply.Type, ClosesChannel: false), unclear.ReadAgainTime),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    /// <summary>Null if the credit is set aside.</summary>
    private async Task<AttemptResult?> HoldAsync(MessageInHand at, Attempt attempt, CancellationToken ct)
    {
        // The router judged by a balance of a moment ago: that the policy keeps some is asked of the hold too (F11).
        var kept = at.Message.Priority == Priority.High ? 0 : (await policies.OfAsync(at.Tenant, at.Message.Policy, ct))?.CreditFloor ?? 0;
        try
        {
            using var span = Traces.Step("hold");
            await credits.PlaceHoldAsync(
                new PlaceHoldRequest
                {
                    PoolId = attempt.PoolId,
                    HoldId = attempt.HoldId(at.Message.Id),
                    AccountId = attempt.AccountId,
                    HighValue = at.Message.Priority == Priority.High,
                    Floor = kept,
                },
                OnBehalf.Of(at.Tenant, ct));
            // Who is routed next sees what is left: else all of a moment would go to the same sender.
            pools.Forget(at.Tenant, attempt.PoolId);
            return null;
        }
        catch (RpcException refused) when (!ct.IsCancellationRequested)
        {
            pools.Forget(at.Tenant, attempt.PoolId);
            var fault = RpcFault.From(refused);
            var (reason, waitUntil) = fault.ErrorReason switch
            {
                ErrorReason.InsufficientCredits => (Reason.AccountInmailCreditsExhausted, Time(fault, "renew_time") ?? at.Now + Breakers.ReadEvery),
                ErrorReason.CreditsHeld => (Reason.CreditsHeld, at.Now + _heldWait),
                ErrorReason.CreditsReserved when kept > 0 && fault.Metadata.GetValueOrDefault("floor") == kept.ToString(System.Globalization.CultureInfo.InvariantCulture) => (Reason.CreditsKeptByPolicy, at.Now + _keptWait),
                ErrorReason.CreditsReserved => (Reason.CreditsReserved, null),
                ErrorReason.SeatLimitReached => (Reason.SeatLimitReached, Time(fault, "reset_time")),
                ErrorReason.BudgetUsedUp => (Reason.BudgetUsedUp, null),
                // Refused earlier under this id, by whoever had the attempt then: the next attempt has an id of its own.
                ErrorReason.HoldIdRefused or ErrorReason.HoldIdReused => (Reason.CreditsHeld, at.Now),
                ErrorReason.PoolNotFound => (Reason.PlanHasNoInmail, null),
                _ => (Reason.DependencyUnavailable, (DateTimeOffset?)at.Now + _dependencyWait),
            };
            gates.Refused(GateMeter.Hold, reason);
            return await CloseAsync(at, attempt, reason, waitUntil, RefusalEffects.Of(reason), settled: false, ct);
        }
    }

    private static DateTimeOffset? Time(RpcFault fault, string key) =>
        fault.Metadata.TryGetValue(key, out var text)
        && DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    private async Task<AttemptResult> CloseAsync(
        MessageInHand at, Attempt attempt, Reason reason, DateTimeOffset? waitUntil, RefusalEffect effect, bool settled, CancellationToken ct, bool beforeIntent = true)
    {
        var closes = reason is Reason.PlanHasNoInmail;
        Traces.Ended(new SendOutcome.NotSent(reason, "", closes));
        var answer = await prospects.ConcludeAsync(at, attempt.Number, new SendOutcome.NotSent(reason, "", closes), settled, null, ct, beforeIntent);
        if (!settled && answer is ConcludeAnswer.Already)
            await GiveBackAsync(at, attempt, ct);
        else if (!settled)
            await SettleAsync(at, null, ct);
        return answer is ConcludeAnswer.Concluded { Message.IsOver: false } ? new AttemptResult.NotSent(reason, waitUntil, effect, closes) : new AttemptResult.Done();
    }

    private async Task SettleAsync(MessageInHand at, AccountSignal? signal, CancellationToken ct)
    {
        if (await prospects.FindAsync(at.Tenant, at.ProspectId, at.Message.Id, ct) is { } now)
            await settlement.SettleAsync(now, signal, ct);
    }
}
