using System.Diagnostics;
using Pennypost.Delivery.Accounts;
using Pennypost.Dispatcher.Operators;
using Pennypost.Dispatcher.V1;
using Pennypost.Hosting;
using Shown = Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Accounts.Calls;

/// <summary>Stops a sender until it is resumed, and lets it go on. Both may be repeated. What the provider says of it is another matter and stays, and so does every cap.</summary>
internal sealed class PauseAccount(AccountBook book, OperatorActs acts, Errors errors)
{
    public async Task<PauseAccountResponse> HandleAsync(Caller caller, PauseAccountRequest request, CancellationToken ct)
    {
        Check(request.AccountId, request.Actor, request.Why);
        var act = new Shown.OperatorAct { Kind = Shown.OperatorActKind.PauseAccount, Actor = request.Actor, Why = request.Why, AccountId = request.AccountId };
        var account = await acts.RecordAsync(caller, act, who => SetAsync(caller.Tenant, request.AccountId, paused: true, who, overrideSafety: false, ct), ct);
        return new() { Account = account };
    }

    public async Task<ResumeAccountResponse> HandleAsync(Caller caller, ResumeAccountRequest request, CancellationToken ct)
    {
        Check(request.AccountId, request.Actor, request.Why);
        // A name is what lifts a pause by the safety score; a credential alone does not.
        var overrideSafety = request.Actor.Length > 0;
        var act = new Shown.OperatorAct { Kind = Shown.OperatorActKind.ResumeAccount, Actor = request.Actor, Why = request.Why, AccountId = request.AccountId, OverrideSafety = overrideSafety };
        var account = await acts.RecordAsync(caller, act, who => SetAsync(caller.Tenant, request.AccountId, paused: false, who, overrideSafety, ct), ct);
        return new() { Account = account };
    }

    private void Check(string accountId, string actor, string why)
    {
        var violations = new Violations();
        violations.Id("account_id", accountId);
        OperatorActs.Check(actor, why, violations);
        if (violations.Any)
            throw errors.Invalid(violations);
    }

    private async Task<Shown.Account> SetAsync(string tenant, string accountId, bool paused, string actor, bool overrideSafety, CancellationToken ct)
    {
        var executed = await book.ChangeAsync(
            tenant,
            accountId,
            false,
            (account, now) =>
            {
                var after = account.Paused == paused ? account : account with { Paused = paused };
                return new AccountDecision<bool>(overrideSafety && SafetyScore.AsOf(account, now).SafetyLevel == SafetyLevel.Paused ? SafetyScore.Override(after, actor, now) : after, true)
                {
                    StateCause = AccountStateCause.Operator,
                    Actor = actor,
                };
            },
            ct);
        if (!executed.Answer)
            throw errors.AccountNotFound(accountId);
        return AccountMessages.Message(await book.FindAsync(tenant, accountId, ct) ?? throw new UnreachableException());
    }
}
