namespace Pennypost.Bench.Figures;

/// <summary>The same thing measured before and after others: if it changed, the machine changed, and the others measured that too.</summary>
internal static class Control
{
    /// <summary>A round whose control drifted by more is dropped.</summary>
    public const double MostDrift = 0.05;

    /// <summary>Fewer quiet rounds than this say nothing: then all are shown, and said to be noisy.</summary>
    public const int FewestRounds = 3;

    public static double Drift(double before, double after) => Math.Abs(before - after) / Math.Min(before, after);
}
