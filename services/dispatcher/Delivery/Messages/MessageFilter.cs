using System.Collections.Immutable;

namespace Pennypost.Delivery.Messages;

/// <summary>Which messages are meant: those that pass every part that is set. Times: from, and before, to the millisecond.</summary>
public sealed record MessageFilter
{
    /// <summary>Empty for all.</summary>
    public ImmutableHashSet<MessageState> States { get; init; } = [];

    /// <summary>Why it waits or ended; unspecified for all.</summary>
    public Reason Reason { get; init; }

    /// <summary>The caller's label; empty for all.</summary>
    public string CampaignId { get; init; } = "";

    /// <summary>A sender that the message names, that tried it, or that carried it; empty for all.</summary>
    public string AccountId { get; init; } = "";

    /// <summary>Unspecified for all.</summary>
    public Priority Priority { get; init; }

    /// <summary>Only what is looked at again before this time.</summary>
    public DateTimeOffset? DueBefore { get; init; }

    /// <summary>Only what was accepted from this time on.</summary>
    public DateTimeOffset? CreatedSince { get; init; }

    /// <summary>Only what was accepted before this time.</summary>
    public DateTimeOffset? CreatedBefore { get; init; }

    /// <summary>Only what ended from this time on.</summary>
    public DateTimeOffset? EndedSince { get; init; }

    /// <summary>Only what ended before this time.</summary>
    public DateTimeOffset? EndedBefore { get; init; }

    /// <summary>Whether the message is meant. A time that a message does not have is in no range.</summary>
    public bool Matches(Message message, DeliveryRules rules) =>
        (States.IsEmpty || States.Contains(message.State))
        && (Reason == Reason.Unspecified || message.Reason == Reason)
        && (CampaignId.Length == 0 || message.CampaignId == CampaignId)
        && (AccountId.Length == 0 || Concerns(message, AccountId))
        && (Priority == Priority.Unspecified || message.Priority == Priority)
        && (DueBefore is not { } due || Obligations.Due(message, rules)?.Time < due)
        && IsWithin(message.CreateTime, CreatedSince, CreatedBefore)
        && IsWithin(message.EndTime, EndedSince, EndedBefore);

    private static bool Concerns(Message message, string accountId) =>
        message.AccountId == accountId || message.AccountIds.Contains(accountId) || message.Attempts.Exists(attempt => attempt.AccountId == accountId);

    private static bool IsWithin(DateTimeOffset? time, DateTimeOffset? since, DateTimeOffset? before) =>
        (since is null || time >= since) && (before is null || time < before);
}
