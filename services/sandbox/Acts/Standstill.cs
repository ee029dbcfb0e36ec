using Pennypost.Sandbox.LinkedIn;

namespace Pennypost.Sandbox.Acts;

/// <summary>Stops an account, or lets it work again.</summary>
internal static class Standstill
{
    public static Account Become(World world, Account account, AccountState state, SandboxOptions options)
    {
        account = account with { State = state };
        world.Accounts.Put(account);
        var status = state switch
        {
            AccountState.Disconnected => "CREDENTIALS",
            AccountState.Ok => "RECONNECTED",
            // A restriction is LinkedIn's doing: the provider learns of it when a call is refused, and tells no webhook.
            _ => null,
        };
        if (status is not null)
            Announcing.AccountStatus(world, account, status, options);
        return account;
    }
}
