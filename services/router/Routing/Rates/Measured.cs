namespace Pennypost.Routing.Rates;

/// <summary>What counts say.</summary>
/// <param name="Rates">By channel; by channel and segment; by channel and variant; by all three.</param>
/// <param name="Comparisons">Of the variants of a channel, and of a channel and segment.</param>
/// <param name="Costs">By channel.</param>
public sealed record Measured(IReadOnlyList<MeasuredRate> Rates, IReadOnlyList<VariantComparison> Comparisons, IReadOnlyList<ChannelCost> Costs);

/// <summary>The rates of one cut through the counts.</summary>
/// <param name="Counts">Their sums. An empty segment stands for all segments, an empty variant for all variants.</param>
/// <param name="Reply">Conversations for each send.</param>
/// <param name="Accept">Accepts for each connection request; null for every other channel.</param>
public sealed record MeasuredRate(OutreachCounts Counts, RateEstimate Reply, RateEstimate? Accept);

/// <summary>What is compared.</summary>
public enum RateKind
{
    /// <summary>Conversations for each send.</summary>
    Reply = 1,

    /// <summary>Accepts for each connection request.</summary>
    Accept = 2,
}

/// <summary>One variant against the best of its channel.</summary>
/// <param name="Channel">Whose variants.</param>
/// <param name="Segment">Among whom; empty: all segments.</param>
/// <param name="Kind">By which rate.</param>
/// <param name="Best">The variant with the highest expected rate; of equals, the one that sent more.</param>
/// <param name="Other">Another one.</param>
/// <param name="ProbabilityBetter">That the best one's true rate is higher than the other's: 0.5 says nothing, 0.95 is a usual bar.</param>
public sealed record VariantComparison(Channel Channel, string Segment, RateKind Kind, string Best, string Other, double ProbabilityBetter);

/// <summary>What a channel cost, in millionths of the unit costs' currency, and what came of it.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="NetCredits">Credits that stayed spent.</param>
/// <param name="CostMicros">Of all its sends.</param>
/// <param name="MicrosPerConversation">Rounded to the nearest; null before the first conversation.</param>
/// <param name="MicrosPerMeeting">Rounded to the nearest; null before the first meeting.</param>
/// <param name="ExpectedPerConversation">The cost of a send by the reply rate: at its mean, and at the ends of its 90 % interval. It says something before the first conversation, too; null before the first send.</param>
public sealed record ChannelCost(Channel Channel, long NetCredits, long CostMicros, long? MicrosPerConversation, long? MicrosPerMeeting, MicrosEstimate? ExpectedPerConversation);

/// <summary>An amount that rests on a rate, in millionths of a currency.</summary>
/// <param name="Low">At the rate's upper end.</param>
/// <param name="Expected">At its mean.</param>
/// <param name="High">At its lower end; at most <see cref="MostMicros"/>.</param>
public readonly record struct MicrosEstimate(long Low, long Expected, long High)
{
    /// <summary>More than this is shown as this: a rate near 0 makes any amount.</summary>
    public const long MostMicros = 1_000_000_000_000_000_000;
}
