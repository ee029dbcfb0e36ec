using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Pennypost.Router.V1;
using Pennypost.Routing;
using Pure = Pennypost.Routing;

namespace Pennypost.Router;

/// <summary>
/// Between the wire's words and the rules' own. Enums have the same numbers on both sides, which a test holds them to, so
/// they are cast; the wire's unset enums become what the contract says they are taken as.
/// </summary>
internal static class Wire
{
    public static RouteQuestion Question(RouteRequest request) => new()
    {
        Prospect = Prospect(request.Prospect),
        Senders = [.. request.Senders.Select(Sender)],
        Content = Content(request.Content),
        Priority = request.Priority == Types.V1.Priority.Unspecified ? Priority.Normal : (Priority)request.Priority,
        Replies = request.Replies is { } counts ? new Pure.ReplyCounts(counts.Sent, counts.Replied) : default,
        Now = request.Now.ToDateTimeOffset(),
        Final = request.Final,
    };

    public static Pure.ProspectState Prospect(V1.ProspectState prospect) => new()
    {
        RepliedAt = Time(prospect.ReplyTime),
        ReplyReleased = prospect.ReplyReleased,
        Suppressed = prospect.Suppressed,
        ClaimedBy = prospect.ClaimedBy.Length == 0 ? null : prospect.ClaimedBy,
        EmailKnown = prospect.EmailKnown,
        EmailVerified = YesOrNo(prospect.EmailVerified),
    };

    public static Content Content(Types.V1.Content content) =>
        new() { Subject = content.Subject, Body = content.Body, Note = content.Note, Email = content.Email, Engagement = content.Engagement is { } one ? (Channel)one.Channel : null };

    public static DateTimeOffset? Time(Timestamp? time) => time?.ToDateTimeOffset();

    /// <summary>A policy as it was asked for; what it leaves out is as the installation has it. Whether it is any good, <see cref="PolicyCheck"/> says.</summary>
    public static RoutingPolicy Policy(Types.V1.RoutingPolicy policy, RoutingPolicy installation) => installation with
    {
        Name = policy.Name,
        Version = policy.Version,
        Choice = policy.Choice == Types.V1.Choice.Unspecified ? installation.Choice : (Choice)policy.Choice,
        ChannelOrder = policy.Channels.Count == 0 ? installation.ChannelOrder : [.. policy.Channels.Select(channel => (Channel)channel)],
        CreditFloor = policy.CreditFloor,
        Conditions = policy.Conditions.Count == 0 ? [] : [.. policy.Conditions.Select(Condition)],
        Warrant = policy.InmailWarrant is { } warrant
            ? new InMailWarrant { HighPriority = warrant.HighPriority, UnansweredInvitation = warrant.UnansweredInvitation, WouldBeForfeited = warrant.WouldBeForfeited }
            : installation.Warrant,
        // Compared before it is converted: more days than a TimeSpan holds are as wrong as a thousand.
        InvitationPatience = policy.InmailWarrant is { PatienceDays: not 0 and var days } ? TimeSpan.FromDays(Math.Clamp(days, -1, 1_000)) : installation.InvitationPatience,
        OnExhaustion = policy.OnExhaustion == Types.V1.OnExhaustion.Unspecified ? OnExhaustion.NextSender : (OnExhaustion)policy.OnExhaustion,
        Hours = policy.Hours is { } hours
            ? new PolicyHours { TimeZone = hours.TimeZone, Days = [.. hours.Days], FromMinute = hours.FromMinute, ToMinute = hours.ToMinute }
            : null,
        Stickiness = policy.Stickiness == Types.V1.Stickiness.Unspecified ? Stickiness.Prefer : (Stickiness)policy.Stickiness,
    };

    private static ChannelCondition Condition(Types.V1.ChannelCondition condition) => new()
    {
        Channel = (Channel)condition.Channel,
        MinCredits = condition.MinCredits,
        MinPriority = condition.MinPriority == Types.V1.Priority.Unspecified ? null : (Priority)condition.MinPriority,
        EmailVerified = condition.EmailVerified,
        NotGeneric = condition.NotGeneric,
    };

    public static Types.V1.Decision Answer(Decision decision, Pure.ProspectState prospect)
    {
        var answer = new Types.V1.Decision { DecideTime = Time(decision.DecidedAt) };
        switch (decision)
        {
            case Decision.Send:
                answer.Outcome = Types.V1.Outcome.Send;
                break;
            case Decision.Defer defer:
                answer.Outcome = Types.V1.Outcome.Defer;
                answer.Reason = (Types.V1.Reason)defer.Reason;
                answer.WaitUntil = Time(defer.Until);
                break;
            case Decision.Skip skip:
                answer.Outcome = Types.V1.Outcome.Skip;
                answer.Reason = (Types.V1.Reason)skip.Reason;
                break;
            case Decision.NeedFacts need:
                answer.Outcome = Types.V1.Outcome.NeedsFacts;
                foreach (var fact in need.Facts)
                    answer.NeededFacts.Add(new Types.V1.NeededFact { AccountId = fact.AccountId, Kind = Kind(fact.Kind) });
                break;
        }

        foreach (var candidate in decision.Candidates)
            answer.Candidates.Add(Candidate(candidate, prospect));
        return answer;
    }

    private static Pure.Sender Sender(V1.Sender sender) => new()
    {
        AccountId = sender.AccountId,
        Tier = sender.Tier == Types.V1.Tier.Unspecified ? Tier.Free : (Tier)sender.Tier,
        State = (AccountState)sender.State,
        NetworkDistance = sender.NetworkDistance is { } distance
            ? Fact.Known((Pure.NetworkDistance)distance.Value, distance.ObserveTime.ToDateTimeOffset())
            : Fact<Pure.NetworkDistance>.Unknown,
        OpenProfile = YesOrNo(sender.OpenProfile),
        CanSendInMail = YesOrNo(sender.CanSendInmail),
        Invitation = sender.Invitation is { State: not Types.V1.InvitationState.Unspecified } invitation
            ? Fact.Known(
                new Pure.Invitation((Pure.InvitationState)invitation.State, Time(invitation.SendTime), Time(invitation.WithdrawTime)),
                invitation.ObserveTime.ToDateTimeOffset())
            : Fact<Pure.Invitation>.Unknown,
        RepliedThread = sender.RepliedThread,
        LastInMailAt = Time(sender.LastInmailTime),
        LastInMailAnswered = sender.LastInmailAnswered,
        InMailRefusedUntil = Time(sender.InmailRefusedUntil),
        Credits = sender.Credits is { } credits ? Credits(credits) : null,
        OpenProfileRemaining = sender.OpenProfileRemaining,
        OpenProfileResetsAt = Time(sender.OpenProfileResetTime),
        InConversation = sender.InConversation,
        HasMailbox = sender.HasMailbox,
        SameGroup = YesOrNo(sender.SameGroup),
        Coworker = YesOrNo(sender.Coworker),
        OpenToWork = YesOrNo(sender.OpenToWork),
        OfferedChannels = sender.OfferedChannels.Count == 0 ? null : [.. sender.OfferedChannels.Select(channel => (Channel)channel)],
        ClosedChannels = sender.ClosedChannels.Count == 0 ? [] : [.. sender.ClosedChannels.Select(channel => (Channel)channel)],
    };

    private static Pure.SenderCredits Credits(V1.SenderCredits credits) => new()
    {
        PoolId = credits.PoolId,
        Available = credits.Available,
        Held = credits.Held,
        QueuedDemand = credits.QueuedDemand,
        Floor = credits.Floor,
        RenewsAt = Time(credits.RenewTime),
        ForfeitsAtRenewal = credits.ForfeitsAtRenewal,
        PriceMicros = credits.PriceMicros,
        Currency = credits.Currency,
        SecondInMailAllowed = credits.SecondInmailAllowed,
        ObservedAt = credits.ObserveTime.ToDateTimeOffset(),
        BreakerOpenUntil = Time(credits.BreakerUntil),
        Budget = credits.Budget,
        BudgetLeft = credits.HasBudgetLeft ? credits.BudgetLeft : null,
    };

    public static Types.V1.LintFinding Finding(Pure.LintFinding finding)
    {
        var wire = new Types.V1.LintFinding { Severity = finding.IsError ? Types.V1.LintSeverity.Error : Types.V1.LintSeverity.Warning, Field = finding.Field, Text = finding.Words, Source = finding.Source };
        wire.Channels.AddRange(finding.Channels.Select(channel => (Types.V1.Channel)channel));
        return wire;
    }

    internal static Fact<bool> YesOrNo(Observed? observed) =>
        observed is null ? Fact<bool>.Unknown : Fact.Known(observed.Value, observed.ObserveTime.ToDateTimeOffset());

    private static Types.V1.Candidate Candidate(Candidate candidate, Pure.ProspectState prospect)
    {
        var answer = new Types.V1.Candidate
        {
            AccountId = candidate.Sender.AccountId,
            Channel = (Types.V1.Channel)candidate.Channel,
            Verdict = (Types.V1.Verdict)candidate.Verdict,
            Reason = (Types.V1.Reason)candidate.Reason,
            WaitUntil = Time(candidate.WaitUntil),
            CreditCost = candidate.CreditCost,
            ExpectedNetCost = candidate.ExpectedNetCost,
            PriceMicros = candidate.PriceMicros,
            Currency = candidate.PriceMicros > 0 ? candidate.Sender.Credits!.Currency : "",
            PoolId = candidate.PoolId ?? "",
        };

        for (var kind = FactKinds.NetworkDistance; kind <= FactKinds.EmailVerified; kind = (FactKinds)((int)kind << 1))
        {
            if (candidate.RestsOn.HasFlag(kind))
                answer.Facts.Add(FactUsed(candidate.Sender, prospect, kind));
        }

        return answer;
    }

    private static Types.V1.FactUsed FactUsed(Pure.Sender sender, Pure.ProspectState prospect, FactKinds kind)
    {
        var (value, observedAt) = kind switch
        {
            FactKinds.NetworkDistance => (Words(sender.NetworkDistance.LastSeen), sender.NetworkDistance.ObservedAt),
            FactKinds.OpenProfile => (Words(sender.OpenProfile.LastSeen), sender.OpenProfile.ObservedAt),
            FactKinds.CanSendInMail => (Words(sender.CanSendInMail.LastSeen), sender.CanSendInMail.ObservedAt),
            FactKinds.Invitation => (Words(sender.Invitation.LastSeen?.State), sender.Invitation.ObservedAt),
            FactKinds.SameGroup => (Words(sender.SameGroup.LastSeen), sender.SameGroup.ObservedAt),
            FactKinds.Coworker => (Words(sender.Coworker.LastSeen), sender.Coworker.ObservedAt),
            FactKinds.OpenToWork => (Words(sender.OpenToWork.LastSeen), sender.OpenToWork.ObservedAt),
            FactKinds.EmailVerified => (Words(prospect.EmailVerified.LastSeen), prospect.EmailVerified.ObservedAt),
            _ => (Words(sender.Credits), sender.Credits?.ObservedAt),
        };
        return new Types.V1.FactUsed { Kind = Kind(kind), Value = value, ObserveTime = Time(observedAt) };
    }

    private static string Words(Pure.NetworkDistance? distance) => distance switch
    {
        Pure.NetworkDistance.FirstDegree => "FIRST_DEGREE",
        Pure.NetworkDistance.SecondDegree => "SECOND_DEGREE",
        Pure.NetworkDistance.ThirdDegree => "THIRD_DEGREE",
        Pure.NetworkDistance.OutOfNetwork => "OUT_OF_NETWORK",
        _ => "",
    };

    private static string Words(Pure.InvitationState? state) => state switch
    {
        Pure.InvitationState.None => "NONE",
        Pure.InvitationState.Pending => "PENDING",
        Pure.InvitationState.Accepted => "ACCEPTED",
        Pure.InvitationState.Withdrawn => "WITHDRAWN",
        _ => "",
    };

    private static string Words(bool? value) => value switch
    {
        true => "true",
        false => "false",
        null => "",
    };

    private static string Words(Pure.SenderCredits? credits) =>
        credits is null ? "" : string.Create(CultureInfo.InvariantCulture, $"available {credits.Available}, held {credits.Held}");

    private static Types.V1.FactKind Kind(FactKinds kind) => (Types.V1.FactKind)int.Log2((int)kind);

    private static Timestamp? Time(DateTimeOffset? time) => time?.ToTimestamp();
}
