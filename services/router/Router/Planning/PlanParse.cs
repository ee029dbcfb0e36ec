using Pennypost.Hosting;
using Pennypost.Router.V1;
using Pennypost.Types.V1;

namespace Pennypost.Router.Planning;

/// <summary>What the requests of a plan must keep to. Every violation of one request is found in one go.</summary>
internal static class PlanParse
{
    private const int MaxSenders = 100;
    private const int MaxDays = 31;
    private const long MaxCount = 1_000_000;
    private const long MaxMicros = 1_000_000_000_000;

    public static void Terms(string at, PlanTerms terms, Routing.RoutingPolicy installation, Violations violations)
    {
        violations.Items(at + "senders", terms.Senders.Count, 1, MaxSenders);
        violations.Items(at + "pools", terms.Pools.Count, 0, MaxSenders);
        if (terms.Senders.Count > MaxSenders || terms.Pools.Count > MaxSenders)
            return;

        Distinct(at + "pools", "pool_id", terms.Pools.Select(pool => pool.PoolId), violations);
        for (var i = 0; i < terms.Pools.Count; i++)
            Pool($"{at}pools[{i}].", terms.Pools[i], violations);
        Distinct(at + "senders", "account_id", terms.Senders.Select(sender => sender.AccountId), violations);
        var pools = terms.Pools.Select(pool => pool.PoolId).ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < terms.Senders.Count; i++)
            Sender($"{at}senders[{i}].", terms.Senders[i], pools, violations);

        if (violations.Required(at + "content", terms.Content))
        {
            Parse.Content(terms.Content, at + "content.", violations);
            if (terms.Content.Engagement is not null)
                violations.Add(at + "content.engagement", "must be unset: an engagement has no choice of channel");
        }

        var rated = new HashSet<Channel>();
        for (var i = 0; i < terms.Rates.Count; i++)
        {
            MessageChannel($"{at}rates[{i}].channel", terms.Rates[i].Channel, violations);
            if (!rated.Add(terms.Rates[i].Channel))
                violations.Add($"{at}rates[{i}].channel", "must be distinct: an earlier rate has the same");
            if (!(terms.Rates[i].Rate is >= 0 and <= 1))
                violations.Add($"{at}rates[{i}].rate", "must be 0 to 1");
        }

        Parse.Replies(at, terms.Replies, violations);
        if (violations.Required(at + "now", terms.Now))
            Parse.Time(at + "now", terms.Now, violations);
        violations.Range(at + "days", terms.Days, 0, MaxDays);
        Parse.Policy(at, terms.Policy, installation, violations);
    }

    public static void Prospect(string at, PlanProspect prospect, Violations violations)
    {
        violations.Id(at + "prospect_id", prospect.ProspectId);
        if (prospect.State is { } state)
            Parse.Prospect(at + "state.", state, violations);
        Parse.Known(at + "priority", prospect.Priority, violations);
        violations.Range(at + "value_micros", prospect.ValueMicros, 0, MaxMicros);
        if (prospect.Common is { } common)
        {
            View(at + "common.", common, violations);
            if (common.AccountId.Length > 0)
                violations.Add(at + "common.account_id", "must be empty: it is what all senders know");
        }

        violations.Items(at + "views", prospect.Views.Count, 0, MaxSenders);
        if (prospect.Views.Count > MaxSenders)
            return;
        if (prospect.Views.Count > 0)
            Distinct(at + "views", "account_id", prospect.Views.Select(view => view.AccountId), violations);
        for (var i = 0; i < prospect.Views.Count; i++)
        {
            violations.Id($"{at}views[{i}].account_id", prospect.Views[i].AccountId);
            View($"{at}views[{i}].", prospect.Views[i], violations);
        }
    }

    private static void Pool(string at, PlanPool pool, Violations violations)
    {
        violations.Id(at + "pool_id", pool.PoolId);
        violations.Range(at + "available", pool.Available, 0, MaxCount);
        violations.Range(at + "queued_demand", pool.QueuedDemand, 0, MaxCount);
        violations.Range(at + "floor", pool.Floor, 0, MaxCount);
        violations.Range(at + "budget", pool.Budget, 0, MaxCount);
        violations.Range(at + "forfeits_at_renewal", pool.ForfeitsAtRenewal, 0, MaxCount);
        violations.Range(at + "price_micros", pool.PriceMicros, 0, MaxMicros);
    }

    private static void Sender(string at, PlanSender sender, HashSet<string> pools, Violations violations)
    {
        violations.Id(at + "account_id", sender.AccountId);
        Parse.Known(at + "tier", sender.Tier, violations);
        if (sender.State == AccountState.Unspecified)
            violations.Add(at + "state", "is required");
        else
            Parse.Known(at + "state", sender.State, violations);
        if (sender.PoolId.Length > 0 && !pools.Contains(sender.PoolId))
            violations.Add(at + "pool_id", "must be one of the plan's pools, or empty");
        Parse.Time(at + "breaker_until", sender.BreakerUntil, violations);
        violations.Range(at + "credits_left", sender.CreditsLeft, 0, MaxCount);
        violations.Items(at + "offered_channels", sender.OfferedChannels.Count, 0, 32);
        violations.Items(at + "allowances", sender.Allowances.Count, 0, 16);
        if (sender.Allowances.Count > 16)
            return;

        var counted = new HashSet<Channel>();
        for (var i = 0; i < sender.Allowances.Count; i++)
            Allowance($"{at}allowances[{i}].", sender.Allowances[i], counted, violations);
    }

    private static void Allowance(string at, Allowance allowance, HashSet<Channel> counted, Violations violations)
    {
        violations.Items(at + "channels", allowance.Channels.Count, 1, 32);
        for (var i = 0; i < Math.Min(allowance.Channels.Count, 32); i++)
        {
            MessageChannel($"{at}channels[{i}]", allowance.Channels[i], violations);
            if (!counted.Add(allowance.Channels[i]))
                violations.Add($"{at}channels[{i}]", "must be in one allowance of the sender only, once");
        }

        if (allowance.Channels.Count > 1 && allowance.Channels.Contains(Channel.Inmail))
            violations.Add(at + "channels", "must be CHANNEL_INMAIL alone where it is among them");
        violations.Items(at + "windows", allowance.Windows.Count, 1, 4);
        for (var i = 0; i < Math.Min(allowance.Windows.Count, 4); i++)
        {
            violations.Range($"{at}windows[{i}].days", allowance.Windows[i].Days, 1, MaxDays);
            violations.Range($"{at}windows[{i}].limit", allowance.Windows[i].Limit, 0, MaxCount);
            violations.Range($"{at}windows[{i}].used", allowance.Windows[i].Used, 0, MaxCount);
        }
    }

    private static void View(string at, ProspectView view, Violations violations)
    {
        Parse.Known(at + "network_distance", view.NetworkDistance, violations);
        Parse.Known(at + "invitation", view.Invitation, violations);
        Parse.Time(at + "invitation_send_time", view.InvitationSendTime, violations);
        Parse.Time(at + "invitation_withdraw_time", view.InvitationWithdrawTime, violations);
        Parse.Time(at + "last_inmail_time", view.LastInmailTime, violations);
        Parse.Time(at + "inmail_refused_until", view.InmailRefusedUntil, violations);
        Parse.Time(at + "observe_time", view.ObserveTime, violations);
        Parse.Time(at + "network_distance_time", view.NetworkDistanceTime, violations);
        Parse.Time(at + "open_profile_time", view.OpenProfileTime, violations);
        Parse.Time(at + "can_send_inmail_time", view.CanSendInmailTime, violations);
        Parse.Time(at + "invitation_time", view.InvitationTime, violations);
    }

    private static void MessageChannel(string field, Channel channel, Violations violations)
    {
        if (channel is Channel.Unspecified or Channel.ProfileView or Channel.Like or Channel.Comment || !Enum.IsDefined(channel))
            violations.Add(field, "must be a channel that carries a message");
    }

    private static void Distinct(string field, string of, IEnumerable<string> ids, Violations violations)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (i, id) in ids.Index())
        {
            if (id.Length > 0 && !seen.Add(id))
                violations.Add($"{field}[{i}].{of}", "must be distinct: an earlier one has the same");
        }
    }
}
