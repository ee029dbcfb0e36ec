using System.Diagnostics;
using Pennypost.Delivery.Accounts;
using Pennypost.Dispatcher.V1;
using Pennypost.Hosting;
using Shown = Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Accounts.Calls;

/// <summary>Stops a sender until it is resumed, and lets it go on. Both may be repeated. What the provider says of it is another matter and stays.</summary>
internal sealed class PauseAccount(AccountBook book, Errors errors)
{
    public async Task<PauseAccountResponse> HandleAsync(string tenant, PauseAccountRequest request, CancellationToken ct) =>
        new() { Account = await SetAsync(tenant, request.AccountId, true, "", ct) };

    public async Task<ResumeAccountResponse> HandleAsync(string tenant, ResumeAccountRequest request, CancellationToken ct) =>
        new() { Account = await SetAsync(tenant, request.AccountId, false, request.Actor, ct) };

    private async Task<Shown.Account> SetAsync(string tenant, string accountId, bool paused, string actor, CancellationToken ct)
    {
        var violations = new Violations();
        violations.Id("account_id", accountId);
        violations.Length("actor", actor, 0, 200);
        if (violations.Any)
            throw errors.Invalid(violations);
        var executed = await book.ChangeAsync(
            tenant,
            accountId,
            false,
            (account, now) =>
            {
                var after = account.Paused == paused ? account : account with { Paused = paused };
                return new AccountDecision<bool>(actor.Length > 0 && SafetyScore.AsOf(account, now).SafetyLevel == SafetyLevel.Paused ? SafetyScore.Override(after, actor, now) : after, true);
            },
            ct);
        if (!executed.Answer)
            throw errors.AccountNotFound(accountId);
        return AccountMessages.Message(await book.FindAsync(tenant, accountId, ct) ?? throw new UnreachableException());
    }
}
