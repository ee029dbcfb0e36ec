namespace Pennypost.Hosting;

/// <summary>
/// Rendezvous hashing: each partition ranks all instances by a hash of both, and goes to the first. When an instance goes away only its own
/// partitions move, to each one's second choice; when it is back they return.
/// </summary>
/// <remarks>Every process must rank alike, hence no <see cref="string.GetHashCode()"/>, which differs from process to process.</remarks>
internal static class Rendezvous
{
    /// <summary>A text's part in the hash; FNV-1a of its UTF-16 units.</summary>
    public static ulong Key(ReadOnlySpan<char> text)
    {
        var hash = 14_695_981_039_346_656_037UL;
        foreach (var unit in text) hash = unchecked((hash ^ unit) * 1_099_511_628_211UL);
        return hash;
    }

    /// <summary>The index of the partition's first choice.</summary>
    /// <param name="partition">The partition's key.</param>
    /// <param name="instances">The instances' keys, at least one.</param>
    public static int Choose(ulong partition, ReadOnlySpan<ulong> instances)
    {
        var (best, bestWeight) = (0, Weight(partition, instances[0]));
        for (var i = 1; i < instances.Length; i++)
        {
            var weight = Weight(partition, instances[i]);
            if (weight > bestWeight || (weight == bestWeight && instances[i] > instances[best])) (best, bestWeight) = (i, weight);
        }
        return best;
    }

    // FNV alone leaves neighbouring texts close together; SplitMix64's finaliser spreads them.
    private static ulong Weight(ulong partition, ulong instance)
    {
        unchecked
        {
            var mixed = partition ^ (instance * 0x9E3779B97F4A7C15UL);
            mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9UL;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBUL;
            return mixed ^ (mixed >> 31);
        }
    }
}
