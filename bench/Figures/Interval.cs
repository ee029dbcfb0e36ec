namespace Pennypost.Bench.Figures;

/// <summary>
/// A median, and between which values the true one lies. The bounds are values that were measured (order statistics): nothing is assumed of how they are spread.
/// </summary>
/// <param name="Median">The middle value; of an even number, the mean of the middle two.</param>
/// <param name="Low">The lower bound.</param>
/// <param name="High">The upper bound.</param>
/// <param name="Confidence">How sure the bounds are, 0 to 1: at least 0.95 from six values on; with fewer they are the least and the most, and less sure.</param>
/// <param name="Count">Of how many values.</param>
internal readonly record struct Interval(double Median, double Low, double High, double Confidence, int Count)
{
    private const double Wanted = 0.95;

    public static Interval Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        if (sorted.Length == 0) return new Interval(double.NaN, double.NaN, double.NaN, 0, 0);
        var rank = 1;
        while (rank + 1 <= sorted.Length / 2 && Coverage(sorted.Length, rank + 1) >= Wanted) rank++;
        var middle = (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
        return new Interval(middle, sorted[rank - 1], sorted[^rank], Coverage(sorted.Length, rank), sorted.Length);
    }

    /// <summary>How probably the true median lies between the values of this rank from below and from above: each value is above it or not with even odds.</summary>
    internal static double Coverage(int count, int rank)
    {
        var (term, outside) = (Math.Pow(0.5, count), 0.0);
        for (var below = 0; below < rank; below++)
        {
            outside += term;
            term *= (double)(count - below) / (below + 1);
        }

        return Math.Max(0, 1 - (2 * outside));
    }
}
