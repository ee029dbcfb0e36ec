using System.Runtime.InteropServices;

namespace Pennypost.Routing.Planning;

/// <summary>What each prospect can be given: for each, the slots that are valid and what a send there is expected to bring, by slot.</summary>
internal sealed class Offers
{
    private readonly List<int> ends = [];
    private readonly List<Offer> all = [];

    /// <summary>How many prospects there are.</summary>
    public int Prospects => ends.Count;

    /// <summary>How many offers there are altogether.</summary>
    public int Count => all.Count;

    /// <summary>The offers of one prospect, by slot.</summary>
    public ReadOnlySpan<Offer> Of(int prospect)
    {
        var start = prospect == 0 ? 0 : ends[prospect - 1];
        return CollectionsMarshal.AsSpan(all)[start..ends[prospect]];
    }

    /// <summary>What one slot is expected to bring for a prospect who has it on offer.</summary>
    public long ProfitOf(int prospect, int slot)
    {
        var offers = Of(prospect);
        var (from, to) = (0, offers.Length - 1);
        while (from < to)
        {
            var middle = (from + to) / 2;
            if (offers[middle].Slot < slot)
                from = middle + 1;
            else
                to = middle;
        }

        return offers[from].Profit;
    }

    /// <summary>Adds a prospect with what it can be given; may be nothing.</summary>
    public void Add(ReadOnlySpan<Offer> offers)
    {
        all.AddRange(offers);
        CollectionsMarshal.AsSpan(all)[^offers.Length..].Sort(static (a, b) => a.Slot.CompareTo(b.Slot));
        ends.Add(all.Count);
    }
}

/// <summary>A slot that a prospect can be given, and what a send there is expected to bring, in millionths of the currency; not below 0.</summary>
internal readonly record struct Offer(int Slot, long Profit);
