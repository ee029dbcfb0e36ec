using Google.Protobuf.WellKnownTypes;
using Pennypost.Delivery.Messages;
using Pennypost.Dispatcher.Messages;
using Pennypost.Router.V1;
using Wire = Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Planning;

/// <summary>
/// What is known of a prospect, in the words of a plan. Pure. What was seen here stands; what the caller says fills what was not, and takes its place where the caller says that it was seen later. What neither knows
/// stays unknown.
/// </summary>
internal static class PlanFacts
{
    public static PlanProspect Of(Wire.PlannedProspect planned, string prospectId, Prospect kept, IReadOnlyCollection<string> accountIds, DateTimeOffset now)
    {
        var claimedBy = kept.ClaimedBy(now);
        var plan = new PlanProspect
        {
            ProspectId = prospectId,
            Priority = planned.Priority,
            ValueMicros = planned.ValueMicros,
            Common = planned.Common,
            State = new ProspectState
            {
                ReplyTime = ToWire.Time(kept.ReplyTime),
                // As a message that is accepted now: its sender can know of the reply.
                ReplyReleased = !(kept.ReplyTime >= now),
                Suppressed = kept.SuppressTime is not null,
                ClaimedBy = claimedBy ?? "",
                EmailKnown = planned.EmailKnown,
                EmailVerified = planned.EmailVerifyTime is { } verified ? new Observed { Value = true, ObserveTime = verified } : null,
            },
        };
        var said = planned.Views.ToDictionary(view => view.AccountId, StringComparer.Ordinal);
        foreach (var accountId in accountIds)
        {
            var view = said.GetValueOrDefault(accountId);
            if (kept.Senders.ContainsKey(accountId) || claimedBy == accountId)
                view = Merged(view ?? planned.Common, kept.ViewOf(accountId), claimedBy == accountId);
            if (view is not null)
                plan.Views.Add(view);
        }

        return plan;
    }

    /// <summary>Whether nobody has seen the profile, and the caller says nothing of it.</summary>
    public static bool IsUnseen(Wire.PlannedProspect planned, Prospect kept, IReadOnlyCollection<string> accountIds) =>
        planned.Common is null && planned.Views.Count == 0 && !accountIds.Any(id => kept.Senders.GetValueOrDefault(id) is { } view
            && (view.Distance is not null || view.OpenProfile is not null || view.CanSendInmail is not null || view.Invitation is not null || view.LastSendTime is not null || view.ReplyTime is not null));

    private static Wire.ProspectView Merged(Wire.ProspectView? said, SenderView kept, bool claimed)
    {
        var view = said?.Clone() ?? new Wire.ProspectView();
        view.AccountId = kept.AccountId;
        if (kept.Distance is { } distance && !IsLater(view.NetworkDistance != Wire.NetworkDistance.Unspecified, view.NetworkDistanceTime ?? view.ObserveTime, distance.Time))
            (view.NetworkDistance, view.NetworkDistanceTime) = ((Wire.NetworkDistance)distance.Value, ToWire.Time(distance.Time));
        if (kept.OpenProfile is { } open && !IsLater(view.HasOpenProfile, view.OpenProfileTime ?? view.ObserveTime, open.Time))
            (view.OpenProfile, view.OpenProfileTime) = (open.Value, ToWire.Time(open.Time));
        if (kept.CanSendInmail is { } takes && !IsLater(view.HasCanSendInmail, view.CanSendInmailTime ?? view.ObserveTime, takes.Time))
            (view.CanSendInmail, view.CanSendInmailTime) = (takes.Value, ToWire.Time(takes.Time));
        if (kept.Invitation is { } invitation && !IsLater(view.Invitation != Wire.InvitationState.Unspecified, view.InvitationTime ?? view.ObserveTime, invitation.ObserveTime))
        {
            (view.Invitation, view.InvitationTime) = ((Wire.InvitationState)invitation.State, ToWire.Time(invitation.ObserveTime));
            (view.InvitationSendTime, view.InvitationWithdrawTime) = (ToWire.Time(invitation.SendTime), ToWire.Time(invitation.WithdrawTime));
        }

        view.RepliedThread |= kept.ReplyTime is not null && kept.ChatId.Length > 0;
        if (kept.LastInmailTime is { } inmail && !(view.LastInmailTime?.ToDateTimeOffset() > inmail))
            (view.LastInmailTime, view.LastInmailAnswered) = (ToWire.Time(inmail), kept.LastInmailAnswered);
        view.InmailRefusedUntil = ToWire.Time(kept.InmailRefusedUntil) ?? view.InmailRefusedUntil;
        view.InConversation |= claimed || kept.LastSendTime is not null || kept.ReplyTime is not null;
        return view;
    }

    /// <summary>What is said without a time may be of any age.</summary>
    private static bool IsLater(bool isSaid, Timestamp? saidTime, DateTimeOffset seenTime) => isSaid && saidTime?.ToDateTimeOffset() > seenTime;
}
