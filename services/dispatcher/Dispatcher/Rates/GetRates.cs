using System.Collections.Frozen;
using Google.Protobuf.WellKnownTypes;
using Pennypost.Delivery.Rates;
using Pennypost.Dispatcher.Messages;
using Pennypost.Dispatcher.V1;
using Pennypost.Hosting;
using Pennypost.Router.V1;
using Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Rates;

/// <summary>Answers what the tenant's messages came to: the counts are kept here, what they say the router judges.</summary>
internal sealed class GetRates(RateCounts counts, RouterService.RouterServiceClient router, Errors errors)
{
    // What the router judges at once.
    private const int MostCells = 500;
    private const long MostSent = 10_000_000;
    private static readonly FrozenSet<Channel> _judged = FrozenSet.Create(Channel.DirectMessage, Channel.RepliedThread, Channel.OpenProfileInmail, Channel.ConnectionRequest, Channel.Inmail);
    private static readonly TimeSpan _longestMaturity = TimeSpan.FromDays(90);

    public async Task<GetRatesResponse> HandleAsync(string tenant, GetRatesRequest request, CancellationToken ct)
    {
        var violations = new Violations();
        var (start, end) = (Parse.Moment("start_time", request.StartTime, violations), Parse.Moment("end_time", request.EndTime, violations));
        if (end < start)
            violations.Add("end_time", "must not lie before start_time");
        var maturity = Maturity(request.MatureAfter, violations);
        Outcomes(request, violations);
        if (violations.Any)
            throw errors.Invalid(violations);

        var (window, sums) = await counts.SumAsync(tenant, now => CountWindow.Of(start, end, maturity, now), MostCells, ct);
        var answer = new GetRatesResponse { StartTime = Midnight(window.First), EndTime = Midnight(window.End), YoungSent = sums.Young, MergedSent = sums.Merged };
        answer.Counts.AddRange(sums.Cells.Select(Counts));
        Tell(request, answer, violations);
        if (sums.Cells.Sum(cell => cell.Tally.Sent) > MostSent)
            violations.Add("start_time", $"must be later, or end_time earlier: more than {MostSent:N0} messages were sent in between");
        if (violations.Any)
            throw errors.Invalid(violations);

        // Nobody here reads what answers an e-mail: unless somebody tells, that is not none.
        var told = request.Outcomes.Any(outcome => outcome.Channel == Channel.Email);
        var asked = new MeasureRatesRequest { UnitCosts = request.UnitCosts };
        asked.Counts.AddRange(answer.Counts.Where(count => count.Channel == Channel.Email ? told : _judged.Contains(count.Channel)));
        // Costs that are wrong are refused also while there is nothing to judge by them.
        if (asked.Counts.Count == 0 && asked.UnitCosts is null)
            return answer;
        var measured = await router.MeasureRatesAsync(asked, OnBehalf.Of(tenant, ct));
        answer.Rates.AddRange(measured.Rates);
        answer.Comparisons.AddRange(measured.Comparisons);
        answer.Costs.AddRange(measured.Costs);
        return answer;
    }

    private static TimeSpan Maturity(Duration? asked, Violations violations)
    {
        if (asked is null)
            return CountWindow.UsualMaturity;
        if (asked.Seconds < 0 || asked.Nanos is < 0 or > 999_999_999 || asked.Seconds > (long)_longestMaturity.TotalSeconds || (asked.Seconds == (long)_longestMaturity.TotalSeconds && asked.Nanos > 0))
        {
            violations.Add("mature_after", "must be 0 to 90 days");
            return CountWindow.UsualMaturity;
        }

        return asked.ToTimeSpan();
    }

    private static void Outcomes(GetRatesRequest request, Violations violations)
    {
        violations.Items("outcomes", request.Outcomes.Count, 0, MostCells);
        var seen = new HashSet<(Channel, string, string)>();
        for (var i = 0; i < Math.Min(request.Outcomes.Count, MostCells); i++)
        {
            var (at, outcome) = ($"outcomes[{i}].", request.Outcomes[i]);
            if (outcome.Channel == Channel.Unspecified || !System.Enum.IsDefined(outcome.Channel) || Delivery.Vocabulary.IsEngagement((Delivery.Channel)outcome.Channel))
                violations.Add(at + "channel", "must be a channel that carries words");
            violations.OptionalId(at + "segment", outcome.Segment);
            violations.OptionalId(at + "variant", outcome.Variant);
            violations.Range(at + "meetings", outcome.Meetings, 0, MostSent);
            violations.Range(at + "replied", outcome.Replied, 0, outcome.Channel == Channel.Email ? MostSent : 0);
            if (!seen.Add((outcome.Channel, outcome.Segment, outcome.Variant)))
                violations.Add(at + "channel", "must be distinct with segment and variant: an earlier item has the same");
        }
    }

    /// <summary>Adds what the caller tells to what was counted.</summary>
    private static void Tell(GetRatesRequest request, GetRatesResponse answer, Violations violations)
    {
        var cells = answer.Counts.ToDictionary(count => (count.Channel, count.Segment, count.Variant));
        for (var i = 0; i < request.Outcomes.Count; i++)
        {
            var (at, outcome) = ($"outcomes[{i}].", request.Outcomes[i]);
            if (!cells.TryGetValue((outcome.Channel, outcome.Segment, outcome.Variant), out var count))
            {
                violations.Add(at + "channel", "must name, with segment and variant, what was sent in the period");
                continue;
            }

            if (outcome.Channel == Channel.Email)
                count.Replied = outcome.Replied;
            count.Meetings = outcome.Meetings;
            if (count.Replied > count.Sent)
                violations.Add(at + "replied", "must not be more than was sent");
            if (count.Meetings > count.Replied)
                violations.Add(at + "meetings", "must not be more than the conversations");
        }
    }

    private static OutreachCounts Counts((CountCell Cell, Tally Tally) counted) => new()
    {
        Channel = (Channel)counted.Cell.Channel,
        Segment = counted.Cell.Segment,
        Variant = counted.Cell.Variant,
        Sent = counted.Tally.Sent,
        Accepted = counted.Tally.Accepted,
        Replied = counted.Tally.Replied,
        CreditsSpent = counted.Tally.CreditsSpent,
        CreditsRefunded = counted.Tally.CreditsRefunded,
    };

    private static Timestamp Midnight(DateOnly day) => Timestamp.FromDateTime(day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc));
}
