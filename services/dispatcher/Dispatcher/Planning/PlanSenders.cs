using Pennypost.Delivery;
using Pennypost.Delivery.Accounts;
using Pennypost.Dispatcher.Accounts;
using Pennypost.Dispatcher.Messages;
using Pennypost.Dispatcher.Work;
using Pennypost.Router.V1;
using Wire = Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Planning;

/// <summary>
/// Senders and pools in the words of a plan. Pure. What may do less tomorrow than today is not guessed at: the caps that hold now hold for all days, and what stops a sender for days is out for these days.
/// </summary>
internal static class PlanSenders
{
    private const int MostDays = 31;
    private const long Most = 1_000_000;

    /// <summary>Channels that are counted together; an engagement is none of a plan's.</summary>
    private static readonly (CappedAction Action, Wire.Channel[] Channels)[] _counted =
    [
        .. Enum.GetValues<Channel>().Where(channel => channel != Channel.Unspecified && !channel.IsEngagement())
            .GroupBy(Caps.ActionOf, (action, channels) => (action, channels.Select(channel => (Wire.Channel)channel).ToArray())),
    ];

    /// <summary>One sender.</summary>
    public static PlanSender Of(SenderInHand sender, IEnumerable<Wire.Channel> offered, DateTimeOffset now)
    {
        var account = SafetyScore.AsOf(sender.Account.Account, now);
        var plan = new PlanSender
        {
            AccountId = account.Id,
            Tier = (Wire.Tier)account.Settings.Tier,
            // The safety score stops as an operator does.
            State = account is { State: AccountState.Ok, SafetyLevel: SafetyLevel.Paused } ? Wire.AccountState.Paused : (Wire.AccountState)account.State,
            HasMailbox = account.Settings.EmailConnectionId.Length > 0,
        };
        plan.OfferedChannels.AddRange(offered);
        foreach (var (action, channels) in _counted)
        {
            var windows = Windows(sender.Account, account, action, now).ToList();
            if (windows.Count > 0)
                plan.Allowances.Add(new Allowance { Channels = { channels }, Windows = { windows } });
        }

        if (sender.Pool is not { } pool)
            return plan;
        plan.PoolId = pool.PoolId;
        plan.SecondInmailAllowed = pool.SecondInmailAllowed;
        plan.BreakerUntil = ToWire.Time(pool.BreakerUntil);
        if (pool.BudgetLeft is { } left)
            plan.CreditsLeft = Math.Clamp(left, 0, Most);
        return plan;
    }

    /// <summary>The pools that senders draw on, each once, as they are or as they are supposed to be.</summary>
    public static IEnumerable<PlanPool> Pools(IEnumerable<SenderInHand> senders, IEnumerable<Wire.PoolSupposition> suppositions, DateTimeOffset now)
    {
        var supposed = suppositions.ToDictionary(one => one.PoolId, StringComparer.Ordinal);
        foreach (var pool in senders.Select(sender => sender.Pool).OfType<SenderPool>().DistinctBy(pool => pool.PoolId))
        {
            var plan = new PlanPool
            {
                PoolId = pool.PoolId,
                // The provider has said that there is none, whatever the books say.
                Available = pool.Demand.ExhaustedUntil > now ? 0 : Math.Clamp(pool.Available, 0, Most),
                QueuedDemand = pool.Demand.Waiting.Length,
                Floor = Math.Clamp(pool.Floor, 0, Most),
                ForfeitsAtRenewal = Math.Clamp(pool.ForfeitsAtRenewal, 0, Most),
                PriceMicros = Math.Clamp(pool.PriceMicros, 0, Most * Most),
            };
            if (supposed.GetValueOrDefault(pool.PoolId) is { } one)
            {
                if (one.HasAvailable)
                    plan.Available = one.Available;
                if (one.HasBudget)
                    plan.Budget = one.Budget;
            }

            yield return plan;
        }
    }

    private static IEnumerable<AllowanceWindow> Windows(AccountView view, Account account, CappedAction action, DateTimeOffset now)
    {
        foreach (var use in view.Usage.Where(use => use.Action == action))
            // A calendar month may begin anew within the plan; that it does not is the careful guess.
            yield return new AllowanceWindow { Days = use.Window switch { CapWindow.Day => 1, CapWindow.Week => 7, _ => MostDays }, Limit = use.Limit, Used = use.Used };
        // Room under the ceiling comes with answers, and nobody knows when.
        if (action == CappedAction.Invitation)
            yield return new AllowanceWindow { Days = MostDays, Limit = account.Settings.Safety.PendingCeiling, Used = Math.Min(Pending.Count(account), Most) };
        else if (ClosedDays(account, action, now) is > 0 and var days)
            yield return new AllowanceWindow { Days = days, Limit = Most, Used = Most };
    }

    /// <summary>For how many whole days a sender may not act so, as far as that is known.</summary>
    private static int ClosedDays(Account account, CappedAction action, DateTimeOffset now)
    {
        var until = account.CoolDowns.Where(coolDown => coolDown.Action == CappedAction.Unspecified || coolDown.Action == action).Select(coolDown => coolDown.Until).DefaultIfEmpty(now).Max();
        if (action == CappedAction.Inmail && account.Settings.Safety.ResponseGuard?.PausedUntil(account, now) is { } paused && paused > until)
            until = paused;
        return (int)Math.Clamp((until - now).TotalDays, 0, MostDays);
    }
}
