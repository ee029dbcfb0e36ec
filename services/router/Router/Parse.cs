using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using Pennypost.Hosting;
using Pennypost.Router.V1;
using Pennypost.Types.V1;
using PolicyCheck = Pennypost.Routing.PolicyCheck;

namespace Pennypost.Router;

/// <summary>What a request must keep to. Every violation is found in one go; a request without any can be judged.</summary>
internal static class Parse
{
    private const int MaxSenders = 100;
    private const int MaxLinted = 100_000;
    private const long MaxCredits = 1_000_000;
    private const long MaxCount = 1_000_000_000;
    private const long MaxPriceMicros = 1_000_000_000_000;

    // Times are added to and shown; far ends would leave the calendar.
    private static readonly long FirstSecond = DateTimeOffset.UnixEpoch.ToUnixTimeSeconds();
    private static readonly long EndSecond = new DateTimeOffset(9000, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();

    public static void RouteMany(RouteManyRequest request, Routing.RoutingPolicy installation, Violations violations)
    {
        violations.Length("correlation_id", request.CorrelationId, 0, 64);
        if (violations.Required("route", request.Route))
            Route(request.Route, "route.", installation, violations);
    }

    public static void LintContent(LintContentRequest request, Violations violations)
    {
        Known("tier", request.Tier, violations);
        if (violations.Required("content", request.Content))
        {
            // What is too long to be sent is a finding, not a violation.
            violations.Length("content.subject", request.Content.Subject, 0, MaxLinted);
            violations.Length("content.body", request.Content.Body, 0, MaxLinted);
            violations.Length("content.note", request.Content.Note, 0, MaxLinted);
            violations.Length("content.email", request.Content.Email, 0, MaxLinted);
            if (request.Content.Engagement is { } engagement)
            {
                Engagement("content.engagement.", engagement, violations);
                violations.Length("content.engagement.post_id", engagement.PostId, 0, 200);
                violations.Length("content.engagement.comment", engagement.Comment, 0, 1_250);
            }
        }

        Time("send_time", request.SendTime, violations);
    }

    public static void Route(RouteRequest request, FieldName at, Routing.RoutingPolicy installation, Violations violations)
    {
        if (violations.Required(at + "prospect", request.Prospect))
            Prospect(at + "prospect.", request.Prospect, violations);

        violations.Items(at + "senders", request.Senders.Count, 1, MaxSenders);
        if (request.Senders.Count <= MaxSenders)
            Senders(request.Senders, at, violations);

        if (violations.Required(at + "content", request.Content))
            Content(request.Content, at + "content.", violations);

        Known(at + "priority", request.Priority, violations);

        if (violations.Required(at + "now", request.Now))
            Time(at + "now", request.Now, violations);

        Replies(at, request.Replies, violations);
        Policy(at, request.Policy, installation, violations);
    }

    internal static void Replies(FieldName at, ReplyCounts? replies, Violations violations)
    {
        if (replies is null)
            return;
        violations.Range(at + "replies.sent", replies.Sent, 0, MaxCount);
        violations.Range(at + "replies.replied", replies.Replied, 0, MaxCount);
        if (replies.Replied > replies.Sent)
            violations.Add(at + "replies.replied", "must not be more than replies.sent");
    }

    internal static void Prospect(FieldName at, ProspectState prospect, Violations violations)
    {
        Time(at + "reply_time", prospect.ReplyTime, violations);
        violations.OptionalId(at + "claimed_by", prospect.ClaimedBy);
        Observed(at + "email_verified", prospect.EmailVerified, violations);
    }

    internal static void Policy(FieldName at, Types.V1.RoutingPolicy? policy, Routing.RoutingPolicy installation, Violations violations)
    {
        if (policy is null)
            return;
        foreach (var fault in PolicyCheck.Of(Wire.Policy(policy, installation)))
            violations.Add($"{at}policy.{fault.Field}", fault.Problem);
    }

    private static void Senders(RepeatedField<Sender> senders, FieldName at, Violations violations)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < senders.Count; i++)
        {
            var place = FieldName.Item(at, "senders", i);
            if (senders[i].AccountId.Length > 0 && !seen.Add(senders[i].AccountId))
                violations.Add(place + "account_id", "must be distinct: an earlier sender has the same");
            Sender(senders[i], place, violations);
        }
    }

    private static void Sender(Sender sender, FieldName at, Violations violations)
    {
        violations.Id(at + "account_id", sender.AccountId);
        Known(at + "tier", sender.Tier, violations);
        if (sender.State == AccountState.Unspecified)
            violations.Add(at + "state", "is required");
        else
            Known(at + "state", sender.State, violations);

        if (sender.NetworkDistance is { } distance)
        {
            if (distance.Value == NetworkDistance.Unspecified)
                violations.Add(at + "network_distance.value", "is required: leave network_distance unset if it is unknown");
            else
                Known(at + "network_distance.value", distance.Value, violations);
            RequiredTime(at + "network_distance.observe_time", distance.ObserveTime, violations);
        }

        Observed(at + "open_profile", sender.OpenProfile, violations);
        Observed(at + "can_send_inmail", sender.CanSendInmail, violations);
        if (sender.Invitation is { } invitation)
            Invitation(invitation, at + "invitation.", violations);

        Time(at + "last_inmail_time", sender.LastInmailTime, violations);
        Time(at + "inmail_refused_until", sender.InmailRefusedUntil, violations);
        if (sender.Credits is { } credits)
            Credits(credits, at + "credits.", violations);
        violations.Range(at + "open_profile_remaining", sender.OpenProfileRemaining, 0, 10_000);
        Time(at + "open_profile_reset_time", sender.OpenProfileResetTime, violations);

        // Numbers that this build does not know are let be: they close channels that it does not offer.
        violations.Items(at + "closed_channels", sender.ClosedChannels.Count, 0, 32);
        violations.Items(at + "offered_channels", sender.OfferedChannels.Count, 0, 32);
        Observed(at + "same_group", sender.SameGroup, violations);
        Observed(at + "coworker", sender.Coworker, violations);
        Observed(at + "open_to_work", sender.OpenToWork, violations);
    }

    internal static void Observed(FieldName field, Observed? observed, Violations violations)
    {
        if (observed is not null)
            RequiredTime(field + ".observe_time", observed.ObserveTime, violations);
    }

    private static void Invitation(Invitation invitation, FieldName at, Violations violations)
    {
        Known(at + "state", invitation.State, violations);
        Time(at + "send_time", invitation.SendTime, violations);
        Time(at + "withdraw_time", invitation.WithdrawTime, violations);
        if (invitation.State == InvitationState.Unspecified)
            Time(at + "observe_time", invitation.ObserveTime, violations);
        else
            RequiredTime(at + "observe_time", invitation.ObserveTime, violations);
    }

    private static void Credits(SenderCredits credits, FieldName at, Violations violations)
    {
        violations.Id(at + "pool_id", credits.PoolId);
        Known(at + "product", credits.Product, violations);
        violations.Range(at + "available", credits.Available, 0, MaxCredits);
        violations.Range(at + "held", credits.Held, 0, MaxCredits);
        violations.Range(at + "queued_demand", credits.QueuedDemand, 0, MaxCount);
        violations.Range(at + "floor", credits.Floor, 0, MaxCredits);
        Time(at + "renew_time", credits.RenewTime, violations);
        violations.Range(at + "forfeits_at_renewal", credits.ForfeitsAtRenewal, 0, MaxCredits);
        violations.Range(at + "price_micros", credits.PriceMicros, 0, MaxPriceMicros);
        if (credits.PriceMicros > 0 || credits.Currency.Length > 0)
        {
            if (credits.Currency.Length != 3 || !credits.Currency.All(char.IsAsciiLetterUpper))
                violations.Add(at + "currency", "must be an ISO 4217 code of three capital letters");
        }

        violations.Range(at + "budget", credits.Budget, 0, MaxCredits);
        violations.Range(at + "budget_left", credits.BudgetLeft, 0, MaxCredits);
        RequiredTime(at + "observe_time", credits.ObserveTime, violations);
        Time(at + "breaker_until", credits.BreakerUntil, violations);
    }

    internal static void Content(Content content, FieldName at, Violations violations)
    {
        violations.Length(at + "subject", content.Subject, 0, 200);
        violations.Length(at + "body", content.Body, 0, 8_000);
        violations.Length(at + "note", content.Note, 0, 300);
        violations.Length(at + "email", content.Email, 0, 20_000);
        if (content.Engagement is { } engagement)
            Engagement(at + "engagement.", engagement, violations);
        else if (content.Body.Length == 0 && content.Note.Length == 0 && content.Email.Length == 0)
            violations.Add(at + "body", "is required unless there is a note or a text for an e-mail");
    }

    private static void Engagement(FieldName at, Engagement engagement, Violations violations)
    {
        if (engagement.Channel is not (Channel.ProfileView or Channel.Like or Channel.Comment))
            violations.Add(at + "channel", "must be CHANNEL_PROFILE_VIEW, CHANNEL_LIKE or CHANNEL_COMMENT");
    }

    internal static void RequiredTime(FieldName field, Timestamp? time, Violations violations)
    {
        if (violations.Required(field, time))
            Time(field, time, violations);
    }

    internal static void Time(FieldName field, Timestamp? time, Violations violations)
    {
        if (time is not null && (time.Seconds < FirstSecond || time.Seconds >= EndSecond || time.Nanos is < 0 or > 999_999_999))
            violations.Add(field, "must be a time from 1970 to 8999");
    }

    internal static void Known<TEnum>(FieldName field, TEnum value, Violations violations)
        where TEnum : struct, System.Enum
    {
        if (!System.Enum.IsDefined(value))
            violations.Add(field, "must be one of the enum's values");
    }
}
