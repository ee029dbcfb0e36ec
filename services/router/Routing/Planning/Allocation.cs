using System.Diagnostics;

namespace Pennypost.Routing.Planning;

/// <summary>
/// Gives each prospect at most one slot, so that what all of them are expected to bring, less what the capacities charge, is
/// greatest. Exact: successive shortest paths, one prospect after the other, each placed where it loses least, with whoever it
/// displaces along the way.
///
/// The paths are searched among slots and capacities, a few hundred nodes however many prospects there are: from one slot to
/// another the way is as long as the cheapest move of a prospect who has the one and could have the other. Every node has a
/// potential that keeps all ways from being shorter than none, so that a search ends at the first free place; the potentials
/// prove the result (no way round is worth going), and what one more unit of a capacity is worth follows from them.
/// </summary>
internal sealed class Allocation
{
    private readonly Network network;
    private readonly Offers offers;
    private readonly long[] penalties;

    // Nodes: slots, capacities, the slot of those who get nothing, the sink.
    private readonly int slots;
    private readonly int nothing;
    private readonly int sink;
    private readonly int[] parents;
    private readonly int[][] children;
    private readonly long[] flows;
    private readonly long[] potentials;

    private readonly int[] slotOf;
    private readonly List<int>?[] arrivals;
    private readonly Leavers?[]?[] leavers;

    // One search: labels of the nodes, valid where their stamp is the search's.
    private readonly long[] distances;
    private readonly int[] cameFrom;
    private readonly int[] cameBy;
    private readonly int[] labelled;
    private readonly int[] settled;
    private readonly List<int> waiting = [];
    private readonly List<int> done = [];
    private int search;

    private const int Start = -1;
    private const int ByTree = -1;

    private Allocation(Network network, Offers offers, long[]? penalties)
    {
        (this.network, this.offers) = (network, offers);
        slots = network.Slots;
        this.penalties = penalties ?? new long[slots];
        (nothing, sink) = (network.Nodes, network.Nodes + 1);
        parents = [.. Enumerable.Range(0, network.Nodes).Select(network.ParentOf).Select(parent => parent < 0 ? sink : parent), sink, -1];
        children = new int[sink + 1][];
        for (var node = 0; node <= sink; node++)
            children[node] = node < slots ? [] : [.. Enumerable.Range(0, sink).Where(child => parents[child] == node)];

        flows = new long[sink];
        potentials = new long[sink + 1];
        slotOf = new int[offers.Prospects];
        Array.Fill(slotOf, -1);
        arrivals = new List<int>?[slots];
        leavers = new Leavers?[]?[slots];

        // A slot stands here a second time, for what its prospects could do besides: looked at after everything that is as near.
        var labels = sink + 1 + slots;
        (distances, cameFrom, cameBy, labelled, settled) = (new long[labels], new int[labels], new int[labels], new int[labels], new int[labels]);
    }

    /// <summary>The slot of a prospect; -1 if it got none.</summary>
    public int SlotOf(int prospect) => slotOf[prospect] == nothing ? -1 : slotOf[prospect];

    /// <summary>How many units of a slot or capacity are used.</summary>
    public long UsedOf(int node) => flows[node];

    /// <summary>
    /// What one more unit of a slot would take from everybody else, charges included: no prospect got less than what its offers bring after
    /// that, and none could have got more.
    /// </summary>
    public long CostOf(int slot)
    {
        // What nobody uses has learned no price: it is what it is inside of that costs.
        var charges = 0L;
        for (var node = slot; node >= 0; node = network.ParentOf(node))
        {
            if (flows[node] > 0 || !HasRoom(node))
                return charges - potentials[node] + penalties[slot];
            charges += Charge(node);
        }

        return charges + penalties[slot];
    }

    /// <summary>What all sends are expected to bring less what the capacities and penalties charge.</summary>
    public Int128 Profit { get; private set; }

    /// <summary>The best allocation. Penalties, one for each slot, are taken off what every send there brings.</summary>
    public static Allocation Best(Network network, Offers offers, long[]? penalties, CancellationToken ct)
    {
        var allocation = new Allocation(network, offers, penalties);
        for (var prospect = 0; prospect < offers.Prospects; prospect++)
        {
            if (prospect % 1_024 == 0)
                ct.ThrowIfCancellationRequested();
            allocation.Place(prospect);
        }

        allocation.Profit = allocation.Add();
        return allocation;
    }

    /// <summary>What one more unit of each capacity would bring, in millionths of the currency; 0 where one is left. Exact, one capacity at a time.</summary>
    public IReadOnlyDictionary<int, long> ShadowPrices()
    {
        var prices = new Dictionary<int, long>();
        var moves = CheapestMoves();
        for (var node = slots; node < network.Nodes; node++)
            prices[node] = flows[node] < network.LimitOf(node) ? 0 : Math.Max(0, WorthOfOneMore(node, moves));
        return prices;
    }

    /// <summary>
    /// For each prospect in one of these slots, by how much all would bring less if it had to leave them and nothing else changed hands at
    /// another price than now. Sorted.
    /// </summary>
    public IReadOnlyList<long> CostOfLeaving(IReadOnlyCollection<int> some)
    {
        var costs = new List<long>();
        for (var prospect = 0; prospect < slotOf.Length; prospect++)
        {
            var slot = slotOf[prospect];
            if (!some.Contains(slot))
                continue;
            var (profit, least) = (Profits(prospect, slot) + potentials[slot], Profits(prospect, slot) + potentials[slot] - potentials[nothing]);
            foreach (var offer in offers.Of(prospect))
            {
                if (!some.Contains(offer.Slot))
                    least = Math.Min(least, profit - Profits(prospect, offer.Slot) - potentials[offer.Slot]);
            }

            costs.Add(least);
        }

        costs.Sort();
        return costs;
    }

    private long Profits(int prospect, int slot) => slot == nothing ? 0 : offers.ProfitOf(prospect, slot) - penalties[slot];

    private bool HasRoom(int node) => node >= network.Nodes || flows[node] < network.LimitOf(node);

    /// <summary>What one more unit costs.</summary>
    private long Charge(int node) => node >= network.Nodes || flows[node] < network.FreeUnitsOf(node) ? 0 : network.PriceOf(node);

    /// <summary>What one unit fewer gives back.</summary>
    private long Return(int node) => node >= network.Nodes || flows[node] <= network.FreeUnitsOf(node) ? 0 : network.PriceOf(node);

    /// <summary>Gives one more prospect a place, possibly none, and the others what is then best for all.</summary>
    private void Place(int prospect)
    {
        Begin();

        // The newcomer's own potential: so high that no way from it is shorter than none.
        var own = 0L;
        foreach (var offer in offers.Of(prospect))
            own = Math.Max(own, potentials[offer.Slot] + offer.Profit - penalties[offer.Slot]);
        foreach (var offer in offers.Of(prospect))
            Reach(offer.Slot, own - (offer.Profit - penalties[offer.Slot]) - potentials[offer.Slot], Start, ByTree);
        Reach(nothing, own - potentials[nothing], Start, ByTree);

        var distance = Search();
        foreach (var node in done)
            potentials[node] += distances[node] - distance;
        Follow(prospect);
    }

    private void Begin()
    {
        search++;
        waiting.Clear();
        done.Clear();
    }

    /// <summary>Goes on from the nearest node until the sink is the nearest.</summary>
    private long Search()
    {
        while (true)
        {
            var label = TakeNearest();
            if (label == sink)
                return distances[sink];

            if (label > sink)
            {
                ReachByMoves(label - sink - 1);
                continue;
            }

            done.Add(label);
            ReachByTree(label);
            if (label < slots)
                Reach(sink + 1 + label, distances[label], label, ByTree);
        }
    }

    private int TakeNearest()
    {
        Debug.Assert(waiting.Count > 0, "getting nothing is always possible, so that the sink is always reached");
        var best = 0;
        for (var i = 1; i < waiting.Count; i++)
        {
            var (one, other) = (waiting[i], waiting[best]);
            if (distances[one] < distances[other] || (distances[one] == distances[other] && Rank(one) < Rank(other)))
                best = i;
        }

        var nearest = waiting[best];
        waiting[best] = waiting[^1];
        waiting.RemoveAt(waiting.Count - 1);
        settled[nearest] = search;
        return nearest;
    }

    /// <summary>Of labels that are as near: the sink, then what leads to it, and last what slots' prospects could do besides, which costs most to look at.</summary>
    private int Rank(int label) => label > sink ? 1_000_000 + label : sink - label;

    private void Reach(int label, long distance, int from, int by)
    {
        Debug.Assert(distance >= 0, "potentials keep every way from being shorter than none");
        if (settled[label] == search || (labelled[label] == search && distances[label] <= distance))
            return;
        if (labelled[label] != search)
            waiting.Add(label);
        labelled[label] = search;
        (distances[label], cameFrom[label], cameBy[label]) = (distance, from, by);
    }

    /// <summary>Uses one unit of what a node is inside of, or gives up one of what is inside of it.</summary>
    private void ReachByTree(int node)
    {
        var distance = distances[node] + potentials[node];
        var parent = parents[node];
        if (parent >= 0 && HasRoom(node))
            Reach(parent, distance + Charge(node) - potentials[parent], node, ByTree);
        foreach (var child in children[node])
        {
            if (flows[child] > 0)
                Reach(child, distance - Return(child) - potentials[child], node, ByTree);
        }
    }

    /// <summary>Gives a prospect of the slot another one, or nothing.</summary>
    private void ReachByMoves(int slot)
    {
        var distance = distances[slot] + potentials[slot];
        var leaving = LeaversOf(slot);
        for (var other = 0; other <= slots; other++)
        {
            var target = other == slots ? nothing : other;
            if (settled[target] != search && leaving[other] is { } some && some.TryPeek(slotOf, slot, out var prospect, out var loss))
                Reach(target, distance + loss - potentials[target], slot, prospect);
        }
    }

    /// <summary>Those who could leave a slot, by the slot that they would get; the last is nothing. Kept only for slots that were once short.</summary>
    private Leavers?[] LeaversOf(int slot)
    {
        if (leavers[slot] is { } kept)
            return kept;

        leavers[slot] = new Leavers?[slots + 1];
        foreach (var prospect in arrivals[slot] ?? [])
        {
            if (slotOf[prospect] == slot)
                AddLeaver(prospect, slot);
        }

        arrivals[slot] = null;
        return leavers[slot]!;
    }

    private void AddLeaver(int prospect, int slot)
    {
        var row = leavers[slot]!;
        var profit = Profits(prospect, slot);
        foreach (var offer in offers.Of(prospect))
        {
            if (offer.Slot != slot)
                (row[offer.Slot] ??= new()).Add(prospect, profit - (offer.Profit - penalties[offer.Slot]));
        }

        (row[slots] ??= new()).Add(prospect, profit);
    }

    /// <summary>Does what the way from the newcomer to the sink says.</summary>
    private void Follow(int prospect)
    {
        for (var node = sink; node != Start;)
        {
            var (from, by) = (cameFrom[node], cameBy[node]);
            if (from == Start)
                Move(prospect, node);
            else if (by != ByTree)
                Move(by, node);
            else if (parents[from] == node)
                flows[from]++;
            else
                flows[node]--;
            node = from;
        }
    }

    private void Move(int prospect, int slot)
    {
        slotOf[prospect] = slot;
        if (slot == nothing)
            return;
        if (leavers[slot] is not null)
            AddLeaver(prospect, slot);
        else
            (arrivals[slot] ??= []).Add(prospect);
    }

    private Int128 Add()
    {
        Int128 profit = 0;
        for (var prospect = 0; prospect < slotOf.Length; prospect++)
            profit += Profits(prospect, slotOf[prospect]);
        for (var node = 0; node < network.Nodes; node++)
            profit -= network.CostOf(node, flows[node]);
        return profit;
    }

    /// <summary>For each two slots, nothing among them, the least that a move from the one to the other costs.</summary>
    private long[,] CheapestMoves()
    {
        var moves = new long[slots + 1, slots + 1];
        for (var from = 0; from <= slots; from++)
        {
            for (var to = 0; to <= slots; to++)
                moves[from, to] = long.MaxValue;
        }

        for (var prospect = 0; prospect < slotOf.Length; prospect++)
        {
            var from = slotOf[prospect] == nothing ? slots : slotOf[prospect];
            var profit = Profits(prospect, slotOf[prospect]);
            if (from != slots)
                moves[from, slots] = Math.Min(moves[from, slots], profit);
            foreach (var offer in offers.Of(prospect))
            {
                if (offer.Slot != from)
                    moves[from, offer.Slot] = Math.Min(moves[from, offer.Slot], profit - (offer.Profit - penalties[offer.Slot]));
            }
        }

        return moves;
    }

    /// <summary>
    /// With one more unit of a capacity a unit may go round: from its far side to its near side by ways that are there, and through it.
    /// The shortest such way says what that is worth.
    /// </summary>
    private long WorthOfOneMore(int node, long[,] moves)
    {
        Begin();
        var start = parents[node];
        Reach(start, 0, Start, ByTree);
        while (waiting.Count > 0)
        {
            var at = TakeNearest();
            if (at == node)
                return potentials[start] - potentials[node] - distances[node] - Charge(node);

            ReachByTree(at);
            if (at >= slots && at != nothing)
                continue;
            var from = at == nothing ? slots : at;
            for (var to = 0; to <= slots; to++)
            {
                var target = to == slots ? nothing : to;
                if (moves[from, to] != long.MaxValue)
                    Reach(target, distances[at] + moves[from, to] + potentials[at] - potentials[target], at, ByTree);
            }
        }

        return 0;
    }
}
