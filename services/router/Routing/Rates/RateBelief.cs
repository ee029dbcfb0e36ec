namespace Pennypost.Routing.Rates;

/// <summary>
/// What is believed of a rate after so many tries: a Beta distribution, the prior with each success added to one side and each failure to the other. After few tries it is wide and near the prior.
/// </summary>
/// <param name="Alpha">Successes, the prior's included; above 0.</param>
/// <param name="Beta">Failures, the prior's included; above 0.</param>
public readonly record struct RateBelief(double Alpha, double Beta)
{
    // Newton's steps double the digits; bisection alone needs 52 to halve an interval of 1 down to a double's last digit.
    private const int MaxSteps = 200;
    private const double Accuracy = 1e-15;

    /// <summary>The belief after <paramref name="successes"/> of <paramref name="tries"/> more.</summary>
    public RateBelief After(long successes, long tries) => new(Alpha + successes, Beta + (tries - successes));

    /// <summary>The expected rate; 0 to 1.</summary>
    public double Mean => Alpha / (Alpha + Beta);

    /// <summary>The rate with the 90 % interval around it: the true one is below with 5 %, and above with 5 %.</summary>
    public RateEstimate Estimate() => new(Quantile(0.05), Mean, Quantile(0.95));

    /// <summary>The rate that the true one is below with this probability: 0 to 1.</summary>
    public double Quantile(double probability)
    {
        if (probability <= 0)
            return 0;
        if (probability >= 1)
            return 1;

        var scale = LogScale;
        var (low, high, at) = (0.0, 1.0, Mean);
        for (var step = 0; step < MaxSteps && high - low > Accuracy * high; step++)
        {
            var miss = Below(at, scale) - probability;
            if (miss == 0)
                return at;

            (low, high) = miss < 0 ? (at, high) : (low, at);

            // Newton's step where it stays inside; a half otherwise.
            var newton = at - (miss / Density(at, scale));
            var next = newton > low && newton < high ? newton : low + ((high - low) / 2);
            if (Math.Abs(next - at) <= Accuracy * next)
                return next;

            at = next;
        }

        return at;
    }

    /// <summary>The probability that the true rate is below <paramref name="rate"/>: the regularised incomplete beta function I(rate; Alpha, Beta).</summary>
    public double Below(double rate) => Below(rate, LogScale);

    /// <summary>The same where <see cref="LogScale"/> is known: it takes as long as the rest.</summary>
    internal double Below(double rate, double logScale)
    {
        if (rate <= 0)
            return 0;
        if (rate >= 1)
            return 1;

        // The fraction converges fast below the mean; above it the other tail's does.
        return rate < (Alpha + 1) / (Alpha + Beta + 2)
            ? Front(rate, logScale) * Fraction(Alpha, Beta, rate) / Alpha
            : 1 - (Front(rate, logScale) * Fraction(Beta, Alpha, 1 - rate) / Beta);
    }

    /// <summary>How probable the rate is against others: the derivative of what is below it.</summary>
    internal double Density(double rate, double logScale) => Front(rate, logScale) / (rate * (1 - rate));

    /// <summary>The logarithm of <see cref="Front"/> at the mean.</summary>
    internal double LogScale => (0.5 * Math.Log(Alpha / (Alpha + Beta) * Beta / (2 * Math.PI))) + StirlingError(Alpha + Beta) - StirlingError(Alpha) - StirlingError(Beta);

    // rate^Alpha (1 - rate)^Beta / B(Alpha, Beta), by how far the rate is from the mean. The logarithms of the three gamma functions are millions where counts are, and what is left of their difference
    // would have few digits (C. Loader's way).
    private double Front(double rate, double logScale)
    {
        var count = Alpha + Beta;
        var off = (rate * count) - Alpha;
        return Math.Exp((Alpha * LogLess(rate * count / Alpha, off / Alpha)) + (Beta * LogLess((1 - rate) * count / Beta, -off / Beta)) + logScale);
    }

    /// <summary>The logarithm of the ratio, less <paramref name="over"/>, by which it is over 1.</summary>
    private static double LogLess(double ratio, double over)
    {
        if (ratio is < 0.5 or > 2)
            return Math.Log(ratio) - over;

        // log(1 + u) = 2 (s + s^3/3 + s^5/5 ...) with s = u / (2 + u), of which 2s - u = -us is taken out: near 1 nothing else would be left.
        var s = over / (2 + over);
        var (square, sum, power) = (s * s, 0.0, s * s * s);
        for (var odd = 3; odd < 40 && Math.Abs(power) > 1e-40; odd += 2)
        {
            sum += power / odd;
            power *= square;
        }

        return (2 * sum) - (over * s);
    }

    // The continued fraction of the incomplete beta function (DLMF 8.17.22), by Lentz's method. It takes about the square root of the larger parameter in terms.
    private static double Fraction(double a, double b, double x)
    {
        const int maxTerms = 20_000;
        const double tiny = 1e-300;
        var (c, d) = (1.0, 1 / NotZero(1 - ((a + b) * x / (a + 1))));
        var result = d;
        for (var m = 1; m <= maxTerms; m++)
        {
            Step(m * (b - m) * x / ((a + (2 * m) - 1) * (a + (2 * m))));
            var factor = Step(-(a + m) * (a + b + m) * x / ((a + (2 * m)) * (a + (2 * m) + 1)));
            if (Math.Abs(factor - 1) < 1e-16)
                break;
        }

        return result;

        double Step(double term)
        {
            d = 1 / NotZero(1 + (term * d));
            c = NotZero(1 + (term / c));
            result *= d * c;
            return d * c;
        }

        static double NotZero(double value) => Math.Abs(value) < tiny ? tiny : value;
    }

    // By how much the logarithm of the gamma function is more than Stirling's (x - 1/2) log x - x + log(2 pi) / 2 (DLMF 5.11.1): from 16 on seven terms give all digits; smaller arguments are lifted there.
    private static double StirlingError(double x)
    {
        if (x < 16)
            return StirlingError(x + 1) + ((x + 0.5) * Math.Log((x + 1) / x)) - 1;

        var square = 1 / (x * x);
        return ((((((((((((1.0 / 156) * square) - (691.0 / 360_360)) * square) + (1.0 / 1_188)) * square) - (1.0 / 1_680)) * square) + (1.0 / 1_260)) * square) - (1.0 / 360)) * square + (1.0 / 12)) / x;
    }
}

/// <summary>A rate, and between which values the true one lies with 90 %.</summary>
/// <param name="Low">It is below with 5 %.</param>
/// <param name="Expected">The mean.</param>
/// <param name="High">It is above with 5 %.</param>
public readonly record struct RateEstimate(double Low, double Expected, double High);
