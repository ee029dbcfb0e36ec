namespace Pennypost.Bench.Figures;

/// <summary>When requests are meant to be sent, whether or not the ones before were answered: as independent callers come (exponential gaps), the same for the same seed.</summary>
internal sealed class Arrivals(double perSecond, int seed)
{
    private readonly Random dice = new(seed);

    /// <summary>Seconds after the start at which the next request is meant to be sent; it never goes back.</summary>
    public double Next { get; private set; } = double.NaN;

    public double Advance()
    {
        var before = double.IsNaN(Next) ? 0 : Next;
        return Next = before - (Math.Log(1 - dice.NextDouble()) / perSecond);
    }
}
