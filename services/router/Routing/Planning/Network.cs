namespace Pennypost.Routing.Planning;

/// <summary>
/// The slots that prospects are given, and the capacities that limit them. Every slot, and every capacity, is inside at most one
/// capacity: a unit in a slot counts in all that it is inside of. Those that cross others are <see cref="Crossing"/>.
/// </summary>
internal sealed class Network
{
    private readonly List<int> parents = [];
    private readonly List<long> limits = [];
    private readonly List<long> free = [];
    private readonly List<long> prices = [];

    /// <summary>A network of so many slots, none of them limited.</summary>
    public Network(int slots)
    {
        Slots = slots;
        for (var slot = 0; slot < slots; slot++)
            Add(long.MaxValue, 0, 0);
    }

    /// <summary>How many slots there are: they are the nodes from 0.</summary>
    public int Slots { get; }

    /// <summary>Slots and capacities.</summary>
    public int Nodes => parents.Count;

    /// <summary>The capacity that this one is inside of; -1 for none.</summary>
    public int ParentOf(int node) => parents[node];

    /// <summary>How many units it takes.</summary>
    public long LimitOf(int node) => limits[node];

    /// <summary>How many of its units cost nothing.</summary>
    public long FreeUnitsOf(int node) => free[node];

    /// <summary>What each further unit costs, in millionths of the currency.</summary>
    public long PriceOf(int node) => prices[node];

    /// <summary>What so many units cost.</summary>
    public Int128 CostOf(int node, long units) => (Int128)prices[node] * Math.Max(0, units - free[node]);

    /// <summary>A capacity, whose first units cost nothing and all others the price; what is inside of it is said afterwards.</summary>
    public int AddCapacity(long limit, long freeUnits = long.MaxValue, long price = 0) => Add(limit, freeUnits, price);

    /// <summary>Puts a slot or capacity inside a capacity.</summary>
    public void Put(int node, int insideOf) => parents[node] = insideOf;

    /// <summary>The same, to be limited further.</summary>
    public Network Copy()
    {
        var copy = new Network(Slots);
        foreach (var (from, to) in new[] { (limits, copy.limits), (free, copy.free), (prices, copy.prices) })
        {
            to.Clear();
            to.AddRange(from);
        }

        copy.parents.Clear();
        copy.parents.AddRange(parents);
        return copy;
    }

    /// <summary>Limits a slot by itself.</summary>
    public void Limit(int slot, long limit) => limits[slot] = limit;

    private int Add(long limit, long freeUnits, long price)
    {
        parents.Add(-1);
        limits.Add(limit);
        free.Add(freeUnits);
        prices.Add(price);
        return parents.Count - 1;
    }
}
