using Pennypost.Router.V1;
using Pennypost.Routing.Rates;
using Channel = Pennypost.Routing.Channel;
using Pure = Pennypost.Routing.Rates;

namespace Pennypost.Router;

/// <summary>Between the wire's words about rates and the rules' own. Channels and kinds have the same numbers on both sides.</summary>
internal static class RatesWire
{
    public static IReadOnlyList<Pure.OutreachCounts> Counts(MeasureRatesRequest request) =>
        [.. request.Counts.Select(counts => new Pure.OutreachCounts
        {
            Channel = (Channel)counts.Channel,
            Segment = counts.Segment,
            Variant = counts.Variant,
            Sent = counts.Sent,
            Accepted = counts.Accepted,
            Replied = counts.Replied,
            Meetings = counts.Meetings,
            CreditsSpent = counts.CreditsSpent,
            CreditsRefunded = counts.CreditsRefunded,
        })];

    public static Pure.UnitCosts Costs(Types.V1.UnitCosts? costs) => costs is null
        ? new Pure.UnitCosts()
        : new Pure.UnitCosts { CreditMicros = costs.CreditMicros, SendMicros = costs.SendCosts.ToDictionary(cost => (Channel)cost.Channel, cost => cost.Micros) };

    public static MeasureRatesResponse Answer(Measured measured, string currency)
    {
        var answer = new MeasureRatesResponse();
        answer.Rates.Add(measured.Rates.Select(Rate));
        answer.Comparisons.Add(measured.Comparisons.Select(Comparison));
        answer.Costs.Add(measured.Costs.Select(cost => Cost(cost, currency)));
        return answer;
    }

    private static Types.V1.MeasuredRate Rate(Pure.MeasuredRate rate) => new()
    {
        Channel = (Types.V1.Channel)rate.Counts.Channel,
        Segment = rate.Counts.Segment,
        Variant = rate.Counts.Variant,
        Sent = rate.Counts.Sent,
        Accepted = rate.Counts.Accepted,
        Replied = rate.Counts.Replied,
        ReplyRate = Estimate(rate.Reply),
        AcceptRate = rate.Accept is { } accept ? Estimate(accept) : null,
    };

    private static Types.V1.RateEstimate Estimate(Pure.RateEstimate rate) => new() { Low = rate.Low, Expected = rate.Expected, High = rate.High };

    private static Types.V1.VariantComparison Comparison(Pure.VariantComparison comparison) => new()
    {
        Channel = (Types.V1.Channel)comparison.Channel,
        Segment = comparison.Segment,
        Kind = (Types.V1.RateKind)comparison.Kind,
        BestVariant = comparison.Best,
        OtherVariant = comparison.Other,
        ProbabilityBetter = comparison.ProbabilityBetter,
    };

    private static Types.V1.ChannelCost Cost(Pure.ChannelCost cost, string currency)
    {
        var answer = new Types.V1.ChannelCost
        {
            Channel = (Types.V1.Channel)cost.Channel,
            NetCredits = cost.NetCredits,
            CostMicros = cost.CostMicros,
            Currency = currency,
            ExpectedPerConversation = cost.ExpectedPerConversation is { } expected ? new Types.V1.MicrosEstimate { Low = expected.Low, Expected = expected.Expected, High = expected.High } : null,
        };
        if (cost.MicrosPerConversation is { } conversation)
            answer.MicrosPerConversation = conversation;
        if (cost.MicrosPerMeeting is { } meeting)
            answer.MicrosPerMeeting = meeting;
        return answer;
    }
}
