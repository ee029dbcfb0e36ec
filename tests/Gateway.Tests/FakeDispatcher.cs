using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pennypost.Dispatcher.V1;
using Pennypost.Errors.V1;
using Pennypost.Hosting;
using Pennypost.Types.V1;

namespace Pennypost.Gateway.Tests;

/// <summary>A peer over the wire that speaks the dispatcher's contract: keeps what it was given, per tenant, and sends nothing.</summary>
internal sealed class FakeDispatcher : DispatcherService.DispatcherServiceBase
{
    public const string WebhookSecret = "a-webhook-secret-0123456789";
    private static readonly FaultDomain Faults = new("dispatcher");

    public ConcurrentDictionary<(string Tenant, string Id), (MessageSpec Spec, Message Message)> Messages { get; } = new();
    public ConcurrentDictionary<(string Tenant, string Id), Account> Accounts { get; } = new();
    public ConcurrentDictionary<(string Tenant, string Id), Connection> Connections { get; } = new();
    public ConcurrentDictionary<(string Tenant, string Name), RoutingPolicy> Policies { get; } = new();
    public ConcurrentQueue<(string Tenant, ReceiveProviderEventRequest Request)> Webhooks { get; } = new();
    public ConcurrentQueue<string> Actors { get; } = new();

    /// <summary>For which API keys accounts were paused, and why.</summary>
    public ConcurrentQueue<(string KeyId, string Why)> Reasons { get; } = new();
    public Func<AcceptRequest, RpcException?> OnAccept { get; set; } = _ => null;
    public Func<ListMessagesRequest, ListMessagesResponse>? OnList { get; set; }
    public Func<WatchMessageRequest, IServerStreamWriter<WatchMessageResponse>, ServerCallContext, Task>? OnWatch { get; set; }

    public override Task<AcceptResponse> Accept(AcceptRequest request, ServerCallContext context)
    {
        if (OnAccept(request) is { } refusal) throw refusal;
        var violations = new Violations();
        if (violations.Required("message", request.Message)) violations.Required("message.prospect", request.Message.Prospect);
        if (violations.Any) throw Faults.Invalid(violations);
        var key = (context.Caller().Tenant, request.Message.MessageId);
        if (Messages.TryGetValue(key, out var known))
        {
            if (!known.Spec.Content.Equals(request.Message.Content))
                throw Faults.Refuse(ErrorReason.MessageIdReused, "The message id exists with other content.", ("message_id", key.MessageId), ("field", "message.content"));
            return Task.FromResult(new AcceptResponse { Message = known.Message, Existed = true });
        }
        var message = new Message { MessageId = key.MessageId, State = MessageState.Accepted, Priority = request.Message.Priority, CampaignId = request.Message.CampaignId };
        message.AccountIds.Add(request.Message.AccountIds);
        if (!request.ValidateOnly) Messages.TryAdd(key, (request.Message, message));
        return Task.FromResult(new AcceptResponse { Message = message });
    }

    public override Task<PreviewResponse> Preview(PreviewRequest request, ServerCallContext context) =>
        Task.FromResult(new PreviewResponse { ProspectId = "pr_1", Decision = new Decision() });

    public override Task<GetMessageResponse> GetMessage(GetMessageRequest request, ServerCallContext context) =>
        Task.FromResult(new GetMessageResponse { Message = Find(request.MessageId, context) });

    public override Task<ListMessagesResponse> ListMessages(ListMessagesRequest request, ServerCallContext context)
    {
        if (OnList is not null) return Task.FromResult(OnList(request));
        var answer = new ListMessagesResponse { NextPageToken = $"{request.State}/{request.PageSize}/{request.PageToken}/{request.CampaignId}" };
        answer.Messages.Add(Messages.Where(message => message.Key.Tenant == context.Caller().Tenant).Select(message => message.Value.Message));
        return Task.FromResult(answer);
    }

    public override async Task WatchMessage(WatchMessageRequest request, IServerStreamWriter<WatchMessageResponse> responseStream, ServerCallContext context)
    {
        Find(request.MessageId, context);
        if (OnWatch is { } script)
        {
            await script(request, responseStream, context);
            return;
        }
        var from = request.ResumeToken.Length == 0 ? 1 : int.Parse(request.ResumeToken, System.Globalization.CultureInfo.InvariantCulture) + 1;
        for (var sequence = from; sequence <= 3; sequence++)
            await responseStream.WriteAsync(new WatchMessageResponse
            {
                Event = new MessageEvent { Sequence = sequence, Kind = MessageEventKind.Accepted, EventTime = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch) },
                ResumeToken = $"{sequence}",
            });
    }

    public override Task<ResolveMessageResponse> ResolveMessage(ResolveMessageRequest request, ServerCallContext context) =>
        Task.FromResult(new ResolveMessageResponse { Message = Find(request.MessageId, context) });

    public override Task<CancelMessageResponse> CancelMessage(CancelMessageRequest request, ServerCallContext context) =>
        Task.FromResult(new CancelMessageResponse { Message = Find(request.MessageId, context) });

    public override Task<ListAlertsResponse> ListAlerts(ListAlertsRequest request, ServerCallContext context) =>
        Task.FromResult(new ListAlertsResponse { Alerts = { new Alert { Kind = AlertKind.LowCredits, PoolId = "p1" } }, NextPageToken = $"{request.PageSize}/{request.PageToken}" });

    /// <summary>One act, which tells what it was asked with.</summary>
    public override Task<ListOperatorActsResponse> ListOperatorActs(ListOperatorActsRequest request, ServerCallContext context) => Task.FromResult(new ListOperatorActsResponse
    {
        Acts = { new OperatorAct { Number = 1, Kind = request.Kind, Actor = request.Actor, Credential = $"key:{context.Caller().KeyId}" } },
        NextPageToken = $"{request.PageSize}/{request.PageToken}",
    });

    /// <summary>Every act that was told of, in order.</summary>
    public ConcurrentQueue<(string Tenant, string ActId, OperatorAct Act)> Acts { get; } = new();

    public override Task<RecordOperatorActResponse> RecordOperatorAct(RecordOperatorActRequest request, ServerCallContext context)
    {
        Acts.Enqueue((context.Caller().Tenant, request.ActId, request.Act));
        return Task.FromResult(new RecordOperatorActResponse { Number = Acts.Count });
    }

    /// <summary>Rates that tell what they were asked with.</summary>
    public override Task<GetRatesResponse> GetRates(GetRatesRequest request, ServerCallContext context) => Task.FromResult(new GetRatesResponse
    {
        Counts = { request.Outcomes.Select(outcome => new OutreachCounts { Channel = outcome.Channel, Segment = outcome.Segment, Variant = outcome.Variant, Sent = 10, Replied = 2, Meetings = outcome.Meetings }) },
        Rates = { new MeasuredRate { Channel = Channel.Inmail, Sent = 10, Replied = 2, ReplyRate = new RateEstimate { Low = 0.1, Expected = 0.2, High = 0.3 } } },
        Comparisons = { new VariantComparison { Channel = Channel.Inmail, Kind = RateKind.Reply, BestVariant = "short", OtherVariant = "long", ProbabilityBetter = 0.9 } },
        Costs = { new ChannelCost { Channel = Channel.Inmail, CostMicros = request.UnitCosts?.CreditMicros ?? 0, Currency = request.UnitCosts?.Currency ?? "" } },
        StartTime = request.StartTime,
        EndTime = request.EndTime,
        YoungSent = request.MatureAfter?.Seconds ?? -1,
        MergedSent = 3,
    });

    public override Task<GetAlertSettingsResponse> GetAlertSettings(GetAlertSettingsRequest request, ServerCallContext context) =>
        Task.FromResult(new GetAlertSettingsResponse { Settings = new AlertSettings { LowCredits = 10 } });

    public override Task<PutAlertSettingsResponse> PutAlertSettings(PutAlertSettingsRequest request, ServerCallContext context) =>
        Task.FromResult(new PutAlertSettingsResponse { Settings = request.Settings ?? new() });

    public override Task<SuppressProspectResponse> SuppressProspect(SuppressProspectRequest request, ServerCallContext context) =>
        Task.FromResult(new SuppressProspectResponse { ProspectId = "pr_1", Suppressed = !request.Unsuppress });

    public override Task<ListSuppressedResponse> ListSuppressed(ListSuppressedRequest request, ServerCallContext context) =>
        Task.FromResult(new ListSuppressedResponse());

    public override Task<EraseProspectResponse> EraseProspect(EraseProspectRequest request, ServerCallContext context) =>
        Task.FromResult(new EraseProspectResponse { ProspectId = "pr_1", Suppressed = request.Suppress });

    public override Task<GetBacklogResponse> GetBacklog(GetBacklogRequest request, ServerCallContext context) =>
        Task.FromResult(new GetBacklogResponse { Read = 1 });

    public override Task<RetryMessagesResponse> RetryMessages(RetryMessagesRequest request, ServerCallContext context) =>
        Task.FromResult(new RetryMessagesResponse());

    public override Task<ReplayErrorsResponse> ReplayErrors(ReplayErrorsRequest request, ServerCallContext context) =>
        Task.FromResult(new ReplayErrorsResponse { Left = request.Queue == ErrorQueue.Commands ? 0 : 1 });

    public override Task<ListBreakersResponse> ListBreakers(ListBreakersRequest request, ServerCallContext context) =>
        Task.FromResult(new ListBreakersResponse());

    public override Task<PutConnectionResponse> PutConnection(PutConnectionRequest request, ServerCallContext context)
    {
        Connections[(context.Caller().Tenant, request.Connection.ConnectionId)] = request.Connection;
        // A careless peer, on purpose: it sends the secrets back.
        return Task.FromResult(new PutConnectionResponse { Connection = request.Connection });
    }

    public override Task<GetConnectionResponse> GetConnection(GetConnectionRequest request, ServerCallContext context) =>
        Connections.TryGetValue((context.Caller().Tenant, request.ConnectionId), out var connection)
            ? Task.FromResult(new GetConnectionResponse { Connection = connection })
            : throw Faults.Refuse(ErrorReason.ConnectionNotFound, "There is no such connection.", ("connection_id", request.ConnectionId));

    public override Task<TestConnectionResponse> TestConnection(TestConnectionRequest request, ServerCallContext context) =>
        Connections.ContainsKey((context.Caller().Tenant, request.ConnectionId))
            ? Task.FromResult(new TestConnectionResponse { Test = new() { Finding = ConnectionFinding.Ok, Accounts = { new ProviderAccount { AccountId = "ann", ProviderType = "LINKEDIN" } } } })
            : throw Faults.Refuse(ErrorReason.ConnectionNotFound, "There is no such connection.", ("connection_id", request.ConnectionId));

    /// <summary>A finding that tells what it was asked with.</summary>
    public override Task<LintContentResponse> LintContent(LintContentRequest request, ServerCallContext context) => Task.FromResult(new LintContentResponse
    {
        Findings = { new LintFinding { Severity = LintSeverity.Warning, Field = "body", Channels = { Channel.Inmail }, Text = $"{request.Content?.Body} {request.Tier} {request.SendTime?.Seconds}", Source = "tests" } },
    });

    /// <summary>A plan that tells what it was asked with.</summary>
    public override Task<PlanMessagesResponse> PlanMessages(PlanMessagesRequest request, ServerCallContext context) => Task.FromResult(new PlanMessagesResponse
    {
        Assignments = { request.Prospects.Select(prospect => new Assignment { ProspectId = prospect.Profile, Outcome = PlanOutcome.Send, Explanation = request.Explain ? $"by {request.Basis?.Policy}" : "" }) },
        Summary = new PlanSummary { GapMicros = 7, Totals = new() { Sends = request.Prospects.Count } },
        Unseen = request.Prospects.Count(prospect => prospect.Common is null),
        Currency = "USD",
        PlanTime = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch),
    });

    public override Task<ComparePlansResponse> ComparePlans(ComparePlansRequest request, ServerCallContext context) => Task.FromResult(new ComparePlansResponse
    {
        Outcomes = { request.Scenarios.Select(scenario => new ScenarioOutcome { Name = scenario.Name, Summary = new() { GapMicros = scenario.Basis.Days } }) },
        Unseen = request.Prospects.Count,
        Currency = "USD",
        PlanTime = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch),
    });

    public override Task<PutPolicyResponse> PutPolicy(PutPolicyRequest request, ServerCallContext context)
    {
        var kept = new RoutingPolicy(request.Policy) { Version = 1, Etag = "1" };
        if (!request.ValidateOnly) Policies[(context.Caller().Tenant, kept.Name)] = kept;
        return Task.FromResult(new PutPolicyResponse { Policy = kept });
    }

    public override Task<GetPolicyResponse> GetPolicy(GetPolicyRequest request, ServerCallContext context) =>
        Policies.TryGetValue((context.Caller().Tenant, request.Name), out var policy)
            ? Task.FromResult(new GetPolicyResponse { Policy = policy })
            : throw Faults.Refuse(ErrorReason.PolicyNotFound, "There is no such routing policy.", ("name", request.Name));

    public override Task<ListPoliciesResponse> ListPolicies(ListPoliciesRequest request, ServerCallContext context) =>
        Task.FromResult(new ListPoliciesResponse
        {
            Policies = { Policies.Where(policy => policy.Key.Tenant == context.Caller().Tenant).Select(policy => policy.Value) },
            NextPageToken = $"{request.PageSize}{request.PageToken}",
        });

    public override Task<PutAccountResponse> PutAccount(PutAccountRequest request, ServerCallContext context)
    {
        Accounts[(context.Caller().Tenant, request.Account.AccountId)] = request.Account;
        return Task.FromResult(new PutAccountResponse { Account = request.Account });
    }

    public override Task<GetAccountResponse> GetAccount(GetAccountRequest request, ServerCallContext context) =>
        Task.FromResult(new GetAccountResponse { Account = FindAccount(request.AccountId, context) });

    public override Task<ListAccountsResponse> ListAccounts(ListAccountsRequest request, ServerCallContext context)
    {
        var answer = new ListAccountsResponse();
        answer.Accounts.Add(Accounts.Where(account => account.Key.Tenant == context.Caller().Tenant).Select(account => account.Value));
        return Task.FromResult(answer);
    }

    public override Task<PauseAccountResponse> PauseAccount(PauseAccountRequest request, ServerCallContext context)
    {
        Reasons.Enqueue((context.Caller().KeyId, request.Why));
        return Task.FromResult(new PauseAccountResponse { Account = FindAccount(request.AccountId, context) });
    }

    public override Task<ResumeAccountResponse> ResumeAccount(ResumeAccountRequest request, ServerCallContext context) =>
        Task.FromResult(new ResumeAccountResponse { Account = FindAccount(request.AccountId, context) });

    public override Task<GetBreakerHistoryResponse> GetBreakerHistory(GetBreakerHistoryRequest request, ServerCallContext context)
    {
        FindAccount(request.AccountId, context);
        return Task.FromResult(new GetBreakerHistoryResponse());
    }

    public override Task<ResetBreakerResponse> ResetBreaker(ResetBreakerRequest request, ServerCallContext context)
    {
        FindAccount(request.AccountId, context);
        Actors.Enqueue(request.Actor);
        return Task.FromResult(new ResetBreakerResponse { Breaker = new Breaker { AccountId = request.AccountId, Product = request.Product, State = BreakerState.Closed } });
    }

    public override Task<ReceiveProviderEventResponse> ReceiveProviderEvent(ReceiveProviderEventRequest request, ServerCallContext context)
    {
        if (!Connections.ContainsKey((context.Caller().Tenant, request.ConnectionId)))
            throw Faults.Refuse(ErrorReason.ConnectionNotFound, "There is no such connection.", ("connection_id", request.ConnectionId));
        if (request.Secret != WebhookSecret) throw Faults.Refuse(ErrorReason.WebhookSecretInvalid, "The webhook's secret is missing or wrong.");
        Webhooks.Enqueue((context.Caller().Tenant, request));
        return Task.FromResult(new ReceiveProviderEventResponse { Applied = true });
    }

    private Message Find(string messageId, ServerCallContext context) =>
        Messages.TryGetValue((context.Caller().Tenant, messageId), out var known)
            ? known.Message
            : throw Faults.Refuse(ErrorReason.MessageNotFound, "There is no such message.", ("message_id", messageId));

    private Account FindAccount(string accountId, ServerCallContext context) =>
        Accounts.TryGetValue((context.Caller().Tenant, accountId), out var account)
            ? account
            : throw Faults.Refuse(ErrorReason.AccountNotFound, "There is no such account.", ("account_id", accountId));
}
