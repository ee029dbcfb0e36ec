using System.Globalization;

namespace Pennypost.Routing.Planning;

/// <summary>An assignment in one plain sentence. Built only when somebody asks.</summary>
public static class PlanExplanation
{
    /// <summary>The sentence.</summary>
    public static string Of(Assignment assignment) => assignment switch
    {
        Assignment.Send { Next: { } next } send =>
            $"Send by {Words(send.Channel)} from {send.AccountId}: it is expected to bring {Money(send.ValueMicros)}, and what it takes is worth {Money(send.ScarcityMicros)} to others; {Words(next)} comes next.",
        Assignment.Send send =>
            $"Send by {Words(send.Channel)} from {send.AccountId}: it is expected to bring {Money(send.ValueMicros)}, and what it takes is worth {Money(send.ScarcityMicros)} to others; nothing else is valid.",
        Assignment.CrowdedOut crowdedOut =>
            $"Do not send: {Words(crowdedOut.Closest)} comes closest, and others bring more by that.",
        Assignment.NotValid { FactsCouldChange: true } notValid =>
            $"Do not send: {Explanation.Words(notValid.Reason)}; facts that are not known could change that.",
        Assignment.NotValid notValid => $"Do not send: {Explanation.Words(notValid.Reason)}.",
        Assignment.WorthNothing => "Do not send: a conversation with this prospect is worth nothing.",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static string Words(Channel channel) => Explanation.Words(channel);

    private static string Words(Alternative alternative) =>
        $"{Words(alternative.Channel)} from {alternative.AccountId}, expected to bring {Money(alternative.ValueMicros)} for what is worth {Money(alternative.ScarcityMicros)}";

    private static string Money(long micros) => (micros / 1_000_000m).ToString("0.00", CultureInfo.InvariantCulture);
}
