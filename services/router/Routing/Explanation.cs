using System.Globalization;

namespace Pennypost.Routing;

/// <summary>A decision in one plain sentence. Built only when somebody asks: it costs more than the decision.</summary>
public static class Explanation
{
    /// <summary>The sentence.</summary>
    public static string Of(Decision decision, RoutingPolicy policy) => decision switch
    {
        Decision.Send send => Send(send, policy),
        Decision.NeedFacts need => $"Find out first {string.Join(", ", need.Facts.Select(Words).Distinct())}: it could change the choice.",
        Decision.Defer { Until: { } until } defer => $"Wait until {Words(until)}: {Words(defer.Reason)}.",
        Decision.Defer defer => $"Wait, and nobody can tell how long: {Words(defer.Reason)}.",
        Decision.Skip skip => $"Do not send: {Words(skip.Reason)}.",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>A reason as the second half of a sentence.</summary>
    public static string Words(Reason reason) => reason switch
    {
        Reason.None => "nothing stands in the way",
        Reason.NotConnected => "they are not connected",
        Reason.AlreadyConnected => "they are connected already",
        Reason.NoRepliedThread => "the prospect has not replied in a thread",
        Reason.NotOpenProfile => "the profile is not open",
        Reason.FactUnknown => "a fact that decides is unknown",
        Reason.ContentMissing => "the message has no text for it",
        Reason.ContentTooLong => "the text is too long for it",
        Reason.InvitationPending => "an invitation waits for an answer",
        Reason.ReinviteLocked => "LinkedIn allows no new invitation so soon after a withdrawal",
        Reason.InMailNotWarranted => "a credit is not warranted",
        Reason.SecondInMail => "an earlier InMail is unanswered",
        Reason.InMailEligibility => "the prospect does not accept InMail",
        Reason.PlanHasNoInMail => "the subscription has no InMail",
        Reason.CreditsExhausted => "no InMail credit is left",
        Reason.CreditsHeld => "the credits left are held for other messages just now",
        Reason.CreditsReserved => "the credits left are reserved for other messages",
        Reason.BreakerOpen => "the account was found out of credits",
        Reason.OpenProfileAllowanceUsed => "the month's open-profile InMails are used up",
        Reason.AccountRestricted => "the account is restricted",
        Reason.AccountDisconnected => "the account must be reconnected",
        Reason.AccountPaused => "the account is paused",
        Reason.ClaimedByOtherSender => "another sender is in conversation with the prospect",
        Reason.ProspectReplied => "the prospect replied, and a person decides what follows",
        Reason.ProspectSuppressed => "the prospect is on the suppression list",
        Reason.ProviderRefused => "the provider refused this message by it",
        Reason.NoMailbox => "the sender has no mailbox",
        Reason.EmailUnknown => "no e-mail address of the prospect is known",
        Reason.ChannelNotOffered => "the sender's provider does not offer it",
        Reason.NotSameGroup => "they are in no group together",
        Reason.NotCoworkers => "they do not work at the same company",
        Reason.NotOpenToWork => "the prospect is not open to work",
        Reason.NoRecruiterSeat => "the sender has no Recruiter seat",
        Reason.PriorityTooLow => "the policy keeps it for messages of higher priority",
        Reason.TooFewCredits => "the policy keeps it for senders with more credits",
        Reason.EmailNotVerified => "the policy asks for a verified e-mail address",
        Reason.ContentGeneric => "the policy asks for a personal text without placeholders",
        Reason.OutsidePolicyHours => "the policy sends on other days or hours",
        Reason.StoppedByExhaustion => "a credit is wanting before it, and the policy tries nothing instead",
        Reason.CreditsKeptByPolicy => "the policy keeps the credits left for messages of high priority",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, null),
    };

    private static string Send(Decision.Send send, RoutingPolicy policy)
    {
        var chosen = send.Chosen;
        var passedOver = policy.InTrialOrder()
            .TakeWhile(channel => channel != chosen.Channel)
            .SelectMany(channel => send.Candidates.Where(other => other.Channel == channel && ReferenceEquals(other.Sender, chosen.Sender)))
            .Select(other => $"{Words(other.Channel)}: {Words(other.Reason)}")
            .ToArray();

        var cost = chosen.CreditCost == 0
            ? "it is free"
            : string.Create(CultureInfo.InvariantCulture, $"it costs a credit, of which {chosen.ExpectedNetCost:0.00} is expected to stay spent");

        return passedOver.Length == 0
            ? $"Send by {Words(chosen.Channel)} from {chosen.Sender.AccountId}: {cost}."
            : $"Send by {Words(chosen.Channel)} from {chosen.Sender.AccountId}: {cost} (not by {string.Join("; ", passedOver)}).";
    }

    internal static string Words(Channel channel) => channel switch
    {
        Channel.DirectMessage => "direct message",
        Channel.RepliedThread => "replied thread",
        Channel.OpenProfileInMail => "open-profile InMail",
        Channel.ConnectionRequest => "connection request",
        Channel.InMail => "InMail",
        Channel.GroupMessageRequest => "message request in a group",
        Channel.CoworkerMessageRequest => "message request to a co-worker",
        Channel.OpenToWorkMessage => "Open-to-Work message",
        Channel.Email => "e-mail",
        Channel.ProfileView => "visit of the profile",
        Channel.Like => "like",
        Channel.Comment => "comment",
        _ => throw new ArgumentOutOfRangeException(nameof(channel), channel, null),
    };

    private static string Words(NeededFact fact) => fact.Kind switch
    {
        FactKinds.NetworkDistance => $"how far {fact.AccountId} is from the prospect",
        FactKinds.OpenProfile => $"whether the profile is open to {fact.AccountId}",
        FactKinds.CanSendInMail => $"whether {fact.AccountId} can send InMail to the prospect",
        FactKinds.Invitation => $"how an invitation of {fact.AccountId} stands",
        FactKinds.Credits => $"what credits {fact.AccountId} has",
        FactKinds.SameGroup => $"whether {fact.AccountId} is in a group with the prospect",
        FactKinds.Coworker => $"whether {fact.AccountId} works with the prospect",
        FactKinds.OpenToWork => $"whether the prospect shows {fact.AccountId} to be open to work",
        FactKinds.EmailVerified => "whether the prospect's e-mail address is verified",
        _ => throw new ArgumentOutOfRangeException(nameof(fact), fact.Kind, null),
    };

    private static string Words(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
