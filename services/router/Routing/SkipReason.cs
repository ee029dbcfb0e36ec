namespace Pennypost.Routing;

/// <summary>
/// Which of many rejections explains a skip best: the one that a person could do something about, or that came closest
/// to a send, before those that merely say that a free path is not there.
/// </summary>
internal static class SkipReason
{
    private static readonly Reason[] MostTellingFirst =
    [
        Reason.ProspectSuppressed,
        Reason.ProspectReplied,
        Reason.ProviderRefused,
        Reason.CreditsExhausted,
        Reason.BreakerOpen,
        Reason.CreditsReserved,
        Reason.CreditsKeptByPolicy,
        Reason.CreditsHeld,
        Reason.ContentTooLong,
        Reason.ContentGeneric,
        Reason.InMailEligibility,
        Reason.SecondInMail,
        Reason.InvitationPending,
        Reason.EmailNotVerified,
        Reason.PriorityTooLow,
        Reason.InMailNotWarranted,
        Reason.TooFewCredits,
        Reason.PlanHasNoInMail,
        Reason.ContentMissing,
        Reason.ClaimedByOtherSender,
        Reason.AlreadyConnected,
        Reason.NotOpenProfile,
        Reason.NotConnected,
        Reason.NotSameGroup,
        Reason.NotCoworkers,
        Reason.NotOpenToWork,
        Reason.NoRecruiterSeat,
        Reason.NoRepliedThread,
        Reason.EmailUnknown,
        Reason.NoMailbox,
        Reason.ChannelNotOffered,
        Reason.StoppedByExhaustion,
    ];

    public static Reason Of(ReadOnlySpan<Candidate> rejected)
    {
        var best = MostTellingFirst.Length;
        foreach (var candidate in rejected)
            best = Math.Min(best, Array.IndexOf(MostTellingFirst, candidate.Reason));
        return MostTellingFirst[best];
    }
}
