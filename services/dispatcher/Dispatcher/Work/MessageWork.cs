using Pennypost.Delivery;
using Pennypost.Delivery.Messages;
using Pennypost.Dispatcher.Messages;
using Pennypost.Store;

namespace Pennypost.Dispatcher.Work;

/// <summary>What a message that is due needs next, read off its state: whoever picks it up goes on where the last one stopped. And an erasure that is not finished.</summary>
internal sealed class MessageWork(
    Prospects prospects, Settlement settlement, AttemptRun attempts, Verification verification, CandidateSearch search, ObservedSends observed, EraseProspect erasing, ILogger<MessageWork> logger) : IDueWork
{
    /// <summary>Steps in one go; a message that needs more comes back.</summary>
    private const int MaxSteps = 4;

    public string Kind => ProspectStorage.Kind;

    public async Task DoAsync(PartitionId partition, string key, CancellationToken ct)
    {
        if (key == ProspectStorage.ObservedDue)
            await observed.TellAsync(partition.Tenant, partition.Id, ct);
        if (key == ProspectStorage.EraseDue)
            await erasing.GoOnAsync(partition.Tenant, partition.Id, ct);
        if (ProspectStorage.MessageOf(key) is not { } messageId)
            return;
        var accepted = Traces.Wanted ? await prospects.TraceAsync(partition.Tenant, partition.Id, messageId, ct) : default;
        using var span = Traces.Message(messageId, accepted);
        for (var step = 0; step < MaxSteps; step++)
            if (!await StepAsync(partition.Tenant, partition.Id, messageId, first: step == 0, ct))
                return;
    }

    /// <summary>True if there may be another step to do now.</summary>
    private async Task<bool> StepAsync(string tenant, string prospectId, string messageId, bool first, CancellationToken ct)
    {
        if (await prospects.FindAsync(tenant, prospectId, messageId, ct) is not { } at)
        {
            await prospects.TidyAsync(tenant, prospectId, messageId, ct);
            return false;
        }

        var owes = Obligations.Owes(at.Message) && !(at.Message.RetryTime > at.Now);
        if (owes && !await settlement.SettleAsync(at, null, ct))
            return false;
        switch (Obligations.Step(at.Message, prospects.Rules, at.Now))
        {
            case NextStep.Expire:
                await prospects.EndAsync(at, Reason.Expired, ct);
                return true;
            case NextStep.Route:
                await search.SendAsync(at, ct);
                return false;
            case NextStep.Resume resume:
                return await attempts.RunAsync(at, resume.Attempt, resumed: true, ct) is AttemptResult.NotSent notSent && await search.AfterAsync(at, resume.Attempt, notSent, ct);
            case NextStep.Doubt doubt:
                return await DoubtAsync(at, doubt.Attempt, ct);
            case NextStep.Verify verify:
                return await verification.VerifyAsync(at, verify.Attempt, ct);
            default:
                // An entry that was found with nothing to do is set to what the message really has coming.
                if (first && !owes)
                    await prospects.TidyAsync(tenant, prospectId, messageId, ct);
                return false;
        }
    }

    /// <summary>Whoever committed the intent did not come back: nobody knows whether it was sent.</summary>
    private async Task<bool> DoubtAsync(MessageInHand at, Attempt attempt, CancellationToken ct)
    {
        // The installation's clock was moved: by real time its worker may well be waiting for the provider's answer. The entry comes back when its lease ends.
        if (prospects.RealNow < attempt.IntentRealTime + prospects.Rules.RecoverAfter)
            return false;
        await prospects.ConcludeAsync(at, attempt.Number, new SendOutcome.Unknown(), settled: false, null, ct);
        logger.SendUnknown(at.Tenant, at.Message.Id, attempt.Number, "its worker did not come back");
        await verification.FreeAsync(at, attempt, ct);
        return false;
    }
}
