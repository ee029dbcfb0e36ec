namespace Pennypost.Routing.Rates;

/// <summary>
/// The probability that one rate is higher than another: the integral of the one's density times the probability that the other lies below. By Gauss and Legendre's rule of 16 points on every piece
/// between quantiles of both beliefs, so that a wide one's pieces do not step over a narrow one; 1e-13 at either end is left out. A table of exact sums holds it to 1e-9.
/// </summary>
public static class Comparing
{
    private const double LeftOut = 1e-13;

    private static readonly double[] Cuts = [LeftOut, 1e-9, 1e-6, 1e-4, 0.002, 0.02, 0.1, 0.25, 0.5];

    // The positive zeros of the Legendre polynomial of degree 16, and their weights.
    private static readonly double[] Points =
    [
        0.0950125098376374402, 0.2816035507792589132, 0.4580167776572273863, 0.6178762444026437484, 0.7554044083550030339, 0.8656312023878317439, 0.9445750230732325761, 0.9894009349916499326,
    ];

    private static readonly double[] Weights =
    [
        0.1894506104550684963, 0.1826034150449235889, 0.1691565193950025382, 0.1495959888165767321, 0.1246289712555338721, 0.0951585116824927848, 0.0622535239386478929, 0.0271524594117540949,
    ];

    /// <summary>0 to 1; 0.5 for equal beliefs.</summary>
    public static double ProbabilityThatHigher(RateBelief one, RateBelief other)
    {
        if (one == other)
            return 0.5;

        var ends = EndsOfPieces(one, other);
        var (scale, otherScale, sum) = (one.LogScale, other.LogScale, 0.0);
        for (var end = 1; end < ends.Count; end++)
            sum += Piece(ends[end - 1], ends[end]);
        return Math.Clamp(sum, 0, 1);

        double Piece(double from, double to)
        {
            var (middle, half, piece) = ((from + to) / 2, (to - from) / 2, 0.0);
            for (var point = 0; point < Points.Length; point++)
                piece += Weights[point] * (At(middle - (half * Points[point])) + At(middle + (half * Points[point])));
            return half * piece;
        }

        double At(double rate) => one.Density(rate, scale) * other.Below(rate, otherScale);
    }

    /// <summary>From the one's lowest rate to its highest, over every quantile of both that lies between.</summary>
    private static List<double> EndsOfPieces(RateBelief one, RateBelief other)
    {
        var (low, high) = (one.Quantile(LeftOut), Upper(one, LeftOut));
        var ends = new List<double> { low, high };
        foreach (var cut in Cuts)
        {
            foreach (var end in (double[])[one.Quantile(cut), Upper(one, cut), other.Quantile(cut), Upper(other, cut)])
            {
                if (end > low && end < high)
                    ends.Add(end);
            }
        }

        ends.Sort();
        return ends;

        // Near 1 a probability has few digits; the other tail's has all.
        static double Upper(RateBelief belief, double cut) => 1 - new RateBelief(belief.Beta, belief.Alpha).Quantile(cut);
    }
}
