namespace Pennypost.Routing.Planning;

/// <summary>
/// A limit on slots that lie inside different capacities, together: what a pool lets messages of normal priority have, where seats of it
/// have limits of their own. With it the capacities are no network any more.
/// </summary>
internal sealed record Crossing(IReadOnlyList<int> Slots, long Limit)
{
    /// <summary>How many units the slots use.</summary>
    public long UsedBy(Allocation allocation) => Slots.Sum(allocation.UsedOf);
}

/// <summary>An allocation within crossing limits, and a bound that none can be better than.</summary>
/// <param name="Allocation">The allocation.</param>
/// <param name="Bound">The bound.</param>
/// <param name="Penalties">What one more unit of each crossing limit would bring, as far as the search found out.</param>
internal sealed record Bounded(Allocation Allocation, Int128 Bound, IReadOnlyList<long> Penalties)
{
    /// <summary>How much better the best could be; 0 where this is the best.</summary>
    public Int128 Gap => Bound - Allocation.Profit;

    // A large plan is solved some seconds per try; a small one has more tries than it needs.
    private const int LeastTries = 2;
    private const int MostTries = 40;
    private const long OffersTried = 8_000_000;

    /// <summary>
    /// Looks for the best allocation within crossing limits (Lagrangian relaxation): each limit becomes a penalty on its slots, which is
    /// raised or lowered until the slots use what the limit says. With any penalties, what is brought, with the penalties for units that
    /// the limits allow given back, is a bound. In the end every slot is limited to its share of what the limit allows, which is a network
    /// again, and solved exactly.
    /// </summary>
    public static Bounded Best(Network network, Offers offers, IReadOnlyList<Crossing> crossings, CancellationToken ct)
    {
        var penalties = new Penalty[crossings.Count];
        for (var i = 0; i < penalties.Length; i++)
            penalties[i] = new Penalty(crossings[i]);

        var bound = Int128.MaxValue;
        var tries = Math.Clamp(OffersTried / Math.Max(1, offers.Count), LeastTries, MostTries);
        for (var attempt = 0L; attempt < tries; attempt++)
        {
            var allocation = Allocation.Best(network, offers, PerSlot(network, penalties), ct);
            bound = Int128.Min(bound, penalties.Aggregate(allocation.Profit, static (sum, penalty) => sum + ((Int128)penalty.Micros * penalty.Crossing.Limit)));
            if (penalties.All(penalty => penalty.IsMetBy(allocation)))
                return new(attempt == 0 ? allocation : Allocation.Best(Shared(network, penalties, allocation), offers, null, ct), bound, [.. penalties.Select(penalty => penalty.Micros)]);
            foreach (var penalty in penalties)
                penalty.Learn(allocation);
            if (penalties.All(penalty => penalty.IsSettled))
                break;
        }

        return new(Allocation.Best(Shared(network, penalties, null), offers, null, ct), bound, [.. penalties.Select(penalty => penalty.Micros)]);
    }

    private static long[] PerSlot(Network network, Penalty[] penalties)
    {
        var perSlot = new long[network.Slots];
        foreach (var penalty in penalties)
        {
            foreach (var slot in penalty.Crossing.Slots)
                perSlot[slot] = penalty.Micros;
        }

        return perSlot;
    }

    private static Network Shared(Network network, Penalty[] penalties, Allocation? met)
    {
        var shared = network.Copy();
        foreach (var penalty in penalties)
        {
            foreach (var (slot, share) in penalty.Shares(met))
                shared.Limit(slot, share);
        }

        return shared;
    }

    /// <summary>What the slots of one crossing limit are charged for, and what was learned with it.</summary>
    private sealed class Penalty(Crossing crossing)
    {
        private long tooLow = -1;
        private long highEnough = long.MaxValue;
        private long[]? above;
        private long[]? within;

        public Crossing Crossing { get; } = crossing;

        public long Micros { get; private set; }

        /// <summary>No penalty lies between one that is too low and one that is high enough.</summary>
        public bool IsSettled => highEnough - tooLow <= 1;

        /// <summary>Whether the limit is kept, and either is used up or was free: then nothing is better.</summary>
        public bool IsMetBy(Allocation allocation)
        {
            var used = Crossing.UsedBy(allocation);
            return used == Crossing.Limit || (Micros == 0 && used < Crossing.Limit);
        }

        public void Learn(Allocation allocation)
        {
            long[] used = [.. Crossing.Slots.Select(allocation.UsedOf)];
            var over = used.Sum() - Crossing.Limit;
            if (over > 0)
            {
                (tooLow, above) = (Math.Max(tooLow, Micros), used);
                var costs = allocation.CostOfLeaving([.. Crossing.Slots]);
                // One more than the last who is to go loses by going, so that it goes.
                var guess = Micros + costs[(int)Math.Min(over, costs.Count) - 1] + 1;
                Micros = guess < highEnough && guess > tooLow ? guess : Between();
            }
            else
            {
                (highEnough, within) = (Math.Min(highEnough, Micros), used);
                Micros = Between();
            }
        }

        /// <summary>What each slot may use: as much as where the limit was kept, and of what that leaves, what it used where the limit was not.</summary>
        public IEnumerable<(int Slot, long Share)> Shares(Allocation? met)
        {
            var least = met is null ? within ?? new long[Crossing.Slots.Count] : [.. Crossing.Slots.Select(met.UsedOf)];
            var most = above ?? least;
            var left = Crossing.Limit - least.Sum();
            for (var i = 0; i < least.Length; i++)
            {
                var more = Math.Clamp(most[i] - least[i], 0, Math.Max(0, left));
                left -= more;
                yield return (Crossing.Slots[i], least[i] + more);
            }
        }

        private long Between() => tooLow + ((Math.Min(highEnough, long.MaxValue / 4) - tooLow) / 2);
    }
}
