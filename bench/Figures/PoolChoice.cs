namespace Pennypost.Bench.Figures;

/// <summary>Which pool a request is for: the n-th request always for the same one, so that every contender gets the same requests.</summary>
internal sealed class PoolChoice
{
    /// <summary>What a pool is opened with, less some to spare.</summary>
    private const double HoldsPerPool = 90_000;

    private readonly double[] cumulative;

    private PoolChoice(string name, int pools, double exponent)
    {
        Name = name;
        cumulative = new double[pools];
        var sum = 0.0;
        for (var pool = 0; pool < pools; pool++) cumulative[pool] = sum += Math.Pow(pool + 1, -exponent);
        for (var pool = 0; pool < pools; pool++) cumulative[pool] /= sum;
    }

    public static PoolChoice Hot { get; } = new("one hot pool", 1, 0);

    public static PoolChoice Uniform(int pools) => new($"{pools:N0} pools", pools, 0);

    /// <summary>The k-th pool gets a share like k to the minus <paramref name="exponent"/>.</summary>
    public static PoolChoice Zipf(int pools, int exponent) => new($"Zipf {exponent}", pools, exponent);

    public string Name { get; }

    public int Pools => cumulative.Length;

    /// <summary>The share of the pool that is asked for most.</summary>
    public double TopShare => cumulative[0];

    /// <summary>After so many requests all pools are replaced by new ones, before the first has no credits left.</summary>
    public long RequestsPerEpoch => (long)(HoldsPerPool / TopShare);

    public int Of(long request)
    {
        if (cumulative.Length == 1) return 0;
        var found = Array.BinarySearch(cumulative, Dice(request));
        return Math.Min(found < 0 ? ~found : found + 1, cumulative.Length - 1);
    }

    // SplitMix64: neighbouring numbers have nothing in common.
    private static double Dice(long request)
    {
        var mixed = (ulong)request * 0x9E3779B97F4A7C15UL;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9UL;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBUL;
        return ((mixed ^ (mixed >> 31)) >> 11) * (1.0 / (1UL << 53));
    }
}
