using Microsoft.Extensions.Options;
using Pennypost.Delivery.Accounts;
using Pennypost.Dispatcher.Accounts;
using Pennypost.Dispatcher.Messages;
using Pennypost.Dispatcher.Provider;

namespace Pennypost.Dispatcher.Work;

/// <summary>
/// Reads an account's messages, relations, pending invitations and balances, for what webhooks did not tell: the provider drops them after five tries, and posts none while a session is lost. What is found goes
/// the same way as a webhook. One look is bounded in requests and in time; what it was too short for comes with the next.
/// </summary>
internal sealed class InboxSync(
    SenderAccounts accounts,
    Connections connections,
    CreditErrors credits,
    ProviderHappenings happenings,
    UnipileProvider provider,
    Jitter jitter,
    TimeProvider time,
    IOptions<InboxOptions> options,
    IOptions<DispatcherOptions> dispatcher,
    InboxMeter meter,
    ILogger<InboxSync> logger)
{
    /// <summary>How long a message of the account's own may be undecided before it is passed over: longer than a send is in doubt unless somebody must look.</summary>
    private static readonly TimeSpan _undecidedFor = TimeSpan.FromDays(1);

    private readonly InboxOptions _options = options.Value;

    public async Task LookAsync(string tenant, string accountId, CancellationToken ct)
    {
        if (await accounts.FindAsync(tenant, accountId, ct) is not { Account.Inbox: { NextLook: not null } before } account)
            return;
        // Within the lease of the due entry: another instance must not begin the same look before this one has ended.
        var until = time.GetTimestamp() + (long)(dispatcher.Value.WorkLease.TotalSeconds / 2 * time.TimestampFrequency);
        var (after, finished) = (before, false);
        if (await connections.FindAsync(tenant, account.Account.Settings.ConnectionId, ct) is { } connection)
        {
            var look = new Look(tenant, account, connection.Provider, until);
            (after, finished) = await MessagesAsync(look, before, ct);
            if (finished && before.NextRelations <= account.Now)
                after = await RelationsAsync(look, after, ct);
            // An answer brings its credit back, and a send by hand takes one, at the provider before it does in the books: those are compared when it is in both.
            if (finished && look.Replies + look.ByHand == 0)
                after = await BalancesAsync(look, before, after, ct);
        }

        await accounts.InboxLookedAsync(tenant, accountId, before, after, finished, _options.Rules, ct);
    }

    private sealed record Look(string Tenant, AccountView Account, ProviderConnection Connection, long Until)
    {
        public string AccountId => Account.Id;

        /// <summary>Answers that this look found.</summary>
        public long Replies { get; set; }

        /// <summary>Sends by hand that it found.</summary>
        public long ByHand { get; set; }

        /// <summary>Whether nothing but the account's own messages was left.</summary>
        public bool AllHeard { get; set; } = true;

        /// <summary>The provider's ids of the messages that it read.</summary>
        public HashSet<string> Read { get; set; } = [];
    }

    private async Task<(Inbox Inbox, bool Finished)> MessagesAsync(Look look, Inbox inbox, CancellationToken ct)
    {
        var reply = await provider.GetMessagesAsync(
            look.Connection, look.AccountId, look.Account.Account.OwnProviderId, Inboxes.MessagesFrom(inbox), inbox.Backlog?.Before, _options.Pages, ct);
        meter.Looked("messages", reply is MessagesReply.Read);
        switch (reply)
        {
            case MessagesReply.AccountDown down:
                await accounts.SeenAsync(look.Tenant, look.AccountId, down.State, "", AccountStateCause.RefusedCall, ct);
                return (inbox, false);
            case MessagesReply.Unreadable unreadable:
                logger.NotReadNow(look.Tenant, look.AccountId, "messages", unreadable.Why);
                return (inbox, false);
            case MessagesReply.Read read:
                look.Read = IdsOf(read);
                var newest = Inboxes.Newest(read.Messages.Select(message => message.Time), look.Account.Now);
                var heldFrom = await ApplyAsync(look, inbox, read.Messages, ct);
                return (Inboxes.Read(look.Account.Account, inbox, new(newest, read.Messages.Min(message => message.Time), read.Complete, heldFrom) { AllHeard = look.AllHeard }, look.Account.Now), true);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>Applies them in their order; says from when on one was left.</summary>
    private async Task<DateTimeOffset?> ApplyAsync(Look look, Inbox inbox, IReadOnlyList<ProviderEvent.MessageReceived> messages, CancellationToken ct)
    {
        DateTimeOffset? heldFrom = null;
        foreach (var message in messages)
        {
            if (time.GetTimestamp() > look.Until)
            {
                heldFrom ??= message.Time ?? inbox.MessagesUntil;
                look.AllHeard = false;
                break;
            }

            switch (await happenings.ApplyAsync(look.Tenant, look.Connection.ConnectionId, message, ct))
            {
                case Heard.Changed when message.IsOwn:
                    look.ByHand++;
                    break;
                case Heard.Changed:
                    look.Replies++;
                    break;
                case Heard.Undecided when message.Time + _undecidedFor > look.Account.Now:
                    heldFrom ??= message.Time;
                    look.AllHeard &= message.IsOwn;
                    break;
                case Heard.Undecided:
                    logger.PassedOver(look.Tenant, look.AccountId, _undecidedFor.TotalHours);
                    break;
            }
        }

        Tell(look, "reply", look.Replies);
        Tell(look, "by_hand", look.ByHand);
        return heldFrom;
    }

    /// <summary>Accepted invitations, and those that wait: LinkedIn shows neither before hours, so they are read rarely.</summary>
    private async Task<Inbox> RelationsAsync(Look look, Inbox inbox, CancellationToken ct)
    {
        var since = inbox.RelationsUntil - Inboxes.RelationOverlap;
        var relations = await provider.GetRelationsAsync(look.Connection, look.AccountId, since, _options.Pages, ct);
        meter.Looked("relations", relations is RelationsReply.Read);
        if (relations is RelationsReply.Read read)
        {
            var found = await CountAsync(look, read.Relations.Select(relation => new ProviderEvent.NewRelation(look.AccountId, relation.MemberId, relation.PublicId)), ct);
            Tell(look, "relation", found.Changed);
            if (read.Complete && found.AllApplied && Inboxes.Newest(read.Relations.Select(relation => relation.Time), look.Account.Now) is { } newest && newest > inbox.RelationsUntil)
                inbox = inbox with { RelationsUntil = newest };
        }
        else if (relations is RelationsReply.Unreadable unreadable)
        {
            logger.NotReadNow(look.Tenant, look.AccountId, "relations", unreadable.Why);
        }

        var invitations = await provider.GetPendingInvitationsAsync(look.Connection, look.AccountId, ct);
        meter.Looked("invitations", invitations is InvitationsReply.Read);
        if (invitations is InvitationsReply.Read { Pending: var pending })
        {
            var from = inbox.InvitationsUntil - Inboxes.RelationOverlap;
            var recent = pending.Where(one => one.Id.Length > 0 && one.SendTime > from).ToList();
            var found = await CountAsync(look, recent.Select(one => new ProviderEvent.InvitationPending(look.AccountId, one.Id, one.InvitedId, one.InvitedPublicId, one.SendTime!.Value)), ct);
            Tell(look, "invitation", found.Changed);
            if (found.AllApplied && Inboxes.Newest(recent.Select(one => one.SendTime), look.Account.Now) is { } newest && newest > inbox.InvitationsUntil)
                inbox = inbox with { InvitationsUntil = newest };
        }
        else if (invitations is InvitationsReply.Unreadable unreadable)
        {
            logger.NotReadNow(look.Tenant, look.AccountId, "invitations", unreadable.Why);
        }

        return inbox with { NextRelations = look.Account.Now + Inboxes.Spread(_options.Relations, jitter.Next()) };
    }

    private async Task<(long Changed, bool AllApplied)> CountAsync(Look look, IEnumerable<ProviderEvent> happened, CancellationToken ct)
    {
        var (changed, all) = (0L, true);
        foreach (var one in happened)
        {
            if (time.GetTimestamp() > look.Until)
                return (changed, false);
            var heard = await happenings.ApplyAsync(look.Tenant, look.Connection.ConnectionId, one, ct);
            changed += heard == Heard.Changed ? 1 : 0;
            all &= heard != Heard.Undecided;
        }

        return (changed, all);
    }

    private async Task<Inbox> BalancesAsync(Look look, Inbox before, Inbox inbox, CancellationToken ct)
    {
        var every = inbox.BalanceWanted ? _options.BalanceAfterRefusal : Inboxes.Spread(_options.Balance, jitter.Next());
        foreach (var pool in look.Account.Account.Settings.Pools)
            await credits.CompareAsync(look.Tenant, look.AccountId, pool, every, stopping => IsStillAllAsync(look, before, stopping), ct);
        return inbox with { BalanceWanted = false };
    }

    /// <summary>Whether nothing was written since the messages were read: a balance that was read after an answer has a credit more than the books, which do not know of the answer yet.</summary>
    private async Task<bool> IsStillAllAsync(Look look, Inbox before, CancellationToken ct) =>
        await provider.GetMessagesAsync(
            look.Connection, look.AccountId, look.Account.Account.OwnProviderId, Inboxes.MessagesFrom(before), before.Backlog?.Before, _options.Pages, ct) is MessagesReply.Read again
        && look.Read.IsSupersetOf(IdsOf(again));

    private static HashSet<string> IdsOf(MessagesReply.Read read) => [.. read.Messages.Select(message => message.MessageId)];

    private void Tell(Look look, string kind, long found)
    {
        meter.Found(kind, found);
        if (found > 0)
            logger.FoundByReading(look.Tenant, look.AccountId, found, kind);
    }
}
