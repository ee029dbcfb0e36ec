namespace Pennypost.Delivery.Messages;

/// <summary>What a look at a profile showed. Null is unknown: it leaves what was known, with its age.</summary>
public sealed record Profile
{
    /// <summary>The account that looked.</summary>
    public required string AccountId { get; init; }

    /// <summary>The provider's id of the prospect for this account; empty if the profile does not exist for it.</summary>
    public required string RecipientId { get; init; }

    /// <summary>Whether it was seen with the subscription that pays the account's InMails, whose ids are good for these only.</summary>
    public bool ForInmail { get; init; }

    /// <summary>How far.</summary>
    public NetworkDistance? Distance { get; init; }

    /// <summary>Whether open.</summary>
    public bool? OpenProfile { get; init; }

    /// <summary>Whether InMail can be sent.</summary>
    public bool? CanSendInmail { get; init; }

    /// <summary>The sender's invitation.</summary>
    public InvitationState? Invitation { get; init; }

    /// <summary>When it was sent, if the profile said so.</summary>
    public DateTimeOffset? InvitationSendTime { get; init; }
}

/// <summary>Keeping facts with their age.</summary>
public static class Learning
{
    /// <summary>Takes over what was seen now; what was not seen stays as it was. Null for somebody who was erased while the look was under way.</summary>
    public static Prospect? Decide(Prospect prospect, Profile profile, DateTimeOffset now)
    {
        if (prospect.Forgotten)
            return null;
        var view = prospect.ViewOf(profile.AccountId);
        return prospect.With(view with
        {
            RecipientId = profile.ForInmail || profile.RecipientId.Length == 0 ? view.RecipientId : profile.RecipientId,
            InmailRecipientId = profile.ForInmail && profile.RecipientId.Length > 0 ? profile.RecipientId : view.InmailRecipientId,
            Distance = profile.Distance is { } distance ? new(distance, now) : view.Distance,
            OpenProfile = profile.OpenProfile is { } open ? new(open, now) : view.OpenProfile,
            CanSendInmail = profile.CanSendInmail is { } can ? new(can, now) : view.CanSendInmail,
            Invitation = profile.Invitation is { } state
                ? new(state, profile.InvitationSendTime ?? view.Invitation?.SendTime, state == InvitationState.Withdrawn ? view.Invitation?.WithdrawTime ?? now : null, now)
                : view.Invitation,
        });
    }
}
