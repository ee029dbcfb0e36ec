using System.Globalization;
using Pennypost.Sandbox.LinkedIn;
using Pennypost.Sandbox.Rules;

namespace Pennypost.Sandbox.Acts;

/// <summary>Moves balances, each time with an entry that says why.</summary>
internal static class CreditMoves
{
    public static void Spend(World world, Account account, Product product, string messageId) =>
        Move(world, account, product, CreditMove.Spent, -1, messageId);

    /// <summary>Returns the credit of the InMail that opened the chat, if its seat still has that product.</summary>
    public static void Refund(World world, Chat chat)
    {
        if (chat.Inmail is not { RefundedAt: null } inmail || world.Accounts.Find(chat.AccountId) is not { } account || account.For(inmail.Product) is null)
            return;
        world.Chats.Put(chat with { Inmail = inmail with { RefundedAt = world.Now } });
        Move(world, account, inmail.Product, CreditMove.Refunded, 1, world.MessagesIn(chat.Id)[0].Id);
    }

    public static void TopUp(World world, Account account, Product product, int amount) =>
        Move(world, account, product, CreditMove.ToppedUp, amount, null);

    public static void Set(World world, Account account, Product product, int balance) =>
        Move(world, account, product, CreditMove.Set, balance - account.For(product)!.Balance, null);

    /// <summary>The day has come: the credits are granted now, or later if a control said so; the next month is put on the calendar either way.</summary>
    public static void Renew(World world, Account account, Product product)
    {
        if (account.For(product) is not { } subscription)
            return;
        var delay = subscription.GrantDelay;
        var renewed = subscription with { NextRenewal = Credits.NextRenewal(subscription.RenewalDay, world.Now), GrantDelay = TimeSpan.Zero };
        account = account.With(renewed);
        world.Accounts.Put(account);
        Schedule(world, account, product, DueKind.Renewal, renewed.NextRenewal);
        if (delay > TimeSpan.Zero)
            Schedule(world, account, product, DueKind.PostGrant, world.Now + delay);
        else
            Grant(world, account, product);
    }

    public static void Grant(World world, Account account, Product product)
    {
        if (account.For(product) is not { } subscription)
            return;
        var granted = Credits.Grant(subscription);
        Move(world, account, product, CreditMove.Granted, granted.Added, null);
        if (granted.Forfeited > 0)
            Enter(world, account.Id, product, CreditMove.Forfeited, granted.Forfeited, granted.After.Balance, null);
    }

    public static void ScheduleRenewal(World world, Account account, Subscription subscription) =>
        Schedule(world, account, subscription.Product, DueKind.Renewal, subscription.NextRenewal);

    private static void Schedule(World world, Account account, Product product, DueKind kind, DateTimeOffset at) => world.Dues.Put(new()
    {
        // One renewal per seat and product: a changed day replaces the one that was planned. Late grants of several months may wait side by side.
        Id = kind == DueKind.Renewal
            ? $"renewal:{account.Id}:{product}"
            : $"grant:{account.Id}:{product}:{at.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)}",
        At = at,
        Kind = kind,
        AccountId = account.Id,
        Product = product,
    });

    private static void Move(World world, Account account, Product product, CreditMove move, int amount, string? messageId)
    {
        var subscription = account.For(product)!;
        var after = subscription with { Balance = subscription.Balance + amount };
        world.Accounts.Put(account.With(after));
        Enter(world, account.Id, product, move, amount, after.Balance, messageId);
    }

    private static void Enter(World world, string accountId, Product product, CreditMove move, int amount, int balanceAfter, string? messageId) =>
        world.Credits.Put(new()
        {
            Sequence = world.Credits.Count + 1,
            At = world.Now,
            AccountId = accountId,
            Product = product,
            Move = move,
            Amount = amount,
            BalanceAfter = balanceAfter,
            MessageId = messageId,
        });
}
