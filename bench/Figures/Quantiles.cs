namespace Pennypost.Bench.Figures;

/// <summary>The latencies of one measurement in milliseconds, none left out.</summary>
internal sealed record Quantiles(double P50, double P99, double P999, double Max, int Count)
{
    public static Quantiles Of(double[] values)
    {
        if (values.Length == 0) return new Quantiles(double.NaN, double.NaN, double.NaN, double.NaN, 0);
        var sorted = values.ToArray();
        Array.Sort(sorted);
        return new Quantiles(At(sorted, 0.5), At(sorted, 0.99), At(sorted, 0.999), sorted[^1], sorted.Length);
    }

    /// <summary>The smallest value that at least this share of all values does not exceed: one that was measured, never one in between.</summary>
    internal static double At(double[] sorted, double share) => sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
}
