namespace Pennypost.Routing.Planning;

/// <summary>What most tools do, and the seeds say: every prospect in turn takes the first channel that is valid and has room.</summary>
internal static class TakingTurns
{
    public static InTurn Of(Limits limits, IReadOnlyList<PlanDraft.Entry> entries)
    {
        var used = new Dictionary<int, long>();
        var crossed = new long[limits.Crossing.Count];
        var (sends, credits, value) = (0, 0L, (Int128)0);
        foreach (var entry in entries.OrderByDescending(entry => entry.Priority).ThenBy(entry => entry.ProspectId, StringComparer.Ordinal))
        {
            foreach (var offer in entry.Offers)
            {
                if (!Take(offer.Slot))
                    continue;
                sends++;
                credits += Slots.IsPaid(offer.Slot) ? 1 : 0;
                value += offer.Profit;
                break;
            }
        }

        return new(sends, credits, limits.ForfeitedOf(UsedOf), value, limits.CostOf(UsedOf));

        long UsedOf(int node) => used.GetValueOrDefault(node);

        bool Take(int slot)
        {
            for (var node = slot; node >= 0; node = limits.Network.ParentOf(node))
            {
                if (used.GetValueOrDefault(node) >= limits.Network.LimitOf(node))
                    return false;
            }

            for (var i = 0; i < crossed.Length; i++)
            {
                if (crossed[i] >= limits.Crossing[i].Limit.Units && limits.Crossing[i].Crossing.Slots.Contains(slot))
                    return false;
            }

            for (var node = slot; node >= 0; node = limits.Network.ParentOf(node))
                used[node] = used.GetValueOrDefault(node) + 1;
            for (var i = 0; i < crossed.Length; i++)
                crossed[i] += limits.Crossing[i].Crossing.Slots.Contains(slot) ? 1 : 0;
            return true;
        }
    }
}
