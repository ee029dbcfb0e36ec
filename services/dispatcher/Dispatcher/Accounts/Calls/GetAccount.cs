using Pennypost.Dispatcher.V1;
using Pennypost.Hosting;

namespace Pennypost.Dispatcher.Accounts.Calls;

/// <summary>Answers one sender, and lists the tenant's.</summary>
internal sealed class GetAccount(AccountBook book, CreditPools pools, Errors errors)
{
    private const int UsualPage = 50;
    private const int LargestPage = 500;
    private const int PoolsAtOnce = 16;

    public async Task<GetAccountResponse> HandleAsync(string tenant, GetAccountRequest request, CancellationToken ct)
    {
        var violations = new Violations();
        violations.Id("account_id", request.AccountId);
        if (violations.Any)
            throw errors.Invalid(violations);
        var view = await book.FindAsync(tenant, request.AccountId, ct) ?? throw errors.AccountNotFound(request.AccountId);
        return new GetAccountResponse { Account = AccountMessages.Message(view, await pools.EmptyAsync(tenant, view, ct)) };
    }

    public async Task<ListAccountsResponse> HandleAsync(string tenant, ListAccountsRequest request, CancellationToken ct)
    {
        var violations = new Violations();
        violations.Range("page_size", request.PageSize, 0, LargestPage);
        violations.OptionalId("page_token", request.PageToken);
        if (violations.Any)
            throw errors.Invalid(violations);
        var (accounts, next) = await book.ListAsync(
            tenant, request.PageSize == 0 ? UsualPage : request.PageSize, request.PageToken.Length == 0 ? null : request.PageToken, ct);
        var response = new ListAccountsResponse { NextPageToken = next ?? "" };
        foreach (var some in accounts.Chunk(PoolsAtOnce))
            response.Accounts.AddRange(await Task.WhenAll(some.Select(async view => AccountMessages.Message(view, await pools.EmptyAsync(tenant, view, ct)))));
        return response;
    }
}
