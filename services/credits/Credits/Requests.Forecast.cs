using Pennypost.Credits.V1;
using Pennypost.Hosting;
using Pennypost.Ledger;
using PlannedTopUp = Pennypost.Ledger.PlannedTopUp;
using Shown = Pennypost.Types.V1;
using UnansweredSends = Pennypost.Ledger.UnansweredSends;
using WhatIf = Pennypost.Ledger.WhatIf;

namespace Pennypost.Credits;

internal static partial class Requests
{
    private const double MaxSendsPerDay = 1_000;
    private const double LeastPrior = 0.01;
    private const double MostPrior = 1_000_000;
    private const long MaxSentSoFar = 1_000_000;
    private const int MaxUnanswered = 400;
    private const int MaxPlannedTopUps = 12;
    private static readonly TimeSpan ShortestHalfLife = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestHalfLife = TimeSpan.FromDays(90);

    public static (Outlook Outlook, WhatIf? WhatIf) Parse(ForecastRequest request, IReadOnlyDictionary<string, TermsOverride> overrides, DateTimeOffset now, Violations violations)
    {
        violations.Id("pool_id", request.PoolId);
        violations.Range("days", request.Days, 1, Outlook.MaxDays);
        if (!(request.SendsPerDay >= 0 && request.SendsPerDay <= MaxSendsPerDay)) violations.Add("sends_per_day", "must be 0 to 1,000");
        violations.Range("sent", request.Sent, 0, MaxSentSoFar);
        if (request.Replied < 0 || request.Replied > request.Sent) violations.Add("replied", "must be 0 to sent");
        var prior = ReplyRate.Prior;
        if (request.Prior is { } belief)
        {
            prior = new ReplyRate(belief.Alpha, belief.Beta);
            if (!(belief.Alpha >= LeastPrior && belief.Alpha <= MostPrior)) violations.Add("prior.alpha", "must be 0.01 to 1,000,000");
            if (!(belief.Beta >= LeastPrior && belief.Beta <= MostPrior)) violations.Add("prior.beta", "must be 0.01 to 1,000,000");
        }

        var outlook = new Outlook { Days = request.Days, SendsPerDay = request.SendsPerDay, Replies = prior.After(request.Replied, request.Sent) };
        if (request.ReplyHalfLife is { } duration)
        {
            if (Math.Abs(duration.Seconds) > LongestHalfLife.TotalSeconds || duration.ToTimeSpan() is var span && (span < ShortestHalfLife || span > LongestHalfLife))
                violations.Add("reply_half_life", "must be 1 hour to 90 days");
            else
                outlook = outlook with { ReplyHalfLife = duration.ToTimeSpan() };
        }

        outlook = outlook with { Unanswered = [.. UnansweredOf(request, now, violations)] };
        Version("min_version", request.MinVersion, violations);
        return (outlook, request.WhatIf is { } whatIf ? WhatIfOf(whatIf, overrides, now, request.Days, violations) : null);
    }

    private static List<UnansweredSends> UnansweredOf(ForecastRequest request, DateTimeOffset now, Violations violations)
    {
        violations.Items("unanswered_sends", request.UnansweredSends.Count, 0, MaxUnanswered);
        var sends = new List<UnansweredSends>();
        foreach (var (index, some) in request.UnansweredSends.Take(MaxUnanswered).Index())
        {
            var sentAt = Past($"unanswered_sends[{index}].send_time", some.SendTime, now, violations);
            violations.Range($"unanswered_sends[{index}].credits", some.Credits, 1, Pool.MaxBalance);
            sends.Add(new UnansweredSends(sentAt < now ? sentAt : now, some.Credits));
        }

        return sends;
    }

    private static WhatIf WhatIfOf(Shown.WhatIf wire, IReadOnlyDictionary<string, TermsOverride> overrides, DateTimeOffset now, int days, Violations violations)
    {
        violations.Items("what_if.top_ups", wire.TopUps.Count, 0, MaxPlannedTopUps);
        if (wire.TopUps.Count == 0 && wire.PlanId.Length == 0) violations.Add("what_if", "must plan a top-up or another plan");
        var topUps = new List<PlannedTopUp>();
        foreach (var (index, topUp) in wire.TopUps.Take(MaxPlannedTopUps).Index())
        {
            var field = $"what_if.top_ups[{index}]";
            violations.Range($"{field}.credits", topUp.Credits, 1, MaxTopUp);
            var at = topUp.BuyTime is null ? now : TimeOf($"{field}.buy_time", topUp.BuyTime, violations);
            if (at < now - ClockTolerance || at >= now.UtcDateTime.Date.AddDays(Math.Clamp(days, 1, Outlook.MaxDays))) violations.Add($"{field}.buy_time", "must lie within the days that are looked at");
            topUps.Add(new PlannedTopUp(at > now ? at.Value : now, topUp.Credits));
        }

        var plan = wire.PlanId.Length == 0 ? null : PlanCatalog.Find(wire.PlanId);
        if (wire.PlanId.Length > 0 && plan is null)
            violations.Add("what_if.plan_id", $"must be a plan of the catalogue: {string.Join(", ", PlanCatalog.Plans.Select(known => known.Id))}");
        return new WhatIf { TopUps = [.. topUps], Plan = plan is not null && overrides.TryGetValue(plan.Id, out var own) ? plan with { Terms = own.On(plan.Terms) } : plan };
    }
}
