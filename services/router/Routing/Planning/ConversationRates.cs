namespace Pennypost.Routing.Planning;

/// <summary>How often a send by a channel leads to a conversation; 0 to 1.</summary>
public sealed record ConversationRates
{
    /// <summary>
    /// What is taken where the tenant says nothing. InMails, free or paid, and messages: two answers in ten (seeds: a rep has "10 %" to "30 %").
    /// A connection request: "acceptance rates of 25-35 %" (seeds), of whom as many answer. A replied thread: one in two, and an e-mail one
    /// in twenty, which are ours.
    /// </summary>
    public static ConversationRates Default { get; } = new();

    private readonly Dictionary<Channel, double> rates = new()
    {
        [Channel.RepliedThread] = 0.5,
        [Channel.DirectMessage] = 0.2,
        [Channel.OpenProfileInMail] = 0.2,
        [Channel.GroupMessageRequest] = 0.2,
        [Channel.CoworkerMessageRequest] = 0.2,
        [Channel.OpenToWorkMessage] = 0.2,
        [Channel.ConnectionRequest] = 0.06,
        [Channel.Email] = 0.05,
        [Channel.InMail] = 0.2,
    };

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
