using Pennypost.Delivery.Accounts;
using Pennypost.Delivery.Messages;
using Pennypost.Dispatcher.Accounts;
using Pennypost.Dispatcher.Adapters;
using Pennypost.Dispatcher.Messages;
using Pennypost.Dispatcher.Policies;
using Pennypost.Dispatcher.Rates;
using Pennypost.Hosting;
using Pennypost.Router.V1;
using Domain = Pennypost.Delivery;
using Wire = Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Work;

/// <summary>A sender with the credits that it can draw on; null credits for one without InMail.</summary>
internal sealed record SenderInHand(AccountView Account, SenderPool? Pool);

/// <summary>Asks the router, with all that is known. The router keeps nothing and calls nobody.</summary>
internal sealed class Routes(RouterService.RouterServiceClient router, SenderAccounts accounts, CreditPools pools, TenantPolicies policies, RateCounts counts, ChannelAdapters adapters)
{
    private readonly Wire.Channel[] _offered = [.. adapters.Channels.Order().Select(channel => (Wire.Channel)channel)];

    /// <summary>The senders that a message may use.</summary>
    public async Task<IReadOnlyList<SenderInHand>> SendersAsync(string tenant, IReadOnlyCollection<string> accountIds, CancellationToken ct)
    {
        IEnumerable<AccountView> views = accountIds.Count == 0
            ? await accounts.ListAsync(tenant, ct)
            : (await Task.WhenAll(accountIds.Select(id => accounts.FindAsync(tenant, id, ct)))).OfType<AccountView>();
        return await Task.WhenAll(views.Take(100).Select(async view => new SenderInHand(view, await pools.PoolAsync(tenant, view, ct))));
    }

    /// <summary>Judges every sender and channel, by the policy that the message names as it stands now.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="prospect">What is known of the prospect.</param>
    /// <param name="message">The message; its id may be empty for one that is only looked at.</param>
    /// <param name="content">Its texts.</param>
    /// <param name="senders">Who may send it.</param>
    /// <param name="final">Decide with what there is.</param>
    /// <param name="explain">Write the sentence.</param>
    /// <param name="now">Now.</param>
    /// <param name="ct">Ends the waiting.</param>
    public async Task<Wire.Decision> RouteAsync(
        string tenant, Prospect prospect, Message message, Content content, IReadOnlyList<SenderInHand> senders, bool final, bool explain, DateTimeOffset now, CancellationToken ct)
    {
        using var span = Traces.Step("route");
        var request = new RouteRequest
        {
            Prospect = new ProspectState
            {
                ReplyTime = ToWire.Time(prospect.ReplyTime),
                ReplyReleased = !prospect.IsStoppedByReply(message),
                Suppressed = prospect.SuppressTime is not null,
                ClaimedBy = prospect.ClaimedBy(now) ?? "",
                EmailKnown = content.EmailAddress.Length > 0,
                EmailVerified = content.EmailVerifyTime is { } verified ? new Observed { Value = true, ObserveTime = ToWire.Time(verified) } : null,
            },
            Content = content.ToWire(),
            Priority = (Wire.Priority)message.Priority,
            Now = ToWire.Time(now),
            Explain = explain,
            Final = final,
            Policy = await policies.OfAsync(tenant, message.Policy, ct),
            Replies = await counts.RepliesAsync(tenant, ct),
        };
        request.Senders.AddRange(senders.Select(sender => Sender(prospect, message, sender, now)));
        return (await router.RouteAsync(request, OnBehalf.Of(tenant, ct))).Decision;
    }

    /// <summary>Advice on the texts.</summary>
    public async Task<IReadOnlyList<string>> AdviceAsync(string tenant, Content content, DateTimeOffset now, CancellationToken ct) =>
        [.. (await router.LintContentAsync(new LintContentRequest { Content = content.ToWire(), SendTime = ToWire.Time(now) }, OnBehalf.Of(tenant, ct))).Findings.Where(finding => finding.Severity == Wire.LintSeverity.Warning).Select(finding => finding.Text)];

    private Sender Sender(Prospect prospect, Message message, SenderInHand sender, DateTimeOffset now)
    {
        var view = prospect.ViewOf(sender.Account.Id);
        var allowance = sender.Account.Tightest(CappedAction.OpenProfileInmail);
        var wire = new Sender
        {
            AccountId = sender.Account.Id,
            Tier = (Wire.Tier)sender.Account.Account.Settings.Tier,
            State = (Wire.AccountState)sender.Account.Account.State,
            NetworkDistance = view.Distance is { } distance ? new ObservedDistance { Value = (Wire.NetworkDistance)distance.Value, ObserveTime = ToWire.Time(distance.Time) } : null,
            OpenProfile = Observed(view.OpenProfile),
            CanSendInmail = Observed(view.CanSendInmail),
            Invitation = view.Invitation is { } invitation
                ? new Router.V1.Invitation
                {
                    State = (Wire.InvitationState)invitation.State,
                    SendTime = ToWire.Time(invitation.SendTime),
                    WithdrawTime = ToWire.Time(invitation.WithdrawTime),
                    ObserveTime = ToWire.Time(invitation.ObserveTime),
                }
                : null,
            RepliedThread = view.ReplyTime is not null && view.ChatId.Length > 0,
            LastInmailTime = ToWire.Time(view.LastInmailTime),
            LastInmailAnswered = view.LastInmailAnswered,
            InmailRefusedUntil = ToWire.Time(view.InmailRefusedUntil),
            Credits = sender.Pool is { } pool ? Credits(pool, message) : null,
            OpenProfileRemaining = allowance?.Remaining ?? 0,
            OpenProfileResetTime = ToWire.Time(allowance?.ResetTime),
            HasMailbox = sender.Account.Account.Settings.EmailConnectionId.Length > 0,
            InConversation = prospect.ClaimedBy(now) == sender.Account.Id || view.LastSendTime is not null || view.ReplyTime is not null,
        };
        wire.OfferedChannels.AddRange(_offered);
        wire.ClosedChannels.AddRange(message.Closed.Where(closed => closed.AccountId == sender.Account.Id).Select(closed => (Wire.Channel)closed.Channel).Distinct());
        return wire;
    }

    private static SenderCredits Credits(SenderPool pool, Message message)
    {
        var credits = new SenderCredits
        {
            PoolId = pool.PoolId,
            Product = (Wire.Product)pool.Product,
            Available = pool.Available,
            Held = pool.Held,
            QueuedDemand = pool.QueuedBefore(message.Id, message.Priority),
            RenewTime = ToWire.Time(pool.RenewTime),
            ForfeitsAtRenewal = pool.ForfeitsAtRenewal,
            PriceMicros = pool.PriceMicros,
            Currency = pool.Currency,
            SecondInmailAllowed = pool.SecondInmailAllowed,
            Floor = pool.Floor,
            ObserveTime = ToWire.Time(pool.ObserveTime),
            BreakerUntil = ToWire.Time(pool.BreakerUntil),
            Budget = pool.Budget,
        };
        if (pool.BudgetLeft is { } left)
            credits.BudgetLeft = left;
        return credits;
    }

    private static Observed? Observed(Seen<bool>? seen) => seen is null ? null : new Observed { Value = seen.Value, ObserveTime = ToWire.Time(seen.Time) };

    /// <summary>The pure candidate behind one of the router's.</summary>
    public static Candidate Candidate(Wire.Candidate judged, SenderInHand sender)
    {
        var channel = (Domain.Channel)judged.Channel;
        return new Candidate
        {
            AccountId = judged.AccountId,
            Channel = channel,
            PoolId = channel == Domain.Channel.Inmail ? sender.Pool?.PoolId ?? "" : "",
            Product = Sends.InmailProduct(channel, sender.Account),
            SecondInmailAllowed = sender.Pool?.SecondInmailAllowed ?? false,
        };
    }
}
