namespace Pennypost.Routing.Planning;

/// <summary>What a plan has to spend, and what it is judged by: everything but the prospects.</summary>
public sealed record PlanTerms
{
    /// <summary>At least one, with distinct ids; their order means nothing.</summary>
    public required IReadOnlyList<PlanSender> Senders { get; init; }

    /// <summary>The pools that the senders draw on, with distinct ids.</summary>
    public IReadOnlyList<PlanPool> Pools { get; init; } = [];

    /// <summary>The texts that all prospects would get.</summary>
    public required Content Content { get; init; }

    /// <summary>How often a send leads to a conversation.</summary>
    public ConversationRates Rates { get; init; } = ConversationRates.Default;

    /// <summary>How often the tenant's InMails are answered: the expected share of a credit that comes back.</summary>
    public ReplyCounts Replies { get; init; }

    /// <summary>The time to judge at; the first day of the plan is the 24 hours from then.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>How many days of 24 hours to spread the sends over; 1 or more.</summary>
    public int Days { get; init; } = 1;
}

/// <summary>A sender with what it may use.</summary>
public sealed record PlanSender
{
    /// <summary>The sender as every prospect finds it. Of its credits only the pool, the plan's rule and the breaker count: how many there are is the pool's.</summary>
    public required Sender Sender { get; init; }

    /// <summary>What its seat's own limit leaves of the pool; null if the pool alone limits it.</summary>
    public long? CreditsLeft { get; init; }

    /// <summary>How often it may act, for sets of channels that have none in common. A channel in none of them is not limited.</summary>
    public IReadOnlyList<Allowance> Allowances { get; init; } = [];

    /// <summary>
    /// The sender as the plan has it judged: what is scarce is counted over all prospects, and so keeps none of them away beforehand. A
    /// policy that asks for a number of credits is told how many there are.
    /// </summary>
    internal Sender AsJudged(PlanTerms terms, RoutingPolicy policy)
    {
        if (Sender.Credits is not { } credits)
            return Sender with { OpenProfileRemaining = 1 };

        var pool = terms.Pools.FirstOrDefault(pool => pool.PoolId == credits.PoolId);
        var left = Math.Min(pool?.ToSpend ?? 0, CreditsLeft ?? long.MaxValue);
        return Sender with
        {
            OpenProfileRemaining = 1,
            Credits = credits with
            {
                Available = policy.ConditionOf(Channel.InMail)?.MinCredits > left ? left : int.MaxValue,
                Held = 0,
                QueuedDemand = 0,
                Floor = 0,
                RenewsAt = null,
                ForfeitsAtRenewal = pool?.Losing ?? 0,
                BudgetLeft = null,
                ObservedAt = terms.Now,
            },
        };
    }
}

/// <summary>The credits of a pool.</summary>
public sealed record PlanPool
{
    /// <summary>The pool.</summary>
    public required string PoolId { get; init; }

    /// <summary>Available now. What the next renewal grants is the next plan's.</summary>
    public required long Available { get; init; }

    /// <summary>Messages that wait for a credit already and go first.</summary>
    public long QueuedDemand { get; init; }

    /// <summary>Credits kept for messages of high priority.</summary>
    public long Floor { get; init; }

    /// <summary>The most that this plan may spend of it; null: all that is there.</summary>
    public long? Budget { get; init; }

    /// <summary>Credits lost at the next renewal if nothing is spent: so many of them cost nothing.</summary>
    public long ForfeitsAtRenewal { get; init; }

    /// <summary>Price of an extra credit in millionths of the currency: what one that is not lost is worth.</summary>
    public long PriceMicros { get; init; }

    /// <summary>What this plan may spend.</summary>
    internal long ToSpend => Math.Max(0, Math.Min(Available - QueuedDemand, Budget ?? long.MaxValue));

    /// <summary>What of that messages of normal and low priority may have, where the policy keeps so many for high priority.</summary>
    internal long ToSpendWithoutPriority(long floor) => Math.Max(0, Math.Min(Available - QueuedDemand - Math.Max(Floor, floor), Budget ?? long.MaxValue));

    /// <summary>How many of them would be lost: those who go first spend such credits first.</summary>
    internal long Losing => Math.Max(0, ForfeitsAtRenewal - QueuedDemand);
}

/// <summary>How often a sender may act by some channels, in windows of some days.</summary>
public sealed record Allowance(IReadOnlyList<Channel> Channels, IReadOnlyList<AllowanceWindow> Windows)
{
    /// <summary>
    /// How many sends each day of a plan can have, as early as the windows allow; early sends leave their windows early, so that no other
    /// order gets more in. What was used before counts as used until its whole window has passed, since nobody knows when it was.
    /// </summary>
    /// <param name="open">For each day of the plan whether it sends at all.</param>
    public IReadOnlyList<long> PerDay(IReadOnlyList<bool> open)
    {
        var perDay = new long[open.Count];
        for (var day = 0; day < open.Count; day++)
        {
            var room = open[day] ? long.MaxValue : 0;
            foreach (var window in Windows)
            {
                var used = day < window.Days ? window.Used : 0;
                for (var earlier = Math.Max(0, day - window.Days + 1); earlier < day; earlier++)
                    used = Math.Min(used + Math.Min(perDay[earlier], int.MaxValue), int.MaxValue);
                room = Math.Min(room, window.Limit - Math.Min(used, window.Limit));
            }

            perDay[day] = room;
        }

        return perDay;
    }
}

/// <summary>A limit in every run of so many days of 24 hours, and what of it was used before the plan began.</summary>
public readonly record struct AllowanceWindow(int Days, long Limit, long Used);

/// <summary>One prospect of a plan.</summary>
public sealed record PlanProspect
{
    /// <summary>Distinct within a plan.</summary>
    public required string ProspectId { get; init; }

    /// <summary>What is known of it whoever looks.</summary>
    public ProspectState State { get; init; } = new();

    /// <summary>How much it matters: what is kept for high priority is kept for these.</summary>
    public Priority Priority { get; init; } = Priority.Normal;

    /// <summary>What a conversation with it is worth, in millionths of the currency; 0 to 10^12. One that is worth nothing gets nothing.</summary>
    public required long ValueMicros { get; init; }

    /// <summary>What each sender knows of it: the plan's senders (<see cref="PlanDraft.Senders"/>) in their order, with the facts of this prospect.</summary>
    public required IReadOnlyList<Sender> Senders { get; init; }
}
