using Pennypost.Routing;
using Pennypost.Routing.Planning;
using Pure = Pennypost.Routing.Planning;

namespace Pennypost.Router.Planning;

/// <summary>Between the wire's words for plans and the rules' own.</summary>
internal static class PlanWire
{
    public static Pure.PlanTerms Terms(V1.PlanTerms terms) => new()
    {
        Senders = [.. terms.Senders.Select(sender => Sender(sender, terms.Now.ToDateTimeOffset()))],
        Pools = [.. terms.Pools.Select(Pool)],
        Content = Wire.Content(terms.Content),
        Rates = terms.Rates.Aggregate(ConversationRates.Default, static (rates, rate) => rates.With((Channel)rate.Channel, rate.Rate)),
        Replies = terms.Replies is { } replies ? new Routing.ReplyCounts(replies.Sent, replies.Replied) : default,
        Now = terms.Now.ToDateTimeOffset(),
        Days = Math.Max(1, terms.Days),
    };

    /// <summary>A prospect as the senders of a draft see it.</summary>
    public static Pure.PlanProspect Prospect(V1.PlanProspect prospect, PlanDraft draft, DateTimeOffset now)
    {
        var senders = new Routing.Sender[draft.Senders.Count];
        for (var i = 0; i < senders.Length; i++)
            senders[i] = Seen(draft.Senders[i], ViewOf(prospect, draft.Senders[i].AccountId), now);
        return new()
        {
            ProspectId = prospect.ProspectId,
            State = prospect.State is { } state ? Wire.Prospect(state) : new Routing.ProspectState(),
            Priority = prospect.Priority == Types.V1.Priority.Unspecified ? Priority.Normal : (Priority)prospect.Priority,
            ValueMicros = prospect.ValueMicros,
            Senders = senders,
        };
    }

    public static Types.V1.PlanSummary Summary(Plan plan)
    {
        var summary = new Types.V1.PlanSummary
        {
            Totals = new Types.V1.PlanTotals
            {
                Sends = plan.Assignments.Count(assignment => assignment is Pure.Assignment.Send),
                Credits = plan.Assignments.Sum(assignment => assignment is Pure.Assignment.Send send ? send.CreditCost : 0),
                ValueMicros = (long)plan.ValueMicros,
                CostMicros = (long)plan.CostMicros,
                Forfeited = plan.Forfeited,
            },
            GapMicros = (long)plan.GapMicros,
            InTurn = new Types.V1.PlanTotals { Sends = plan.InTurn.Sends, Credits = plan.InTurn.Credits, ValueMicros = (long)plan.InTurn.ValueMicros, CostMicros = (long)plan.InTurn.CostMicros, Forfeited = plan.InTurn.Forfeited },
            CrowdedOut = plan.Assignments.Count(assignment => assignment is Pure.Assignment.CrowdedOut),
            NotValid = plan.Assignments.Count(assignment => assignment is Pure.Assignment.NotValid),
            FactsCouldChange = plan.Assignments.Count(assignment => assignment is Pure.Assignment.NotValid { FactsCouldChange: true }),
        };
        summary.Capacities.AddRange(plan.Capacities.Select(Capacity));
        return summary;
    }

    public static Types.V1.Assignment Assignment(Pure.Assignment assignment, bool explain)
    {
        var wire = new Types.V1.Assignment { ProspectId = assignment.ProspectId };
        switch (assignment)
        {
            case Pure.Assignment.Send send:
                wire.Outcome = Types.V1.PlanOutcome.Send;
                (wire.AccountId, wire.Channel, wire.Day) = (send.AccountId, (Types.V1.Channel)send.Channel, send.Day);
                (wire.ValueMicros, wire.ScarcityMicros, wire.CreditCost) = (send.ValueMicros, send.ScarcityMicros, send.CreditCost);
                wire.Next = send.Next is { } next ? Alternative(next) : null;
                break;
            case Pure.Assignment.CrowdedOut crowdedOut:
                wire.Outcome = Types.V1.PlanOutcome.CrowdedOut;
                wire.Next = Alternative(crowdedOut.Closest);
                break;
            case Pure.Assignment.NotValid notValid:
                wire.Outcome = Types.V1.PlanOutcome.NotValid;
                (wire.Reason, wire.FactsCouldChange) = ((Types.V1.Reason)notValid.Reason, notValid.FactsCouldChange);
                break;
            case Pure.Assignment.WorthNothing:
                wire.Outcome = Types.V1.PlanOutcome.WorthNothing;
                break;
        }

        if (explain)
            wire.Explanation = PlanExplanation.Of(assignment);
        return wire;
    }

    private static Pure.PlanSender Sender(V1.PlanSender sender, DateTimeOffset now) => new()
    {
        Sender = new Routing.Sender
        {
            AccountId = sender.AccountId,
            Tier = sender.Tier == Types.V1.Tier.Unspecified ? Tier.Free : (Tier)sender.Tier,
            State = (AccountState)sender.State,
            HasMailbox = sender.HasMailbox,
            OfferedChannels = sender.OfferedChannels.Count == 0 ? null : [.. sender.OfferedChannels.Select(channel => (Channel)channel)],
            Credits = sender.PoolId.Length == 0
                ? null
                : new Routing.SenderCredits { PoolId = sender.PoolId, Available = 0, SecondInMailAllowed = sender.SecondInmailAllowed, BreakerOpenUntil = Wire.Time(sender.BreakerUntil), ObservedAt = now },
        },
        CreditsLeft = sender.HasCreditsLeft ? sender.CreditsLeft : null,
        Allowances =
        [
            .. sender.Allowances.Select(allowance => new Pure.Allowance(
                [.. allowance.Channels.Select(channel => (Channel)channel)],
                [.. allowance.Windows.Select(window => new Pure.AllowanceWindow(window.Days, window.Limit, window.Used))])),
        ],
    };

    private static Pure.PlanPool Pool(V1.PlanPool pool) => new()
    {
        PoolId = pool.PoolId,
        Available = pool.Available,
        QueuedDemand = pool.QueuedDemand,
        Floor = pool.Floor,
        Budget = pool.HasBudget ? pool.Budget : null,
        ForfeitsAtRenewal = pool.ForfeitsAtRenewal,
        PriceMicros = pool.PriceMicros,
    };

    private static Types.V1.ProspectView? ViewOf(V1.PlanProspect prospect, string accountId)
    {
        foreach (var view in prospect.Views)
        {
            if (string.Equals(view.AccountId, accountId, StringComparison.Ordinal))
                return view;
        }

        return prospect.Common;
    }

    private static Routing.Sender Seen(Routing.Sender sender, Types.V1.ProspectView? view, DateTimeOffset now)
    {
        if (view is null)
            return sender;

        var seenAt = Wire.Time(view.ObserveTime) ?? now;
        var invitedAt = Wire.Time(view.InvitationTime) ?? seenAt;
        return sender with
        {
            NetworkDistance = view.NetworkDistance == Types.V1.NetworkDistance.Unspecified ? Fact<Routing.NetworkDistance>.Unknown : Fact.Known((Routing.NetworkDistance)view.NetworkDistance, Wire.Time(view.NetworkDistanceTime) ?? seenAt),
            OpenProfile = YesOrNo(view.HasOpenProfile, view.OpenProfile, Wire.Time(view.OpenProfileTime)),
            CanSendInMail = YesOrNo(view.HasCanSendInmail, view.CanSendInmail, Wire.Time(view.CanSendInmailTime)),
            Invitation = view.Invitation == Types.V1.InvitationState.Unspecified
                ? Fact<Routing.Invitation>.Unknown
                : Fact.Known(new Routing.Invitation((Routing.InvitationState)view.Invitation, Wire.Time(view.InvitationSendTime), Wire.Time(view.InvitationWithdrawTime)), invitedAt),
            RepliedThread = view.RepliedThread,
            LastInMailAt = Wire.Time(view.LastInmailTime),
            LastInMailAnswered = view.LastInmailAnswered,
            InMailRefusedUntil = Wire.Time(view.InmailRefusedUntil),
            InConversation = view.InConversation,
            SameGroup = YesOrNo(view.HasSameGroup, view.SameGroup),
            Coworker = YesOrNo(view.HasCoworker, view.Coworker),
            OpenToWork = YesOrNo(view.HasOpenToWork, view.OpenToWork),
        };

        Fact<bool> YesOrNo(bool known, bool value, DateTimeOffset? at = null) => known ? Fact.Known(value, at ?? seenAt) : Fact<bool>.Unknown;
    }

    private static Types.V1.Capacity Capacity(Pure.Capacity capacity)
    {
        var wire = new Types.V1.Capacity
        {
            Kind = (Types.V1.CapacityKind)capacity.Kind,
            PoolId = capacity.PoolId ?? "",
            AccountId = capacity.AccountId ?? "",
            Limit = capacity.Limit,
            Used = capacity.Used,
            WorthOfOneMoreMicros = capacity.WorthOfOneMoreMicros,
        };
        wire.Channels.AddRange(capacity.Channels.Select(channel => (Types.V1.Channel)channel));
        return wire;
    }

    private static Types.V1.PlanAlternative Alternative(Alternative alternative) => new()
    {
        AccountId = alternative.AccountId,
        Channel = (Types.V1.Channel)alternative.Channel,
        ValueMicros = alternative.ValueMicros,
        ScarcityMicros = alternative.ScarcityMicros,
    };
}
