using System.Collections.Immutable;
using Pennypost.Delivery;
using Pennypost.Delivery.Accounts;
using Pennypost.Dispatcher.Operators;
using Pennypost.Dispatcher.V1;
using Pennypost.Hosting;
using Shown = Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Accounts.Calls;

/// <summary>Which InMail breakers are not closed, when a sender's changed and why, and closing one on an operator's word.</summary>
internal sealed class BreakerCalls(AccountBook book, Demands demands, CreditPools pools, BreakerLog log, OperatorActs acts, Errors errors)
{
    private const int UsualPage = 50;
    private const int LargestPage = 500;

    public async Task<GetBreakerHistoryResponse> HandleAsync(string tenant, GetBreakerHistoryRequest request, CancellationToken ct)
    {
        var violations = new Violations();
        violations.Id("account_id", request.AccountId);
        if (violations.Any)
            throw errors.Invalid(violations);
        var (view, history) = await book.HistoryAsync(tenant, request.AccountId, ct) ?? throw errors.AccountNotFound(request.AccountId);
        return new GetBreakerHistoryResponse
        {
            Breakers = { view.Account.Breakers.Select(breaker => AccountMessages.Message(view.Id, breaker, view.Now)) },
            Events = { history.Reverse().Select(AccountBook.Message) },
        };
    }

    public async Task<ListBreakersResponse> HandleAsync(string tenant, ListBreakersRequest request, CancellationToken ct)
    {
        var violations = new Violations();
        violations.Range("page_size", request.PageSize, 0, LargestPage);
        violations.OptionalId("page_token", request.PageToken);
        if (violations.Any)
            throw errors.Invalid(violations);
        var (accounts, next) = await book.ListAsync(tenant, request.PageSize == 0 ? UsualPage : request.PageSize, request.PageToken.Length == 0 ? null : request.PageToken, ct);
        return new ListBreakersResponse
        {
            Breakers =
            {
                from view in accounts
                from breaker in view.Account.Breakers.OrderBy(breaker => breaker.Product)
                where breaker.State != BreakerState.Closed
                select AccountMessages.Message(view.Id, breaker, view.Now),
            },
            NextPageToken = next ?? "",
        };
    }

    public async Task<ResetBreakerResponse> HandleAsync(Caller caller, ResetBreakerRequest request, CancellationToken ct)
    {
        var violations = new Violations();
        violations.Id("account_id", request.AccountId);
        if (request.Product == Shown.Product.Unspecified || !Enum.IsDefined(request.Product))
            violations.Add("product", "is required: a product of the contract");
        OperatorActs.Check(request.Actor, request.Why, violations, actorRequired: true);
        if (violations.Any)
            throw errors.Invalid(violations);
        var act = new Shown.OperatorAct { Kind = Shown.OperatorActKind.ResetBreaker, Actor = request.Actor, Why = request.Why, AccountId = request.AccountId, Product = request.Product };
        return await acts.RecordAsync(caller, act, _ => ResetAsync(caller.Tenant, request, ct), ct);
    }

    private async Task<ResetBreakerResponse> ResetAsync(string tenant, ResetBreakerRequest request, CancellationToken ct)
    {
        var product = (Product)request.Product;
        var executed = await book.ChangeAsync<(Account Account, ImmutableArray<BreakerEvent> Events)?>(
            tenant,
            request.AccountId,
            null,
            (account, now) =>
            {
                var change = Breakers.Reset(account.BreakerOf(product), request.Actor, now);
                var after = change.Events.IsEmpty ? account : account.With(change.Breaker);
                return new AccountDecision<(Account, ImmutableArray<BreakerEvent>)?>(after, (after, change.Events)) { Events = change.Events };
            },
            ct);
        var (closed, events) = executed.Answer ?? throw errors.AccountNotFound(request.AccountId);
        log.Tell(request.AccountId, "", events);
        // Those who wait try again as far as the books have credits; the hold decides.
        if (!events.IsEmpty && closed.Settings.PoolOf(product) is { } poolId && await pools.FindAsync(tenant, poolId, ct) is { } pool)
            await demands.CreditsArrivedAsync(tenant, poolId, pool.Balance.Available, 0, ct);
        return new ResetBreakerResponse { Breaker = AccountMessages.Message(request.AccountId, closed.BreakerOf(product), executed.Now) };
    }
}
