using System.Collections.Immutable;
using Pennypost.Delivery.Accounts;
using Pennypost.Delivery.Messages;
using Pennypost.Store;

namespace Pennypost.Dispatcher.Accounts;

/// <summary>
/// The senders: what each may do now, and what is kept of what it did. Every call is for one tenant; ids were checked where they entered. Another tenant's account is not found.
/// </summary>
public sealed class SenderAccounts
{
    private readonly AccountBook _book;
    private readonly DispatcherOptions _dispatcher;
    private readonly TimeProvider _time;
    private readonly Jitter _jitter;
    private readonly BreakerLog _log;
    private readonly ILogger<SenderAccounts> _logger;

    internal SenderAccounts(AccountBook book, DispatcherOptions dispatcher, TimeProvider time, Jitter jitter, BreakerLog log, ILogger<SenderAccounts> logger) =>
        (_book, _dispatcher, _time, _jitter, _log, _logger) = (book, dispatcher, time, jitter, log, logger);

    /// <summary>One sender with its present use of every cap; null if the tenant has none of this id.</summary>
    public Task<AccountView?> FindAsync(string tenant, string accountId, CancellationToken ct) => _book.FindAsync(tenant, accountId, ct);

    /// <summary>The tenant's senders by id: the first 100, which is as many as one message is routed over.</summary>
    public async Task<IReadOnlyList<AccountView>> ListAsync(string tenant, CancellationToken ct) =>
        (await _book.ListAsync(tenant, AccountBook.MostAccounts, null, ct)).Accounts;

    /// <summary>
    /// Asks whether an attempt may be written now, in one commit: all gates in their order, caps charged, the account's one write taken. Idempotent on message and attempt: a repeat is not
    /// charged again, and renews the lease while it lives.
    /// </summary>
    public async Task<PermitOutcome> PermitAsync(string tenant, PermitRequest request, CancellationToken ct)
    {
        // Before the commit: what the commit takes is the lease's, not the write's.
        var asked = _time.GetTimestamp();
        var (realNow, jitter) = (_time.GetUtcNow(), _jitter.Next());
        var permitKey = AccountStorage.PermitKey(request.MessageId, request.Attempt);
        var executed = await _book.DecideAsync<PermitDecision?>(
            tenant,
            request.AccountId,
            RecordKeys.New(permitKey),
            (account, view) =>
            {
                if (account is null)
                    return null;
                var open = AccountStorage.Permit(view.Record(permitKey));
                var ask = new PermitAsk
                {
                    MessageId = request.MessageId,
                    Attempt = request.Attempt,
                    Channel = request.Channel,
                    Priority = request.Priority,
                    Jitter = jitter,
                    Now = view.Now,
                    RealNow = realNow,
                    Lease = _dispatcher.WriteLease,
                    InboxReadSince = request.InboxReadSince,
                };
                var decided = Permits.Decide(account, ask, open);
                return new AccountDecision<PermitDecision?>(decided.Account, decided)
                {
                    Events = decided.Events,
                    Records = decided.Answer is PermitAnswer.Granted granted && granted.Permit != open
                        ? [new RecordChange.Put(permitKey, AccountStorage.Bytes(granted.Permit))]
                        : [],
                };
            },
            null,
            ct);
        if (executed.Answer is not { } decision)
            return new PermitOutcome.UnknownAccount();
        _log.Tell(request.AccountId, request.ProspectId, decision.Events);
        return decision.Answer switch
        {
            PermitAnswer.Granted => new PermitOutcome.Granted(asked + Ticks(_dispatcher.WriteLease - request.CallLimit - _dispatcher.ClockMargin)),
            PermitAnswer.Refused refused => new PermitOutcome.Refused(refused.Reason, refused.WaitUntil, refused.Effect),
            _ => new PermitOutcome.AlreadySettled(),
        };
    }

    /// <summary>
    /// The write is over, in one commit: lease freed, charge given back if known not sent, and what the answer says of credits and of the account. Idempotent on message and attempt; an unknown
    /// result may be followed by a known one. An account that is gone is no error.
    /// </summary>
    public async Task SettleAsync(string tenant, SettleRequest request, CancellationToken ct)
    {
        var permitKey = AccountStorage.PermitKey(request.MessageId, request.Attempt);
        var executed = await _book.DecideAsync(
            tenant,
            request.AccountId,
            RecordKeys.Of(permitKey),
            (account, view) =>
            {
                if (account is null)
                    return null;
                var open = AccountStorage.Permit(view.Record(permitKey));
                // A repeat finds no permit, and says the same of the account again, which changes nothing.
                var (after, closed, events) = Permits.Settle(account, open, request.Result, request.SendTime, view.Now);
                if (open is not null && request.Signal is { } signal)
                    after = Signals.Apply(after, Caps.ActionOf(request.Channel), signal, view.Now);
                return new AccountDecision<ImmutableArray<BreakerEvent>>(after, events)
                {
                    Events = events,
                    StateCause = AccountStateCause.RefusedCall,
                    Records = closed ? [new RecordChange.Delete(permitKey)] : [],
                };
            },
            ImmutableArray<BreakerEvent>.Empty,
            ct);
        _log.Tell(request.AccountId, "", executed.Answer);
    }

    /// <summary>Charges a send that was made by hand: once per id, however often it is told.</summary>
    public async Task ObserveAsync(string tenant, string accountId, string id, Delivery.Channel channel, DateTimeOffset sendTime, CancellationToken ct) =>
        await _book.ChangeAsync(
            tenant,
            accountId,
            false,
            (account, now) => Permits.Observe(account, id, Caps.ActionOf(channel), sendTime, now) is { } after ? new AccountDecision<bool>(after, true) : new AccountDecision<bool>(account, false),
            ct);

    /// <summary>A message was not tried, because the sender's breaker is open: a call of the provider that was saved (F63, F64).</summary>
    internal async Task SkippedAsync(string tenant, string accountId, string prospectId, string messageId, CancellationToken ct)
    {
        var executed = await _book.ChangeAsync(
            tenant,
            accountId,
            ImmutableArray<BreakerEvent>.Empty,
            (account, now) =>
            {
                if (account.BreakerOf(account.Settings.InmailProduct) is not { State: not BreakerState.Closed } breaker)
                    return new AccountDecision<ImmutableArray<BreakerEvent>>(account, []);
                var skipped = Breakers.Skip(breaker, messageId, now);
                return new AccountDecision<ImmutableArray<BreakerEvent>>(account.With(skipped.Breaker), skipped.Events) { Events = skipped.Events };
            },
            ct);
        _log.Tell(accountId, prospectId, executed.Answer);
    }

    /// <summary>Has the provider read for a credit that somebody waits for. Safe to repeat.</summary>
    internal Task WantBalanceAsync(string tenant, string accountId, CancellationToken ct) =>
        _book.ChangeAsync(
            tenant, accountId, false, (account, now) => Inboxes.WantBalance(account, now) is { } after ? new AccountDecision<bool>(after, true) : new AccountDecision<bool>(account, false), ct);

    /// <summary>What a look at the provider moved, and when the next one is. False if another look was faster: then it changes nothing.</summary>
    internal async Task<bool> InboxLookedAsync(string tenant, string accountId, Inbox before, Inbox after, bool finished, InboxRules rules, CancellationToken ct)
    {
        var jitter = _jitter.Next();
        var executed = await _book.ChangeAsync(
            tenant,
            accountId,
            false,
            (account, now) => Inboxes.Looked(account, before, after, finished, rules, jitter, now) is { } looked ? new AccountDecision<bool>(looked, true) : new AccountDecision<bool>(account, false),
            ct);
        return executed.Answer;
    }

    /// <summary>Takes one unit of the account's daily profile look-ups. False if no more than the reserve is left, the account cannot be used, or there is none.</summary>
    public async Task<bool> TryTakeProfileLookupAsync(string tenant, string accountId, int reserve, CancellationToken ct)
    {
        var executed = await _book.ChangeAsync(
            tenant,
            accountId,
            false,
            (account, now) => Permits.TakeProfileLookup(account, now, reserve) is { } after ? new AccountDecision<bool>(after, true) : new AccountDecision<bool>(account, false),
            ct);
        return executed.Answer;
    }

    /// <summary>Sends of this account were answered: they count for its response rate and its safety. One that is lost in a crash counts as unanswered, which errs on the careful side. An account that is gone is no error.</summary>
    public Task AnsweredAsync(string tenant, string accountId, IReadOnlyList<UnansweredSend> answered, CancellationToken ct) => answered.Count == 0
        ? Task.CompletedTask
        : _book.ChangeAsync(
            tenant,
            accountId,
            false,
            (account, _) => new AccountDecision<bool>(answered.Aggregate(account, (current, send) => Tallies.Answered(current, Caps.ActionOf(send.Channel), send.Time)), true),
            ct);

    /// <summary>
    /// What the provider says of an account, by event or when asked. Anything older than what is known changes nothing. True if it changed something.
    /// </summary>
    public async Task<bool> SeenAsync(string tenant, string accountId, AccountState? state, string ownProviderId, AccountStateCause cause, CancellationToken ct)
    {
        var executed = await _book.ChangeAsync(
            tenant,
            accountId,
            false,
            (account, now) =>
            {
                var after = state is { } condition ? Signals.Become(account, condition, now) : account;
                if (ownProviderId.Length > 0 && after.OwnProviderId != ownProviderId)
                    after = after with { OwnProviderId = ownProviderId };
                return new AccountDecision<bool>(after, !ReferenceEquals(after, account)) { StateLooked = cause == AccountStateCause.Poll, StateCause = cause };
            },
            ct);
        if (executed.Answer && state is { } seen)
            AccountsLog.StateSeen(_logger, accountId, seen);
        return executed.Answer;
    }

    private long Ticks(TimeSpan time) => (long)(time.TotalSeconds * _time.TimestampFrequency);
}

/// <summary>The host's one source of chance for spreading things: 0 to 1.</summary>
public sealed class Jitter
{
    /// <summary>The next value.</summary>
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5394", Justification = "It spreads load; nobody gains by guessing it.")]
    public double Next() => Random.Shared.NextDouble();
}
