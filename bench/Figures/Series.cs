namespace Pennypost.Bench.Figures;

/// <summary>One time through everything that a series compares, with the control before and after.</summary>
internal sealed record Round(Sample Before, IReadOnlyList<Sample> Samples, Sample After)
{
    public Sample Control => Before + After;

    public double Drift => Figures.Control.Drift(Before.PerSecond, After.PerSecond);
}

/// <summary>Rounds of the same measurements, in the same order. Figures are taken over the quiet rounds; if there are too few of them, over all, and <see cref="IsNoisy"/> says so.</summary>
internal sealed class Series(string name, IReadOnlyList<string> measured)
{
    private readonly List<Round> rounds = [];

    public string Name => name;

    /// <summary>What everything is held against.</summary>
    public string ControlName { get; init; } = "gRPC echo";

    public IReadOnlyList<string> Measured => measured;

    public int Rounds => rounds.Count;

    public int Quiet => rounds.Count(round => round.Drift <= Control.MostDrift);

    public bool IsNoisy => Quiet < Control.FewestRounds;

    public void Add(Round round)
    {
        if (round.Samples.Count != measured.Count) throw new ArgumentException("A round measures everything once.", nameof(round));
        rounds.Add(round);
    }

    /// <summary>Of the control.</summary>
    public Interval OfControl(Func<Sample, double> figure) => Interval.Of(Used().Select(round => figure(round.Control)));

    public Interval Of(string what, Func<Sample, double> figure) => Interval.Of(Used().Select(round => figure(round.Samples[At(what)])));

    /// <summary>As a multiple of the control's, round by round.</summary>
    public Interval TimesControl(string what, Func<Sample, double> figure) => BesideControl(what, (sample, control) => figure(sample) / figure(control));

    /// <summary>As a multiple of another's, round by round.</summary>
    public Interval Times(string what, string other, Func<Sample, double> figure) => Beside(what, other, (sample, another) => figure(sample) / figure(another));

    /// <summary>Anything of this and of the control, round by round.</summary>
    public Interval BesideControl(string what, Func<Sample, Sample, double> figure) => Interval.Of(Used().Select(round => figure(round.Samples[At(what)], round.Control)));

    /// <summary>Anything of this and of another, round by round.</summary>
    public Interval Beside(string what, string other, Func<Sample, Sample, double> figure) => Interval.Of(Used().Select(round => figure(round.Samples[At(what)], round.Samples[At(other)])));

    private IEnumerable<Round> Used() => rounds.Where(round => IsNoisy || round.Drift <= Control.MostDrift);

    private int At(string what) => measured.Index().First(one => one.Item == what).Index;
}
