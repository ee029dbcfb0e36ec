namespace Pennypost.Routing.Planning;

/// <summary>
/// What prospects can be given: a sender and a channel each. A paid InMail has two, because messages of high priority may have what is
/// kept from the others.
/// </summary>
internal sealed class Slots
{
    private static readonly Channel[] _channels = [.. Enum.GetValues<Channel>().Where(channel => !channel.IsEngagement())];
    private static readonly int _perSender = _channels.Length + 1;
    private static readonly int _inMail = Array.IndexOf(_channels, Channel.InMail);

    private readonly PlanTerms terms;
    private readonly RoutingPolicy policy;
    private readonly PlanDays days;
    private readonly double netCost;
    private readonly PlanSender[] senders;
    private readonly Dictionary<string, int> indices;

    public Slots(PlanTerms terms, RoutingPolicy policy, PlanDays days)
    {
        (this.terms, this.policy, this.days) = (terms, policy, days);
        netCost = policy.ReplyPrior.ExpectedNetCost(terms.Replies);
        senders = [.. terms.Senders.OrderBy(sender => sender.Sender.AccountId, StringComparer.Ordinal)];
        indices = senders.Index().ToDictionary(one => one.Item.Sender.AccountId, one => one.Index, StringComparer.Ordinal);
    }

    /// <summary>How many there are.</summary>
    public int Count => senders.Length * _perSender;

    /// <summary>Senders, by their index.</summary>
    public IReadOnlyList<PlanSender> Senders => senders;

    /// <summary>The slot of a sender and channel.</summary>
    public int Of(string accountId, Channel channel, Priority priority) =>
        (indices[accountId] * _perSender) + (channel == Channel.InMail && priority == Priority.High ? _channels.Length : Array.IndexOf(_channels, channel));

    /// <summary>Whose.</summary>
    public PlanSender SenderOf(int slot) => senders[slot / _perSender];

    /// <summary>Whose, by index.</summary>
    public static int SenderIndexOf(int slot) => slot / _perSender;

    /// <summary>By what.</summary>
    public static Channel ChannelOf(int slot) => slot % _perSender is var place && place == _channels.Length ? Channel.InMail : _channels[place];

    /// <summary>Whether it costs a credit.</summary>
    public static bool IsPaid(int slot) => ChannelOf(slot) == Channel.InMail;

    /// <summary>Everything that limits these slots; `used`: those that somebody has on offer.</summary>
    public Limits Limit(IReadOnlySet<int> used)
    {
        var limits = new Limits(new Network(Count));
        foreach (var pool in terms.Pools.OrderBy(pool => pool.PoolId, StringComparer.Ordinal))
        {
            int[] drawing = [.. Enumerable.Range(0, senders.Length).Where(i => senders[i].Sender.Credits?.PoolId == pool.PoolId)];
            if (drawing.Length > 0)
                Add(limits, pool, drawing, used);
        }

        for (var i = 0; i < senders.Length; i++)
        {
            foreach (var allowance in senders[i].Allowances.Where(allowance => !allowance.Channels.Contains(Channel.InMail)))
                limits.Add(LimitOf(i, allowance), allowance.Channels.Select(channel => (i * _perSender) + Array.IndexOf(_channels, channel)));
        }

        return limits;
    }

    /// <summary>A pool with the seats that draw on it. What only messages of high priority may have is inside of the pool, but may cross the limits of seats.</summary>
    private void Add(Limits limits, PlanPool pool, int[] drawing, IReadOnlySet<int> used)
    {
        var price = (long)Math.Round(pool.PriceMicros * netCost);
        var whole = limits.Add(new Limits.Limit(CapacityKind.Pool, pool.PoolId, null, [Channel.InMail], pool.ToSpend), [], pool.Losing, price);
        var outer = whole;
        var withoutPriority = pool.ToSpendWithoutPriority(policy.CreditFloor);
        var kept = withoutPriority < pool.ToSpend && drawing.Any(i => used.Contains(Normal(i)));
        var both = kept && drawing.Any(i => used.Contains(High(i)));
        var below = new Limits.Limit(CapacityKind.BelowFloor, pool.PoolId, null, [Channel.InMail], withoutPriority);

        // Nobody has what is kept: it is as if the pool had less.
        if (kept && !both)
        {
            outer = limits.Add(below, []);
            limits.Network.Put(outer, whole);
        }

        foreach (var i in drawing)
        {
            int[] inside = [Normal(i), High(i)];
            foreach (var limit in InMailLimits(i))
                inside = [limits.Add(limit, inside)];
            foreach (var node in inside)
                limits.Network.Put(node, outer);
        }

        if (!both)
            return;
        if (!drawing.Any(i => InMailLimits(i).Any()))
            limits.Network.Put(limits.Add(below, drawing.Select(Normal)), whole);
        else if (drawing is [var only])
            limits.Insert(below, Normal(only));
        else
            limits.Cross(below, [.. drawing.Select(Normal)]);
    }

    private static int Normal(int sender) => (sender * _perSender) + _inMail;

    private static int High(int sender) => (sender * _perSender) + _channels.Length;

    /// <summary>A sender's own limits on paid InMails, the inner one first.</summary>
    private IEnumerable<Limits.Limit> InMailLimits(int sender)
    {
        foreach (var allowance in senders[sender].Allowances.Where(allowance => allowance.Channels.Contains(Channel.InMail)))
            yield return LimitOf(sender, allowance);
        if (senders[sender] is { CreditsLeft: { } left, Sender: { Credits: { } credits, AccountId: var account } })
            yield return new(CapacityKind.Seat, credits.PoolId, account, [Channel.InMail], left);
    }

    private Limits.Limit LimitOf(int sender, Allowance allowance) =>
        new(CapacityKind.Allowance, null, senders[sender].Sender.AccountId, allowance.Channels, days.Together(allowance));
}
