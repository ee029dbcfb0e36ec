namespace Pennypost.Routing.Planning;

/// <summary>An allocation in the words of a plan.</summary>
internal sealed class PlanAnswer(PlanDays planDays, Slots slots, Limits limits, IReadOnlyList<PlanDraft.Entry> entries, int[] order, Bounded found)
{
    private readonly Allocation allocation = found.Allocation;

    public Plan Write()
    {
        var (worth, cost) = (allocation.ShadowPrices(), limits.CostOf(allocation.UsedOf));
        return new Plan
        {
            Assignments = Assignments(),
            Capacities =
            [
                .. limits.InNetwork.Select(one => Capacity(one.Limit, allocation.UsedOf(one.Node), worth[one.Node])),
                .. limits.Crossing.Select((one, i) => Capacity(one.Limit, one.Crossing.UsedBy(allocation), one.Crossing.UsedBy(allocation) < one.Limit.Units ? 0 : found.Penalties[i])),
            ],
            ValueMicros = allocation.Profit + cost,
            CostMicros = cost,
            Forfeited = limits.ForfeitedOf(allocation.UsedOf),
            GapMicros = found.Gap,
            InTurn = TakingTurns.Of(limits, entries),
        };
    }

    private static Capacity Capacity(Limits.Limit limit, long used, long worth) =>
        new(limit.Kind, limit.PoolId, limit.AccountId, limit.Channels, limit.Units, used, worth);

    private Assignment[] Assignments()
    {
        var slotOf = new int[entries.Count];
        for (var rank = 0; rank < order.Length; rank++)
            slotOf[order[rank]] = allocation.SlotOf(rank);
        var days = Days(slotOf);
        return [.. entries.Select((entry, i) => AssignmentOf(entry, slotOf[i], days[i]))];
    }

    private Assignment AssignmentOf(PlanDraft.Entry entry, int slot, int day)
    {
        if (slot >= 0)
        {
            var given = entry.Offers.First(offer => offer.Slot == slot);
            return new Assignment.Send(slots.SenderOf(slot).Sender.AccountId, Slots.ChannelOf(slot), day, given.Profit, allocation.CostOf(slot), Closest(entry, slot)) { ProspectId = entry.ProspectId };
        }

        return Closest(entry, slot) is { } closest ? new Assignment.CrowdedOut(closest) { ProspectId = entry.ProspectId }
            : entry.Reason == Reason.None ? new Assignment.WorthNothing { ProspectId = entry.ProspectId }
            : new Assignment.NotValid(entry.Reason, entry.HangsOnFacts) { ProspectId = entry.ProspectId };
    }

    /// <summary>Of what a prospect can be given besides, what brings most after what that is worth elsewhere.</summary>
    private Alternative? Closest(PlanDraft.Entry entry, int given)
    {
        Offer? best = null;
        foreach (var offer in entry.Offers)
        {
            if (offer.Slot != given && (best is not { } other || offer.Profit - allocation.CostOf(offer.Slot) > other.Profit - allocation.CostOf(other.Slot)))
                best = offer;
        }

        return best is { } closest
            ? new Alternative(slots.SenderOf(closest.Slot).Sender.AccountId, Slots.ChannelOf(closest.Slot), closest.Profit, allocation.CostOf(closest.Slot))
            : null;
    }

    /// <summary>The day of every send: those of a sender that count in one allowance as early as it allows, what brings most first.</summary>
    private int[] Days(int[] slotOf)
    {
        var days = new int[entries.Count];
        var groups = Enumerable.Range(0, entries.Count)
            .Where(i => slotOf[i] >= 0)
            .GroupBy(i => (Sender: Slots.SenderIndexOf(slotOf[i]), Allowance: AllowanceOf(slotOf[i])));
        foreach (var group in groups)
        {
            using var day = planDays.Of(group.Key.Allowance).GetEnumerator();
            foreach (var i in group.OrderByDescending(i => entries[i].Offers.First(offer => offer.Slot == slotOf[i]).Profit).ThenBy(i => entries[i].ProspectId, StringComparer.Ordinal))
            {
                day.MoveNext();
                days[i] = day.Current;
            }
        }

        return days;
    }

    private Allowance? AllowanceOf(int slot) => slots.SenderOf(slot).Allowances.FirstOrDefault(allowance => allowance.Channels.Contains(Slots.ChannelOf(slot)));
}
