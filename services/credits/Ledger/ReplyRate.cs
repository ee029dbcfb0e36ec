namespace Pennypost.Ledger;

/// <summary>
/// What is believed of the share of InMails that are answered, after so many sends: a Beta distribution, the prior with each reply added to one side and each send without one to the other.
/// </summary>
/// <param name="Alpha">Replies, the prior's included; above 0.</param>
/// <param name="Beta">Sends without one, the prior's included; above 0.</param>
public readonly record struct ReplyRate(double Alpha, double Beta)
{
    // Newton's steps double the digits; bisection alone needs 52 to halve an interval of 1 down to a double's last digit.
    private const int MaxSteps = 200;
    private const double Accuracy = 1e-15;

    /// <summary>Before anything is known: one in ten, as if 18 of 20 had not answered. The trade says 10 to 25 % for InMail; the prior leans to the lower end and is outweighed after a few dozen sends.</summary>
    public static ReplyRate Prior { get; } = new(2, 18);

    /// <summary>The belief after <paramref name="replied"/> of <paramref name="sent"/> more were answered.</summary>
    public ReplyRate After(long replied, long sent) => new(Alpha + replied, Beta + (sent - replied));

    /// <summary>The expected share.</summary>
    public double Mean => Alpha / (Alpha + Beta);

    /// <summary>The share that the true one is below with this probability: 0 to 1.</summary>
    public double Quantile(double probability)
    {
        if (probability <= 0)
        {
            return 0;
        }

        if (probability >= 1)
        {
            return 1;
        }

        var (low, high, at) = (0.0, 1.0, Mean);
        for (var step = 0; step < MaxSteps && high - low > Accuracy * high; step++)
        {
            var miss = Below(at) - probability;
            if (miss == 0)
            {
                return at;
            }

            (low, high) = miss < 0 ? (at, high) : (low, at);

            // Newton's step where it stays inside; a half otherwise.
            var newton = at - (miss / Density(at));
            var next = newton > low && newton < high ? newton : low + ((high - low) / 2);
            if (Math.Abs(next - at) <= Accuracy * next)
            {
                return next;
            }

            at = next;
        }

        return at;
    }

    /// <summary>The probability that the true share is below <paramref name="share"/>: the regularised incomplete beta function.</summary>
    public double Below(double share)
    {
        if (share <= 0)
        {
            return 0;
        }

        if (share >= 1)
        {
            return 1;
        }

        // The fraction converges fast below the mean; above it the other tail's does.
        var front = Math.Exp((Alpha * Math.Log(share)) + (Beta * Math.Log(1 - share)) - LogBeta(Alpha, Beta));
        return share < (Alpha + 1) / (Alpha + Beta + 2)
            ? front * Fraction(Alpha, Beta, share) / Alpha
            : 1 - (front * Fraction(Beta, Alpha, 1 - share) / Beta);
    }

    private double Density(double share) => Math.Exp(((Alpha - 1) * Math.Log(share)) + ((Beta - 1) * Math.Log(1 - share)) - LogBeta(Alpha, Beta));

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
            {
                break;
            }
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

    private static double LogBeta(double a, double b) => LogGamma(a) + LogGamma(b) - LogGamma(a + b);

    // Stirling's series (DLMF 5.11.1) from 16 on, where seven terms give all digits; smaller arguments are lifted there.
    private static double LogGamma(double x)
    {
        var lifted = 0.0;
        while (x < 16)
        {
            lifted += Math.Log(x);
            x++;
        }

        var square = 1 / (x * x);
        var series = ((((((((((((1.0 / 156) * square) - (691.0 / 360_360)) * square) + (1.0 / 1_188)) * square) - (1.0 / 1_680)) * square) + (1.0 / 1_260)) * square) - (1.0 / 360)) * square + (1.0 / 12)) / x;
        return ((x - 0.5) * Math.Log(x)) - x + (0.5 * Math.Log(2 * Math.PI)) + series - lifted;
    }
}
