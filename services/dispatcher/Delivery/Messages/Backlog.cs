using System.Collections.Immutable;

namespace Pennypost.Delivery.Messages;

/// <summary>Messages that have not ended, of one state and reason.</summary>
/// <param name="State">Where they stand.</param>
/// <param name="Reason">Why they wait; unspecified if they do not.</param>
/// <param name="Count">How many.</param>
/// <param name="EarliestDue">When the first of them is looked at again.</param>
public sealed record BacklogCount(MessageState State, Reason Reason, int Count, DateTimeOffset? EarliestDue);

/// <summary>What is waiting, and for what.</summary>
public static class Backlog
{
    /// <summary>By state and reason, in the order of their numbers; what has ended is no backlog.</summary>
    public static ImmutableArray<BacklogCount> Count(IEnumerable<Message> messages, DeliveryRules rules) =>
    [
        .. messages.Where(message => !message.IsOver)
            .GroupBy(message => (message.State, message.Reason))
            .OrderBy(group => group.Key.State).ThenBy(group => group.Key.Reason)
            .Select(group => new BacklogCount(group.Key.State, group.Key.Reason, group.Count(), group.Min(message => Obligations.Due(message, rules)?.Time))),
    ];
}
