using Pennypost.Delivery.Accounts;
using Pennypost.Dispatcher.Provider;

namespace Pennypost.Dispatcher.Accounts;

/// <summary>
/// Asks the provider whether a lost session is back: webhooks get lost, and one that says so may be an old one that was tried again. Only "ok" is believed here: the provider does not know of LinkedIn's restrictions.
/// </summary>
internal sealed class StateLooks(SenderAccounts accounts, Connections connections, UnipileProvider provider)
{
    /// <summary>True if the session is back.</summary>
    public async Task<bool> LookAsync(string tenant, string accountId, AccountStateCause cause, CancellationToken ct)
    {
        var seen = await accounts.FindAsync(tenant, accountId, ct) is { } view
            && await connections.FindAsync(tenant, view.Account.Settings.ConnectionId, ct) is { } connection
                ? await provider.GetAccountAsync(connection.Provider, accountId, ct) as AccountReply.Known
                : null;
        var isBack = seen?.State == AccountState.Ok;
        await accounts.SeenAsync(tenant, accountId, isBack ? AccountState.Ok : null, seen?.OwnProviderId ?? "", cause, ct);
        return isBack;
    }
}
