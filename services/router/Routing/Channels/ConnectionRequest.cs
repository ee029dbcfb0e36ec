namespace Pennypost.Routing.Channels;

/// <summary>A connection request with a note. Free, but LinkedIn remembers each.</summary>
internal static class ConnectionRequest
{
    public static void Judge(RouteQuestion question, Sender sender, RoutingPolicy policy, ref Judgement judgement)
    {
        switch (judgement.LookAtDistance(sender))
        {
            case NetworkDistance.FirstDegree:
                judgement.Reject(Reason.AlreadyConnected);
                break;
            case null:
                judgement.MissesWhatMayForbidIt(FactKinds.NetworkDistance);
                break;
        }

        switch (judgement.Look(FactKinds.Invitation, sender.Invitation, policy.InvitationLife))
        {
            case { State: InvitationState.Accepted }:
                judgement.Reject(Reason.AlreadyConnected);
                break;
            case { State: InvitationState.Pending }:
                judgement.Reject(Reason.InvitationPending);
                break;
            case { State: InvitationState.Withdrawn } withdrawn:
                // A withdrawal whose time is unknown happened at the latest when it was seen.
                var lockedUntil = (withdrawn.WithdrawnAt ?? sender.Invitation.ObservedAt!.Value) + policy.ReinviteLock;
                if (lockedUntil > judgement.Now)
                    judgement.Wait(Reason.ReinviteLocked, lockedUntil);
                break;
            case null:
                judgement.MissesWhatMayForbidIt(FactKinds.Invitation);
                break;
        }

        Texts.JudgeNote(question.Content, policy.TextsOf(sender.Tier), ref judgement);
    }
}
