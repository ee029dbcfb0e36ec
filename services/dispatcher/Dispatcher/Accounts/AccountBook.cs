using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Options;
using Pennypost.Delivery.Accounts;
using Pennypost.Store;
using Shown = Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Accounts;

/// <summary>What a decision does to an account: the state after it and what is written beside it.</summary>
/// <param name="After">The account.</param>
/// <param name="Value">What the caller is told.</param>
internal sealed record AccountDecision<T>(Account After, T Value)
{
    /// <summary>What the breakers did: kept in the history, journaled, and followed by the breakers' due times.</summary>
    public ImmutableArray<BreakerEvent> Events { get; init; } = [];

    /// <summary>Permits written or deleted.</summary>
    public ImmutableArray<RecordChange> Records { get; init; } = [];

    /// <summary>The product whose breaker's next look is set although nothing happened to it.</summary>
    public Delivery.Product LookAgain { get; init; }

    /// <summary>Whether the account's state at the provider was looked at and is to be looked at again.</summary>
    public bool StateLooked { get; init; }

    /// <summary>What it is about, if it may change the account's state: told with the change.</summary>
    public AccountStateCause StateCause { get; init; }

    /// <summary>Who, if an operator decided.</summary>
    public string Actor { get; init; } = "";
}

/// <summary>Account partitions: read, decide, commit once.</summary>
internal sealed class AccountBook(StateStore store, Jitter jitter, IOptions<InboxOptions> options)
{
    /// <summary>Accounts of one tenant that are looked at together.</summary>
    public const int MostAccounts = 100;

    /// <summary>Accounts of one tenant.</summary>
    public const int MostOfTenant = 10_000;

    /// <summary>The journal's entry of a breaker that changed.</summary>
    public const string BreakerChanged = "breaker.changed";

    /// <summary>Due keys begin with this; the rest is the product's number.</summary>
    public const string BreakerDue = "breaker/";

    /// <summary>The due key of a lost session: webhooks get lost, so the provider is asked whether it is back.</summary>
    public const string StateDue = "state";

    /// <summary>The due key of reading what the provider has: webhooks get lost, and none tells what happened while a session was.</summary>
    public const string InboxDue = "inbox";

    /// <summary>The due key of a look at the pending invitations.</summary>
    public const string InvitationsDue = "invitations";

    /// <summary>Between two looks at an account whose session was lost.</summary>
    public static readonly TimeSpan StateEvery = TimeSpan.FromMinutes(15);

    /// <summary>One account; null if the tenant has none of this id.</summary>
    public async Task<AccountView?> FindAsync(string tenant, string accountId, CancellationToken ct)
    {
        var read = await store.ReadAsync(AccountStorage.Partition(tenant, accountId), AccountStorage.Codec, [], 0, ct);
        return read.Head is { } account ? View(account, read.Now) : null;
    }

    /// <summary>A page of the tenant's accounts, by id.</summary>
    public async Task<(IReadOnlyList<AccountView> Accounts, string? NextPageToken)> ListAsync(string tenant, int pageSize, string? pageToken, CancellationToken ct)
    {
        var page = await store.ListAsync(AccountStorage.Kind, tenant, pageSize, pageToken, ct);
        var found = await Task.WhenAll(page.Partitions.Select(partition => FindAsync(tenant, partition.Id, ct)));
        return ([.. found.OfType<AccountView>()], page.NextPageToken);
    }

    /// <summary>All of the tenant's accounts, by id: page after page.</summary>
    /// <exception cref="InvalidOperationException">It has more than <see cref="MostOfTenant"/>.</exception>
    public async IAsyncEnumerable<AccountView> AllAsync(string tenant, [EnumeratorCancellation] CancellationToken ct)
    {
        string? pageToken = null;
        for (var page = 0; page < MostOfTenant / MostAccounts; page++)
        {
            (var accounts, pageToken) = await ListAsync(tenant, MostAccounts, pageToken, ct);
            foreach (var account in accounts)
                yield return account;
            if (pageToken is null)
                yield break;
        }

        throw new InvalidOperationException($"Tenant {tenant} has more than {MostOfTenant} accounts.");
    }

    /// <summary>The history of its breakers, oldest first; null if the tenant has no such account.</summary>
    public async Task<(AccountView Account, ImmutableArray<BreakerEvent> History)?> HistoryAsync(string tenant, string accountId, CancellationToken ct)
    {
        var read = await store.ReadAsync(AccountStorage.Partition(tenant, accountId), AccountStorage.Codec, [AccountStorage.HistoryKey], 0, ct);
        return read.Head is { } account
            ? (View(account, read.Now), AccountStorage.History(read.Records.GetValueOrDefault(AccountStorage.HistoryKey)))
            : null;
    }

    /// <summary>The usual way: decides on an account that exists; <paramref name="unknown"/> answers for one that does not.</summary>
    public Task<Executed<T>> ChangeAsync<T>(
        string tenant, string accountId, T unknown, Func<Account, DateTimeOffset, AccountDecision<T>> decide, CancellationToken ct) =>
        DecideAsync(tenant, accountId, RecordKeys.None, (account, view) => account is null ? null : decide(account, view.Now), unknown, ct);

    /// <summary>Decides and commits. Null from <paramref name="decide"/> answers <paramref name="unknown"/> and changes nothing.</summary>
    public Task<Executed<T>> DecideAsync<T>(
        string tenant, string accountId, RecordKeys keys, Func<Account?, PartitionView<Account>, AccountDecision<T>?> decide, T unknown, CancellationToken ct)
    {
        // A decision is made again when another writer was first: then with the same chance.
        var chance = jitter.Next();
        return store.ExecuteAsync<Account, T>(
            AccountStorage.Partition(tenant, accountId),
            AccountStorage.Codec,
            keys,
            view =>
            {
                if (decide(view.Head, view) is not { } decision)
                    return new Decision<Account, T>.Answer(unknown);
                if (decision.Events.Length > 0 && !view.IsLoaded(AccountStorage.HistoryKey))
                    return new Decision<Account, T>.NeedRecords([AccountStorage.HistoryKey]);
                return ReferenceEquals(decision.After, view.Head) && decision.Events.IsEmpty && decision.Records.IsEmpty && decision.LookAgain == default && !decision.StateLooked
                    ? new Decision<Account, T>.Answer(decision.Value)
                    : Commit(view, decision with { After = Alerting.Follow(Inboxes.Follow(view.Head, decision.After, options.Value.Rules, chance, view.Now), view.Now) });
            },
            0,
            ct);
    }

    private static Decision<Account, T>.Commit Commit<T>(PartitionView<Account> view, AccountDecision<T> decision)
    {
        var records = decision.Records;
        var entries = new List<JournalEntry>();
        if (decision.Events.Length > 0)
        {
            var history = BreakerHistory.With(AccountStorage.History(view.Record(AccountStorage.HistoryKey)), decision.Events);
            records = records.Add(new RecordChange.Put(AccountStorage.HistoryKey, AccountStorage.Bytes(history)));
            entries.AddRange(decision.Events.Where(happened => happened.Cause != BreakerCause.Skip).Select(happened => new JournalEntry(BreakerChanged, Message(happened).ToByteArray())));
        }

        if (AccountStateMessages.Entry(view.Head, decision.After, view.Now, decision.StateCause, decision.Actor) is { } changed)
            entries.Add(changed);
        if (decision.After.SafetyOverride is { } word && word != view.Head?.SafetyOverride)
            entries.Add(new JournalEntry("account.safety_overridden", SafetyStorage.Write(word).ToByteArray()));
        entries.AddRange(AlertMessages.Entries(view.Head?.Alerts ?? [], decision.After.Alerts, view.Now, accountId: decision.After.Id));
        return new Decision<Account, T>.Commit(decision.After, decision.Value) { Records = records, Entries = entries, Due = Due(view, decision) };
    }

    /// <summary>When each breaker that changed is to be looked at: an open one at its resume time, a half-open one now, a closed one never.</summary>
    private static List<DueChange> Due<T>(PartitionView<Account> view, AccountDecision<T> decision)
    {
        var due = new List<DueChange>();
        if (decision.StateLooked || (view.Head?.Condition ?? AccountState.Ok) != decision.After.Condition)
            due.Add(decision.After.Condition == AccountState.Disconnected ? new DueChange.Set(StateDue, view.Now + StateEvery, 2, []) : new DueChange.Remove(StateDue));
        if (decision.After.Inbox is { } inbox && view.Head?.Inbox?.NextLook != inbox.NextLook)
            due.Add(inbox.NextLook is { } look ? new DueChange.Set(InboxDue, look, 2, []) : new DueChange.Remove(InboxDue));
        if (decision.After.PendingLookTime != view.Head?.PendingLookTime)
            due.Add(decision.After.PendingLookTime is { } look ? new DueChange.Set(InvitationsDue, look, 2, []) : new DueChange.Remove(InvitationsDue));
        foreach (var breaker in decision.After.Breakers)
        {
            var before = view.Head?.BreakerOf(breaker.Product);
            var again = decision.LookAgain == breaker.Product;
            if (!again && before?.State == breaker.State && before.ResumeTime == breaker.ResumeTime && before.RefundExpected == breaker.RefundExpected)
                continue;
            var key = BreakerDue + ((int)breaker.Product).ToString(CultureInfo.InvariantCulture);
            due.Add(breaker.State switch
            {
                BreakerState.Open => new DueChange.Set(key, breaker.ResumeTime ?? view.Now, 1, []),
                BreakerState.HalfOpen => new DueChange.Set(key, again ? view.Now + Breakers.ReadEvery : view.Now, 1, []),
                _ => new DueChange.Remove(key),
            });
        }

        return due;
    }

    /// <summary>An event of a breaker in the contract's words.</summary>
    public static Shown.BreakerEvent Message(BreakerEvent happened) => new()
    {
        EventTime = Timestamp.FromDateTimeOffset(happened.Time),
        Product = (Shown.Product)happened.Product,
        State = (Shown.BreakerState)happened.State,
        Cause = (Shown.BreakerCause)happened.Cause,
        MessageId = happened.MessageId,
        Actor = happened.Actor,
    };

    /// <summary>As of now.</summary>
    internal static AccountView View(Account kept, DateTimeOffset now)
    {
        var account = SafetyScore.AsOf(kept, now);
        return new(account, Caps.Uses(account, now), now);
    }
}
