namespace Pennypost.Routing.Planning;

/// <summary>The days of a plan, each 24 hours from its time on, and which of them a policy sends on at all.</summary>
internal sealed class PlanDays
{
    private readonly bool[] open;

    private PlanDays(bool[] open) => this.open = open;

    /// <summary>Whether nothing may be sent on any of them.</summary>
    public bool AreAllClosed => !open.Contains(true);

    public static PlanDays Of(PlanTerms terms, RoutingPolicy policy)
    {
        var open = new bool[terms.Days];
        for (var day = 0; day < open.Length; day++)
        {
            var start = terms.Now.AddDays(day);
            open[day] = policy.Hours is not { } hours || hours.NextOpening(start) is not { } opening || opening < start.AddDays(1);
        }

        return new(open);
    }

    /// <summary>How many sends all days together can have.</summary>
    public long Together(Allowance allowance) =>
        allowance.PerDay(open).Aggregate(0L, static (sum, day) => Math.Min(sum + Math.Min(day, int.MaxValue), int.MaxValue));

    /// <summary>The day of the first send, of the second, and so on, for as many as there can be; without an allowance all are on the first day that is open.</summary>
    public IEnumerable<int> Of(Allowance? allowance)
    {
        var perDay = (allowance ?? new Allowance([], [])).PerDay(open);
        for (var day = 0; day < perDay.Count; day++)
        {
            for (var send = 0L; send < perDay[day]; send++)
                yield return day;
        }
    }
}
