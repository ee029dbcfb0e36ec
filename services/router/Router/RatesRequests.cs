using Pennypost.Hosting;
using Pennypost.Router.V1;
using Pennypost.Types.V1;
using Channel = Pennypost.Types.V1.Channel;
using RatePriors = Pennypost.Routing.Rates.RatePriors;

namespace Pennypost.Router;

/// <summary>What counts must keep to. Every violation is found in one go; counts without any can be judged.</summary>
internal static class RatesRequests
{
    private const int MaxCounts = 500;

    // The judging takes the square root of what was sent in steps, and no tenant sends more.
    private const long MaxSent = 10_000_000;
    private const long MaxUnitMicros = 10_000_000_000;

    public static void Parse(MeasureRatesRequest request, Violations violations)
    {
        violations.Items("counts", request.Counts.Count, 0, MaxCounts);
        if (request.Counts.Count <= MaxCounts)
        {
            for (var i = 0; i < request.Counts.Count; i++)
                Counts(request.Counts[i], $"counts[{i}].", violations);
            Together(request, violations);
        }

        if (request.UnitCosts is { } costs)
            Costs(costs, violations);
    }

    private static void Counts(OutreachCounts counts, string at, Violations violations)
    {
        Words(at + "channel", counts.Channel, violations);
        violations.OptionalId(at + "segment", counts.Segment);
        violations.OptionalId(at + "variant", counts.Variant);
        violations.Range(at + "sent", counts.Sent, 0, MaxSent);
        Part(at, "accepted", counts.Accepted, "sent", counts.Sent, violations);
        if (counts.Accepted > 0 && counts.Channel != Channel.ConnectionRequest)
            violations.Add(at + "accepted", "must be 0: only a connection request is accepted");
        Part(at, "replied", counts.Replied, "sent", counts.Sent, violations);
        Part(at, "meetings", counts.Meetings, "replied", counts.Replied, violations);
        Part(at, "credits_spent", counts.CreditsSpent, "sent", counts.Sent, violations);
        if (counts.CreditsSpent > 0 && counts.Channel != Channel.Inmail)
            violations.Add(at + "credits_spent", "must be 0: only an InMail costs a credit");
        Part(at, "credits_refunded", counts.CreditsRefunded, "credits_spent", counts.CreditsSpent, violations);
    }

    /// <summary>Some of the whole: one violation is enough.</summary>
    private static void Part(string at, string field, long part, string wholeField, long whole, Violations violations)
    {
        if (part is < 0 or > MaxSent)
            violations.Range(at + field, part, 0, MaxSent);
        else if (part > Math.Max(whole, 0))
            violations.Add(at + field, $"must not be more than {wholeField}");
    }

    private static void Together(MeasureRatesRequest request, Violations violations)
    {
        // Each is small enough, or was found above: the sum cannot overflow.
        var sent = request.Counts.Where(counts => counts.Sent is >= 0 and <= MaxSent).Sum(counts => counts.Sent);
        if (sent > MaxSent)
            violations.Range("counts", sent, 0, MaxSent);
    }

    private static void Costs(UnitCosts costs, Violations violations)
    {
        var costsSomething = costs.CreditMicros > 0 || costs.SendCosts.Any(cost => cost.Micros > 0);
        if ((costsSomething || costs.Currency.Length > 0) && (costs.Currency.Length != 3 || !costs.Currency.All(char.IsAsciiLetterUpper)))
            violations.Add("unit_costs.currency", "must be an ISO 4217 code of three capital letters");
        violations.Range("unit_costs.credit_micros", costs.CreditMicros, 0, MaxUnitMicros);

        violations.Items("unit_costs.send_costs", costs.SendCosts.Count, 0, RatePriors.Channels.Count);
        var seen = new HashSet<Channel>();
        for (var i = 0; i < costs.SendCosts.Count && i < MaxCounts; i++)
        {
            var (at, cost) = ($"unit_costs.send_costs[{i}].", costs.SendCosts[i]);
            Words(at + "channel", cost.Channel, violations);
            if (cost.Channel != Channel.Unspecified && !seen.Add(cost.Channel))
                violations.Add(at + "channel", "must be distinct: an earlier item has the same");
            violations.Range(at + "micros", cost.Micros, 0, MaxUnitMicros);
        }
    }

    private static void Words(string field, Channel channel, Violations violations)
    {
        if (channel == Channel.Unspecified)
            violations.Add(field, "is required");
        else if (!RatePriors.Channels.Contains((Routing.Channel)channel))
            violations.Add(field, "must be a channel that carries words");
    }
}
