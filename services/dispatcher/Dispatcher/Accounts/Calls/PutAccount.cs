using System.Diagnostics;
using Pennypost.Delivery.Accounts;
using Pennypost.Dispatcher.Operators;
using Pennypost.Dispatcher.V1;
using Pennypost.Hosting;
using Pennypost.Store;
using Shown = Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Accounts.Calls;

/// <summary>Creates or replaces the settings of a sender. State, charges and breakers stay as they are.</summary>
internal sealed class PutAccount(AccountBook book, AccountOwners owners, Connections connections, OperatorActs acts, Errors errors)
{
    public Task<PutAccountResponse> HandleAsync(Caller caller, PutAccountRequest request, CancellationToken ct)
    {
        var violations = new Violations();
        if (AccountRequests.Parse(request.Account, violations) is not { } wanted)
            throw errors.Invalid(violations);
        var act = new Shown.OperatorAct { Kind = Shown.OperatorActKind.PutAccount, AccountId = wanted.AccountId };
        return acts.RecordAsync(caller, act, _ => PutAsync(caller.Tenant, wanted, ct), ct);
    }

    private async Task<PutAccountResponse> PutAsync(string tenant, WantedAccount wanted, CancellationToken ct)
    {
        if (await connections.FindAsync(tenant, wanted.Settings.ConnectionId, ct) is null)
            throw errors.ConnectionNotFound(wanted.Settings.ConnectionId);
        if (wanted.Settings.EmailConnectionId is { Length: > 0 } mailbox && await connections.FindMailboxAsync(tenant, mailbox, ct) is null)
            throw errors.ConnectionNotFound(mailbox);
        // Last before the account itself: a claim for a request that is refused would take the account away from its owner.
        if (await book.FindAsync(tenant, wanted.AccountId, ct) is { } known && !Fits(known.Account, wanted))
            throw errors.LostRace();
        if (!await owners.ClaimAsync(tenant, wanted.AccountId, ct))
            throw errors.AccountTaken(wanted.AccountId);

        var executed = await book.DecideAsync(
            tenant,
            wanted.AccountId,
            RecordKeys.None,
            (account, view) =>
            {
                var settings = wanted.Settings with { Safety = wanted.Settings.Safety.Begun(account?.Settings.Safety, view.Now) };
                if (account is null)
                    return Put(new Account { Id = wanted.AccountId, Settings = settings, CreateTime = view.Now, ConditionTime = view.Now });
                if (!Fits(account, wanted))
                    return new AccountDecision<bool>(account, false);
                return account.Settings == settings
                    ? new AccountDecision<bool>(account, true)
                    : Put(account with { Settings = settings, SettingsVersion = account.SettingsVersion + 1, RampRestarts = Ramps.Kept(account, settings.Safety) });
            },
            false,
            ct);
        if (!executed.Answer)
            throw errors.LostRace();
        var view = await book.FindAsync(tenant, wanted.AccountId, ct) ?? throw new UnreachableException();
        return new PutAccountResponse { Account = AccountMessages.Message(view) };
    }

    private static AccountDecision<bool> Put(Account account) => new(account, true) { StateCause = AccountStateCause.Put };

    private static bool Fits(Account account, WantedAccount wanted) => wanted.Etag.Length == 0 || wanted.Etag == AccountMessages.Etag(account);
}
