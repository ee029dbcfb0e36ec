using System.Collections.Immutable;
using System.Diagnostics;
using Pennypost.Delivery.Messages;
using Pennypost.Dispatcher.Operators;
using Pennypost.Dispatcher.V1;
using Pennypost.Hosting;
using Pennypost.Store;
using Wire = Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Messages;

/// <summary>Puts messages back to work, page by page: read, look which are meant, and decide each again in its own commit.</summary>
internal sealed class RetryMessages(MessageLists lists, Prospects prospects, OperatorActs acts, StateStore store, Errors errors)
{
    private const int UsualPage = 100;
    private const int LargestPage = 500;

    private static readonly ImmutableHashSet<MessageState> _retried = [MessageState.Failed, MessageState.Skipped, MessageState.Waiting];

    public async Task<RetryMessagesResponse> HandleAsync(Caller caller, RetryMessagesRequest request, CancellationToken ct)
    {
        var command = Read(request, await store.NowAsync(ct));
        // Looking is no act.
        return request.ValidateOnly
            ? await RetryAsync(caller.Tenant, request, command, ct)
            : await acts.RecordAsync(caller, Act(request), _ => RetryAsync(caller.Tenant, request, command, ct), Touched, ct);
    }

    private static Wire.OperatorAct Act(RetryMessagesRequest request) => new()
    {
        Kind = Wire.OperatorActKind.RetryMessages,
        Actor = request.Actor,
        Why = request.Why,
        Selection = new()
        {
            State = request.State,
            Reason = request.Reason,
            CampaignId = request.CampaignId,
            AccountId = request.AccountId,
            CreatedSinceTime = request.CreatedSinceTime,
            CreatedBefore = request.CreatedBefore,
            EndedSinceTime = request.EndedSinceTime,
            EndedBefore = request.EndedBefore,
            Reroute = request.Reroute,
            ExpireTime = request.ExpireTime,
            PageToken = request.PageToken,
            PageSize = PageSize(request),
        },
    };

    private static long Touched(RetryMessagesResponse answer) => answer.Results.Where(retried => retried.Outcome is Wire.RetryOutcome.Requeued or Wire.RetryOutcome.Woken).Sum(retried => (long)retried.Count);

    private static int PageSize(RetryMessagesRequest request) => request.PageSize == 0 ? UsualPage : request.PageSize;

    private async Task<RetryMessagesResponse> RetryAsync(string tenant, RetryMessagesRequest request, Retry command, CancellationToken ct)
    {
        var (page, next) = await lists.PageAsync(tenant, PageSize(request), request.PageToken, ct);
        var meant = page.Where(at => command.Filter.Matches(at.Message, prospects.Rules)).ToList();
        var answers = await Task.WhenAll(meant.Select(async at => (at.Message.Id, Answer: await prospects.RetryAsync(tenant, at.ProspectId, at.Message.Id, command, request.ValidateOnly, ct))));
        var response = new RetryMessagesResponse { NextPageToken = next };
        response.Results.AddRange(answers
            .Where(retried => retried.Answer is not RetryAnswer.NotMeant)
            .GroupBy(retried => Outcome(retried.Answer), retried => retried.Id)
            .OrderBy(group => group.Key)
            .Select(group => new Wire.RetriedMessages { Outcome = group.Key.Outcome, Reason = group.Key.Reason, Count = group.Count(), MessageIds = { group } }));
        return response;
    }

    private Retry Read(RetryMessagesRequest request, DateTimeOffset now)
    {
        var violations = new Violations();
        violations.Range("page_size", request.PageSize, 0, LargestPage);
        violations.OptionalId("page_token", request.PageToken);
        violations.OptionalId("campaign_id", request.CampaignId);
        violations.OptionalId("account_id", request.AccountId);
        if (request.State != Wire.MessageState.Unspecified && !_retried.Contains((MessageState)request.State))
            violations.Add("state", "must be MESSAGE_STATE_FAILED, MESSAGE_STATE_SKIPPED or MESSAGE_STATE_WAITING, or be left out");
        if (!Enum.IsDefined(request.Reason))
            violations.Add("reason", "is no reason");
        var filter = new MessageFilter
        {
            States = request.State == Wire.MessageState.Unspecified ? _retried : [(MessageState)request.State],
            Reason = (Delivery.Reason)request.Reason,
            CampaignId = request.CampaignId,
            AccountId = request.AccountId,
            CreatedSince = Parse.Moment("created_since_time", request.CreatedSinceTime, violations),
            CreatedBefore = Parse.Moment("created_before", request.CreatedBefore, violations),
            EndedSince = Parse.Moment("ended_since_time", request.EndedSinceTime, violations),
            EndedBefore = Parse.Moment("ended_before", request.EndedBefore, violations),
        };
        if (filter.CreatedSince >= filter.CreatedBefore)
            violations.Add("created_before", "must lie after created_since_time");
        if (filter.EndedSince >= filter.EndedBefore)
            violations.Add("ended_before", "must lie after ended_since_time");
        var expire = Parse.Ahead("expire_time", request.ExpireTime, now, violations);
        if (expire <= now)
            violations.Add("expire_time", "must lie in the future");
        OperatorActs.Check(request.Actor, request.Why, violations);
        if (violations.Any)
            throw errors.Invalid(violations);
        return new Retry { Filter = filter, Reroute = request.Reroute, ExpireTime = expire, Now = now };
    }

    private static (Wire.RetryOutcome Outcome, Wire.Reason Reason) Outcome(RetryAnswer answer) => answer switch
    {
        RetryAnswer.Requeued => (Wire.RetryOutcome.Requeued, Wire.Reason.Unspecified),
        RetryAnswer.Woken => (Wire.RetryOutcome.Woken, Wire.Reason.Unspecified),
        RetryAnswer.AlreadyDue => (Wire.RetryOutcome.AlreadyDue, Wire.Reason.Unspecified),
        RetryAnswer.Barred barred => (Wire.RetryOutcome.Left, (Wire.Reason)barred.Reason),
        RetryAnswer.Full => (Wire.RetryOutcome.ProspectFull, Wire.Reason.Unspecified),
        _ => throw new UnreachableException(),
    };
}
