namespace Pennypost.Delivery.Messages;

/// <summary>A send that somebody made from the sender's account by hand. Credits, the account's caps and a reply treat it as one of ours.</summary>
public sealed record ObservedSend
{
    /// <summary>Made from the provider's id: its hold id in credits, and the same whoever tells of it.</summary>
    public required string Id { get; init; }

    /// <summary>The sender.</summary>
    public required string AccountId { get; init; }

    /// <summary>By which channel.</summary>
    public required Channel Channel { get; init; }

    /// <summary>The pool that paid; empty if it cost no credit, or none of ours.</summary>
    public string PoolId { get; init; } = "";

    /// <summary>When, by the provider.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Whether credits and the account know of it.</summary>
    public bool Booked { get; init; }

    /// <summary>When it was answered, if credits has yet to be told.</summary>
    public DateTimeOffset? ReplyTime { get; init; }

    /// <summary>How often somebody did not answer.</summary>
    public int Tries { get; init; }
}

/// <summary>A send that we do not know was seen at the provider.</summary>
public sealed record Observe
{
    /// <summary>The id of what becomes an <see cref="ObservedSend"/>.</summary>
    public required string Id { get; init; }

    /// <summary>The sender.</summary>
    public required string AccountId { get; init; }

    /// <summary>Its thread; empty for an invitation.</summary>
    public string ChatId { get; init; } = "";

    /// <summary>By which channel.</summary>
    public required Channel Channel { get; init; }

    /// <summary>The pool that paid; empty for none.</summary>
    public string PoolId { get; init; } = "";

    /// <summary>When, by the provider.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Now.</summary>
    public required DateTimeOffset Now { get; init; }
}

/// <summary>What an observed send comes to.</summary>
public abstract record ObserveAnswer
{
    private ObserveAnswer() { }

    /// <summary>Somebody wrote by hand; it is kept.</summary>
    public sealed record ByHand(Change Change) : ObserveAnswer;

    /// <summary>It is a send of ours whose id nobody had told; it is kept that this is it.</summary>
    public sealed record Ours(Change Change) : ObserveAnswer;

    /// <summary>It may be a send of ours that is under way: its own outcome tells.</summary>
    public sealed record Undecided : ObserveAnswer;
}

/// <summary>Sends written by hand (F84): they claim the prospect, count for the second-InMail rule, are booked as observed spends, and a reply refunds them.</summary>
public static class Observing
{
    /// <summary>Sends of one prospect that may wait to be told. Beyond it further ones are seen when these were.</summary>
    public const int MostUntold = 50;

    /// <summary>The provider's clock and ours may differ by this much.</summary>
    private static readonly TimeSpan _clockDifference = TimeSpan.FromMinutes(5);

    /// <summary>LinkedIn tells by the day when an invitation was sent.</summary>
    private static readonly TimeSpan _invitationDay = TimeSpan.FromDays(1);

    /// <summary>Decides. Whether the provider's id is one of ours is known before this is asked.</summary>
    public static ObserveAnswer Decide(Prospect prospect, Observe seen, DeliveryRules rules)
    {
        seen = seen with { Time = Past(seen.Time, seen.Now) };
        if (prospect.InFlight.Length > 0 || prospect.Observed.Count >= MostUntold)
            return new ObserveAnswer.Undecided();
        var view = prospect.ViewOf(seen.AccountId);
        // Of an invitation one is known at a time, by the day: whatever its id, it is that one.
        if (seen.Channel == Channel.ConnectionRequest && view.Invitation?.SendTime is { } invited && (invited - seen.Time).Duration() <= _invitationDay)
            return new ObserveAnswer.Ours(new(prospect, []));
        // Nor is it a message yet while it waits: what is written at that very time is its note, which the inbox shows as a message once it is accepted.
        if (seen.Channel is Channel.DirectMessage or Channel.RepliedThread && view.Invitation?.SendTime is { } noted && (noted - seen.Time).Duration() <= _clockDifference)
            return new ObserveAnswer.Ours(new(prospect, []));
        // Of several it is the nearest: each is seen once, and the others are still to be.
        var near = view.UnnamedSends.Where(time => (time - seen.Time).Duration() <= _clockDifference).OrderBy(time => (time - seen.Time).Duration()).Take(1).ToList();
        return near.Count > 0
            ? new ObserveAnswer.Ours(new(prospect.With(view with { UnnamedSends = view.UnnamedSends.Remove(near[0]) }), []))
            : new ObserveAnswer.ByHand(new(ByHand(prospect, view, seen, rules), []));
    }

    /// <summary>When something was done that has been seen: not after now, however far ahead the provider's clock is. Nobody would book a send of tomorrow, or a reply to one.</summary>
    public static DateTimeOffset Past(DateTimeOffset told, DateTimeOffset now) => told > now ? now : told;

    /// <summary>
    /// Sends of ours that a message of the account's own may be whatever id it has, by their time: whoever has their words tells. Should the provider show another id than it answered, every send of ours would
    /// otherwise be booked twice.
    /// </summary>
    public static IEnumerable<UnansweredSend> Alike(Prospect prospect, string accountId, DateTimeOffset time) => prospect.Unanswered.Where(send =>
        send.AccountId == accountId && send.ObservedId.Length == 0 && send.Channel != Channel.ConnectionRequest && (send.Time - time).Duration() <= _clockDifference);

    /// <summary>A reply answered a send that was written by hand: its credit comes back as ours would.</summary>
    internal static Prospect Answered(Prospect prospect, UnansweredSend send, DateTimeOffset replyTime)
    {
        if (send.PoolId.Length == 0)
            return prospect;
        var known = prospect.Observed.FindIndex(one => one.Id == send.ObservedId);
        return prospect with
        {
            Observed = known >= 0
                ? prospect.Observed.SetItem(known, prospect.Observed[known] with { ReplyTime = replyTime })
                : prospect.Observed.Add(new ObservedSend
                {
                    Id = send.ObservedId,
                    AccountId = send.AccountId,
                    Channel = send.Channel,
                    PoolId = send.PoolId,
                    Time = send.Time,
                    Booked = true,
                    ReplyTime = replyTime,
                }),
        };
    }

    /// <summary>Credits and the account answered all of this; null if it is not known any more.</summary>
    public static Change? Told(Prospect prospect, ObservedSend told)
    {
        var known = prospect.Observed.FindIndex(one => one.Id == told.Id);
        if (known < 0)
            return null;
        var left = prospect.Observed[known];
        // A reply that came meanwhile is told next.
        return new(prospect with
        {
            Observed = left.ReplyTime == told.ReplyTime ? prospect.Observed.RemoveAt(known) : prospect.Observed.SetItem(known, left with { Booked = true, Tries = 0 }),
        }, []);
    }

    /// <summary>Somebody did not answer: again later, each time later; null if nothing is left to tell.</summary>
    public static Change? Postpone(Prospect prospect) =>
        prospect.Observed.IsEmpty ? null : new(prospect with { Observed = prospect.Observed.ConvertAll(one => one with { Tries = one.Tries + 1 }) }, []);

    /// <summary>When what is left is told; null if nothing is.</summary>
    public static DateTimeOffset? Due(Prospect prospect, DeliveryRules rules, DateTimeOffset now) =>
        prospect.Observed.IsEmpty ? null
        : prospect.Observed.Min(one => one.Tries) is > 0 and var tries ? now + DeliveryRules.Growing(rules.RetryEvery, tries - 1)
        : now;

    private static Prospect ByHand(Prospect prospect, SenderView view, Observe seen, DeliveryRules rules)
    {
        // Its answer may have been heard before it was seen itself.
        var answered = seen.ChatId.Length > 0 && view.ChatId == seen.ChatId && view.ReplyTime >= seen.Time ? view.ReplyTime : null;
        var latest = !(view.LastSendTime > seen.Time) && !(view.ReplyTime > seen.Time);
        view = view with
        {
            ChatId = seen.ChatId.Length > 0 && (latest || view.ChatId.Length == 0) ? seen.ChatId : view.ChatId,
            LastSendTime = Later(view.LastSendTime, seen.Time),
        };
        if (seen.Channel is Channel.Inmail or Channel.OpenProfileInmail && !(view.LastInmailTime > seen.Time))
            view = view with { LastInmailTime = seen.Time, LastInmailAnswered = answered is not null };
        if (seen.Channel == Channel.ConnectionRequest && view.Invitation is not { State: InvitationState.Accepted })
            view = view with { Invitation = new(InvitationState.Pending, seen.Time, null, seen.Now) };
        prospect = prospect.With(view) with
        {
            LastSendTime = Later(prospect.LastSendTime, seen.Time),
            Claim = prospect.ClaimedBy(seen.Now) is null ? new(seen.AccountId, seen.Time + rules.ClaimLife) : prospect.Claim,
            Observed = prospect.Observed.Add(new ObservedSend
            {
                Id = seen.Id,
                AccountId = seen.AccountId,
                Channel = seen.Channel,
                PoolId = seen.PoolId,
                Time = seen.Time,
                ReplyTime = seen.PoolId.Length > 0 ? answered : null,
            }),
        };
        return seen.PoolId.Length > 0 && answered is null
            ? prospect.Awaiting(new("", 0, seen.AccountId, seen.ChatId, seen.Channel, seen.Time) { ObservedId = seen.Id, PoolId = seen.PoolId })
            : prospect;
    }

    private static DateTimeOffset Later(DateTimeOffset? known, DateTimeOffset time) => known > time ? known.Value : time;
}
