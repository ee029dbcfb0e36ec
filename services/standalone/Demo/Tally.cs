using Pennypost.Types.V1;

namespace Pennypost.Standalone.Demo;

/// <summary>One channel's line in the demo's table.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="Sent">Messages it carried.</param>
/// <param name="CreditsSpent">InMail credits that cost.</param>
/// <param name="CreditsRefunded">Credits that came back.</param>
/// <param name="CreditsSaved">Credits that an InMail to each of them would have cost, less what was spent; refunds left aside on both sides.</param>
internal sealed record ChannelLine(Channel Channel, int Sent, long CreditsSpent, long CreditsRefunded, long CreditsSaved);

/// <summary>What became of a list of messages, counted.</summary>
internal sealed record Tally(
    IReadOnlyList<ChannelLine> Channels,
    IReadOnlyList<(Reason Reason, int Count)> Waiting,
    IReadOnlyList<(MessageState State, Reason Reason, int Count)> NotSent,
    int Total,
    int Sent,
    int UnderWay,
    int Unknown,
    int Replied)
{
    public static Tally Of(IReadOnlyCollection<Message> messages)
    {
        var sent = messages.Where(message => message.State == MessageState.Sent).ToList();
        var channels = sent.GroupBy(message => message.Channel).OrderBy(group => group.Key)
            .Select(group => new ChannelLine(
                group.Key,
                group.Count(),
                group.Sum(message => message.CreditsSpent),
                group.Sum(message => message.CreditsRefunded),
                group.Count() - group.Sum(message => message.CreditsSpent)))
            .ToList();
        return new(
            channels,
            [.. messages.Where(message => message.State == MessageState.Waiting).GroupBy(message => message.Reason).OrderByDescending(group => group.Count()).Select(group => (group.Key, group.Count()))],
            [
                .. messages.Where(message => message.State is MessageState.Skipped or MessageState.Failed or MessageState.Cancelled)
                    .GroupBy(message => (message.State, message.Reason)).OrderByDescending(group => group.Count()).Select(group => (group.Key.State, group.Key.Reason, group.Count())),
            ],
            messages.Count,
            sent.Count,
            messages.Count(message => message.State is MessageState.Accepted or MessageState.Ready or MessageState.Sending),
            messages.Count(message => message.State == MessageState.Indeterminate),
            messages.Count(message => message.ReplyTime is not null));
    }
}
