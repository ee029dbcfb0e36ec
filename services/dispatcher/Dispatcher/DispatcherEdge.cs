using Grpc.Core;
using Pennypost.Dispatcher.Accounts;
using Pennypost.Dispatcher.Accounts.Calls;
using Pennypost.Dispatcher.Messages;
using Pennypost.Dispatcher.Operators;
using Pennypost.Dispatcher.Planning;
using Pennypost.Dispatcher.Policies;
using Pennypost.Dispatcher.Provider;
using Pennypost.Dispatcher.Rates;
using Pennypost.Dispatcher.V1;
using Pennypost.Hosting;

namespace Pennypost.Dispatcher;

/// <summary>The service on the wire: each call is answered by the part that it is about, for the tenant that the credential names.</summary>
internal sealed class DispatcherEdge(
    MessageCalls messages,
    MessageLists lists,
    RetryMessages retryMessages,
    SuppressionCalls suppressions,
    EraseProspect eraseProspect,
    Preview preview,
    LintContent lintContent,
    PlanMessages planMessages,
    Watching watching,
    ProviderHappenings happenings,
    Connections connections,
    PutAccount putAccount,
    GetAccount getAccount,
    PauseAccount pauseAccount,
    BreakerCalls breakers,
    AlertCalls alerts,
    ConnectionCalls connectionCalls,
    TestConnection testConnection,
    PolicyCalls policyCalls,
    GetRates getRates,
    ReplayErrors replayErrors,
    ListOperatorActs operatorActs,
    RecordOperatorAct recordOperatorAct,
    Errors errors) : DispatcherService.DispatcherServiceBase
{
    public override Task<AcceptResponse> Accept(AcceptRequest request, ServerCallContext context) =>
        messages.AcceptAsync(context.Caller().Tenant, request, context.CancellationToken);

    public override Task<PreviewResponse> Preview(PreviewRequest request, ServerCallContext context) =>
        preview.HandleAsync(context.Caller().Tenant, request, context.CancellationToken);

    public override Task<LintContentResponse> LintContent(LintContentRequest request, ServerCallContext context) =>
        lintContent.HandleAsync(context.Caller().Tenant, request, context.CancellationToken);

    public override Task<PlanMessagesResponse> PlanMessages(PlanMessagesRequest request, ServerCallContext context) =>
        planMessages.HandleAsync(context.Caller().Tenant, request, context.CancellationToken);

    public override Task<ComparePlansResponse> ComparePlans(ComparePlansRequest request, ServerCallContext context) =>
        planMessages.HandleAsync(context.Caller().Tenant, request, context.CancellationToken);

    public override Task<GetMessageResponse> GetMessage(GetMessageRequest request, ServerCallContext context) =>
        messages.GetAsync(context.Caller().Tenant, request, context.CancellationToken);

    public override Task<ListMessagesResponse> ListMessages(ListMessagesRequest request, ServerCallContext context) =>
        lists.HandleAsync(context.Caller().Tenant, request, context.CancellationToken);

    public override Task<GetBacklogResponse> GetBacklog(GetBacklogRequest request, ServerCallContext context) =>
        lists.HandleAsync(context.Caller().Tenant, request, context.CancellationToken);

    public override Task<RetryMessagesResponse> RetryMessages(RetryMessagesRequest request, ServerCallContext context) =>
        retryMessages.HandleAsync(context.Caller(), request, context.CancellationToken);

    public override async Task WatchMessage(WatchMessageRequest request, IServerStreamWriter<WatchMessageResponse> responseStream, ServerCallContext context)
    {
        var violations = new Violations();
        violations.Id("message_id", request.MessageId);
        if (Watching.Position(request.ResumeToken) is not { } after)
        {
            violations.Add("resume_token", "must come from an item of this stream");
            after = 0;
        }

        if (violations.Any)
            throw errors.Invalid(violations);
        if (!await watching.WatchAsync(context.Caller().Tenant, request.MessageId, after, request.FollowReplies, responseStream, context.CancellationToken))
            throw errors.MessageNotFound(request.MessageId);
    }

    public override Task<CancelMessageResponse> CancelMessage(CancelMessageRequest request, ServerCallContext context) =>
        messages.CancelAsync(context.Caller().Tenant, request, context.CancellationToken);

    public override Task<ResolveMessageResponse> ResolveMessage(ResolveMessageRequest request, ServerCallContext context) =>
        messages.ResolveAsync(context.Caller(), request, context.CancellationToken);

    public override Task<SuppressProspectResponse> SuppressProspect(SuppressProspectRequest request, ServerCallContext context) =>
        suppressions.HandleAsync(context.Caller(), request, context.CancellationToken);

    public override Task<ListSuppressedResponse> ListSuppressed(ListSuppressedRequest request, ServerCallContext context) =>
        suppressions.HandleAsync(context.Caller().Tenant, request, context.CancellationToken);

    public override Task<EraseProspectResponse> EraseProspect(EraseProspectRequest request, ServerCallContext context) =>
        eraseProspect.HandleAsync(context.Caller(), request, context.CancellationToken);

    public override Task<ReplayErrorsResponse> ReplayErrors(ReplayErrorsRequest request, ServerCallContext context) =>
        replayErrors.HandleAsync(context.Caller(), request, context.CancellationToken);

    public override Task<ListOperatorActsResponse> ListOperatorActs(ListOperatorActsRequest request, ServerCallContext context) =>
        operatorActs.HandleAsync(context.Caller().Tenant, request, context.CancellationToken);

    public override Task<RecordOperatorActResponse> RecordOperatorAct(RecordOperatorActRequest request, ServerCallContext context) =>
        recordOperatorAct.HandleAsync(context.Caller().Tenant, request, context.CancellationToken);

    public override async Task<ReceiveProviderEventResponse> ReceiveProviderEvent(ReceiveProviderEventRequest request, ServerCallContext context)
    {
        var (tenant, ct) = (context.Caller().Tenant, context.CancellationToken);
        var violations = new Violations();
        violations.Id("connection_id", request.ConnectionId);
        if (violations.Any)
            throw errors.Invalid(violations);
        var connection = await connections.FindAsync(tenant, request.ConnectionId, ct) ?? throw errors.ConnectionNotFound(request.ConnectionId);
        if (connection.WebhookSecret?.Matches(request.Secret) != true)
            throw errors.WebhookSecretInvalid();
        return ProviderEvents.Parse(request.Body.Memory) switch
        {
            ParsedEvent.Read read => new ReceiveProviderEventResponse { Applied = await happenings.ApplyAsync(tenant, request.ConnectionId, read.Event, ct) == Heard.Changed },
            ParsedEvent.Malformed malformed => throw errors.Invalid(malformed.Violations),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    public override Task<PutAccountResponse> PutAccount(PutAccountRequest request, ServerCallContext context) =>
        putAccount.HandleAsync(context.Caller(), request, context.CancellationToken);

    public override Task<GetAccountResponse> GetAccount(GetAccountRequest request, ServerCallContext context) =>
        getAccount.HandleAsync(context.Caller().Tenant, request, context.CancellationToken);

    public override Task<ListAccountsResponse> ListAccounts(ListAccountsRequest request, ServerCallContext context) =>
        getAccount.HandleAsync(context.Caller().Tenant, request, context.CancellationToken);

    public override Task<PauseAccountResponse> PauseAccount(PauseAccountRequest request, ServerCallContext context) =>
        pauseAccount.HandleAsync(context.Caller(), request, context.CancellationToken);

    public override Task<ResumeAccountResponse> ResumeAccount(ResumeAccountRequest request, ServerCallContext context) =>
        pauseAccount.HandleAsync(context.Caller(), request, context.CancellationToken);

    public override Task<GetBreakerHistoryResponse> GetBreakerHistory(GetBreakerHistoryRequest request, ServerCallContext context) =>
        breakers.HandleAsync(context.Caller().Tenant, request, context.CancellationToken);

    public override Task<ListBreakersResponse> ListBreakers(ListBreakersRequest request, ServerCallContext context) =>
        breakers.HandleAsync(context.Caller().Tenant, request, context.CancellationToken);

    public override Task<ResetBreakerResponse> ResetBreaker(ResetBreakerRequest request, ServerCallContext context) =>
        breakers.HandleAsync(context.Caller(), request, context.CancellationToken);

    public override Task<ListAlertsResponse> ListAlerts(ListAlertsRequest request, ServerCallContext context) =>
        alerts.HandleAsync(context.Caller().Tenant, request, context.CancellationToken);

    public override Task<GetAlertSettingsResponse> GetAlertSettings(GetAlertSettingsRequest request, ServerCallContext context) =>
        alerts.HandleAsync(context.Caller().Tenant, request, context.CancellationToken);

    public override Task<PutAlertSettingsResponse> PutAlertSettings(PutAlertSettingsRequest request, ServerCallContext context) =>
        alerts.HandleAsync(context.Caller(), request, context.CancellationToken);

    public override Task<PutConnectionResponse> PutConnection(PutConnectionRequest request, ServerCallContext context) =>
        connectionCalls.HandleAsync(context.Caller(), request, context.CancellationToken);

    public override Task<GetConnectionResponse> GetConnection(GetConnectionRequest request, ServerCallContext context) =>
        connectionCalls.HandleAsync(context.Caller().Tenant, request, context.CancellationToken);

    public override Task<TestConnectionResponse> TestConnection(TestConnectionRequest request, ServerCallContext context) =>
        testConnection.HandleAsync(context.Caller().Tenant, request, context.CancellationToken);

    public override Task<PutPolicyResponse> PutPolicy(PutPolicyRequest request, ServerCallContext context) =>
        policyCalls.HandleAsync(context.Caller(), request, context.CancellationToken);

    public override Task<GetPolicyResponse> GetPolicy(GetPolicyRequest request, ServerCallContext context) =>
        policyCalls.HandleAsync(context.Caller().Tenant, request, context.CancellationToken);

    public override Task<ListPoliciesResponse> ListPolicies(ListPoliciesRequest request, ServerCallContext context) =>
        policyCalls.HandleAsync(context.Caller().Tenant, request, context.CancellationToken);

    public override Task<GetRatesResponse> GetRates(GetRatesRequest request, ServerCallContext context) =>
        getRates.HandleAsync(context.Caller().Tenant, request, context.CancellationToken);
}
