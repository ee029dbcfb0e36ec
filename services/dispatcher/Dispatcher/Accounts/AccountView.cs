using System.Collections.Immutable;
using Pennypost.Delivery;
using Pennypost.Delivery.Accounts;

namespace Pennypost.Dispatcher.Accounts;

/// <summary>A sender as of one moment.</summary>
/// <param name="Account">Settings, condition, breakers and charges.</param>
/// <param name="Usage">The present use of every cap in force.</param>
/// <param name="Now">The installation's time when it was looked at.</param>
public sealed record AccountView(Account Account, ImmutableArray<CapUse> Usage, DateTimeOffset Now)
{
    /// <summary>The provider's id of it.</summary>
    public string Id => Account.Id;

    /// <summary>The pool that pays its InMails; null if it sends none that cost a credit.</summary>
    public string? PoolId => Account.Settings.PoolOf(Account.Settings.InmailProduct);

    /// <summary>The breaker of the product whose InMails it sends, as of <see cref="Now"/>.</summary>
    public Breaker Breaker => Breakers.AsOf(Account.BreakerOf(Account.Settings.InmailProduct), Now).Breaker;

    /// <summary>Units left of an action in its tightest window, and when that changes.</summary>
    public CapUse? Tightest(CappedAction action) => Usage.Where(use => use.Action == action).MinBy(use => use.Remaining);
}

/// <summary>The credits that a sender can draw on.</summary>
public sealed record SenderPool
{
    /// <summary>The pool.</summary>
    public required string PoolId { get; init; }

    /// <summary>The product.</summary>
    public required Product Product { get; init; }

    /// <summary>Can be held now.</summary>
    public required long Available { get; init; }

    /// <summary>Set aside by open holds.</summary>
    public required long Held { get; init; }

    /// <summary>The next grant; null if none.</summary>
    public required DateTimeOffset? RenewTime { get; init; }

    /// <summary>Lost then if nothing is spent.</summary>
    public required long ForfeitsAtRenewal { get; init; }

    /// <summary>Price of an extra credit in millionths of <see cref="Currency"/>.</summary>
    public required long PriceMicros { get; init; }

    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }

    /// <summary>Whether the plan allows a second InMail before an answer.</summary>
    public required bool SecondInmailAllowed { get; init; }

    /// <summary>The last so many credits go only to messages of high priority.</summary>
    public required long Floor { get; init; }

    /// <summary>The version of the pool's state: pass it on as the least version to decide on.</summary>
    public required long Version { get; init; }

    /// <summary>When it was read.</summary>
    public required DateTimeOffset ObserveTime { get; init; }

    /// <summary>Until when the account's breaker is open; null if closed, and while half open.</summary>
    public required DateTimeOffset? BreakerUntil { get; init; }

    /// <summary>Credits that the sender is to make do with from one grant to the next: its seat's own limit, or the pool's grant; 0 if not known.</summary>
    public long Budget { get; init; }

    /// <summary>What its seat's own limit leaves of it; null if the pool alone limits it.</summary>
    public long? BudgetLeft { get; init; }

    /// <summary>Who waits for a credit of this pool.</summary>
    public required Demand Demand { get; init; }

    /// <summary>How many waiting messages go before this one.</summary>
    public long QueuedBefore(string messageId, Priority priority) => Demand.Ahead(messageId, priority);
}
