namespace Pennypost.Routing.Planning;

/// <summary>What limits the slots of a plan: a network, and what crosses it.</summary>
internal sealed class Limits(Network network)
{
    private readonly List<(Limit Limit, int Node)> inNetwork = [];
    private readonly List<(Limit Limit, Crossing Crossing)> crossing = [];

    public Network Network => network;

    /// <summary>Those that are nodes of the network.</summary>
    public IReadOnlyList<(Limit Limit, int Node)> InNetwork => inNetwork;

    /// <summary>Those that cross others.</summary>
    public IReadOnlyList<(Limit Limit, Crossing Crossing)> Crossing => crossing;

    /// <summary>What the units cost that are used.</summary>
    public Int128 CostOf(Func<int, long> usedOf) => inNetwork.Aggregate((Int128)0, (sum, one) => sum + network.CostOf(one.Node, usedOf(one.Node)));

    /// <summary>Of the credits that would be forfeited, those that nobody uses.</summary>
    public long ForfeitedOf(Func<int, long> usedOf) =>
        inNetwork.Where(one => one.Limit.Kind == CapacityKind.Pool).Sum(one => Math.Max(0, network.FreeUnitsOf(one.Node) - usedOf(one.Node)));

    /// <summary>Adds a limit on slots or limits.</summary>
    public int Add(Limit limit, IEnumerable<int> inside, long freeUnits = long.MaxValue, long price = 0)
    {
        var node = network.AddCapacity(limit.Units, freeUnits, price);
        foreach (var one in inside)
            network.Put(one, node);
        inNetwork.Add((limit, node));
        return node;
    }

    /// <summary>Adds a limit between a slot and what it is inside of.</summary>
    public void Insert(Limit limit, int slot)
    {
        var outer = network.ParentOf(slot);
        network.Put(Add(limit, [slot]), outer);
    }

    /// <summary>Adds a limit that crosses others.</summary>
    public void Cross(Limit limit, IReadOnlyList<int> slots) => crossing.Add((limit, new Crossing(slots, limit.Units)));

    /// <summary>One limit, in the words of the plan.</summary>
    public sealed record Limit(CapacityKind Kind, string? PoolId, string? AccountId, IReadOnlyList<Channel> Channels, long Units);
}
