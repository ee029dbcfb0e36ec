using Pennypost.Routing.Rates;

namespace Pennypost.Routing.Planning;

/// <summary>How often a send by a channel leads to a conversation; 0 to 1.</summary>
public sealed record ConversationRates
{
    /// <summary>
    /// What is taken where the tenant says nothing: the means of <see cref="RatePriors"/>. A connection request leads to a conversation when it is accepted and the message that it allows is answered.
    /// </summary>
    public static ConversationRates Default { get; } = new();

    private readonly Dictionary<Channel, double> rates = Enum.GetValues<Channel>()
        .Where(channel => !channel.IsEngagement())
        .ToDictionary(channel => channel, channel => RatePriors.Reply(channel).Mean * (channel == Channel.ConnectionRequest ? RatePriors.Accept.Mean : 1));

    /// <summary>The rate of a channel; 0 for one that leads to none.</summary>
    public double this[Channel channel] => rates.GetValueOrDefault(channel);

    /// <summary>The same with another rate for a channel.</summary>
    public ConversationRates With(Channel channel, double rate)
    {
        var changed = new ConversationRates();
        foreach (var (same, value) in rates)
            changed.rates[same] = value;
        changed.rates[channel] = rate;
        return changed;
    }
}
