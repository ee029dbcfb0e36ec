using System.Buffers.Text;
using System.Text;
using Pennypost.Delivery.Messages;
using Pennypost.Dispatcher.V1;
using Pennypost.Hosting;
using Wire = Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Messages;

/// <summary>Lists messages, and counts what waits. A call reads one page and looks at what it read: its work is bounded by its page, not by what matches.</summary>
internal sealed class MessageLists(Lookups lookups, Prospects prospects, Errors errors)
{
    private const int UsualPage = 50;
    private const int LargestPage = 500;
    private const int UsualCount = 500;
    private const int LargestCount = 1_000;

    /// <summary>The longest token within a prospect: a record's key in base64url.</summary>
    private const int LongestToken = 128;

    public async Task<ListMessagesResponse> HandleAsync(string tenant, ListMessagesRequest request, CancellationToken ct)
    {
        var violations = new Violations();
        violations.Range("page_size", request.PageSize, 0, LargestPage);
        violations.OptionalId("campaign_id", request.CampaignId);
        violations.OptionalId("account_id", request.AccountId);
        violations.OptionalId("prospect_id", request.ProspectId);
        violations.OptionalId("page_token", request.PageToken, request.ProspectId.Length == 0 ? Ids.MaxLength : LongestToken);
        if (!Enum.IsDefined(request.State))
            violations.Add("state", "is no state");
        if (!Enum.IsDefined(request.Reason))
            violations.Add("reason", "is no reason");
        if (!Enum.IsDefined(request.Priority))
            violations.Add("priority", "is no priority");
        var filter = new MessageFilter
        {
            States = request.State == Wire.MessageState.Unspecified ? [] : [(MessageState)request.State],
            Reason = (Delivery.Reason)request.Reason,
            CampaignId = request.CampaignId,
            AccountId = request.AccountId,
            Priority = (Delivery.Priority)request.Priority,
            DueBefore = Parse.Moment("due_before", request.DueBefore, violations),
        };
        if (violations.Any)
            throw errors.Invalid(violations);
        var pageSize = request.PageSize == 0 ? UsualPage : request.PageSize;
        var (found, next) = request.ProspectId.Length == 0
            ? await PageAsync(tenant, pageSize, request.PageToken, ct)
            : await OfProspectAsync(tenant, request.ProspectId, pageSize, request.PageToken, ct);
        var response = new ListMessagesResponse { NextPageToken = next };
        response.Messages.AddRange(found.Where(at => filter.Matches(at.Message, prospects.Rules)).Select(at => ToWire.Message(at.Message, at.ProspectId, withEvents: false)));
        return response;
    }

    public async Task<GetBacklogResponse> HandleAsync(string tenant, GetBacklogRequest request, CancellationToken ct)
    {
        var violations = new Violations();
        violations.Range("page_size", request.PageSize, 0, LargestCount);
        violations.OptionalId("page_token", request.PageToken);
        if (violations.Any)
            throw errors.Invalid(violations);
        var (found, next) = await PageAsync(tenant, request.PageSize == 0 ? UsualCount : request.PageSize, request.PageToken, ct);
        var response = new GetBacklogResponse { Read = found.Count, NextPageToken = next };
        response.Counts.AddRange(Backlog.Count(found.Select(at => at.Message), prospects.Rules).Select(count => new Wire.BacklogCount
        {
            State = (Wire.MessageState)count.State,
            Reason = (Wire.Reason)count.Reason,
            Count = count.Count,
            EarliestDueTime = ToWire.Time(count.EarliestDue),
        }));
        return response;
    }

    /// <summary>A page of the tenant's messages, by id.</summary>
    internal async Task<(IReadOnlyList<KeptMessage> Messages, string NextPageToken)> PageAsync(string tenant, int pageSize, string pageToken, CancellationToken ct)
    {
        var (ids, next) = await lookups.ListAsync(tenant, pageSize, pageToken.Length == 0 ? null : pageToken, ct);
        var found = await Task.WhenAll(ids.Select(async id =>
            await lookups.ProspectOfMessageAsync(tenant, id, ct) is { } prospectId && await prospects.KeptAsync(tenant, prospectId, id, ct) is { } message ? new KeptMessage(prospectId, message) : null));
        return ([.. found.OfType<KeptMessage>()], next ?? "");
    }

    private async Task<(IReadOnlyList<KeptMessage> Messages, string NextPageToken)> OfProspectAsync(string tenant, string prospectId, int pageSize, string pageToken, CancellationToken ct)
    {
        try
        {
            var token = pageToken.Length == 0 ? null : Encoding.ASCII.GetString(Base64Url.DecodeFromChars(pageToken));
            var (messages, next) = await prospects.MessagesAsync(tenant, prospectId, pageSize, token, ct);
            return ([.. messages.Select(message => new KeptMessage(prospectId, message))], next is null ? "" : Base64Url.EncodeToString(Encoding.ASCII.GetBytes(next)));
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            var violations = new Violations();
            violations.Add("page_token", "must come from an answer for this prospect");
            throw errors.Invalid(violations);
        }
    }
}

/// <summary>A message and whose it is.</summary>
internal sealed record KeptMessage(string ProspectId, Message Message);
