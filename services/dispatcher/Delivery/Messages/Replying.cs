using System.Collections.Immutable;

namespace Pennypost.Delivery.Messages;

/// <summary>The prospect wrote to a sender.</summary>
/// <param name="AccountId">To whom.</param>
/// <param name="ChatId">In which thread.</param>
/// <param name="Time">When, by the provider.</param>
/// <param name="Now">Now.</param>
public sealed record Reply(string AccountId, string ChatId, DateTimeOffset Time, DateTimeOffset Now);

/// <summary>What the prospect does, and what it does to their messages.</summary>
public static class Replying
{
    /// <summary>The messages that a reply to this sender may touch: at most 151.</summary>
    public static IEnumerable<string> Touches(Prospect prospect, string accountId) =>
        prospect.OpenMessages.Concat(prospect.Unanswered.Where(send => send.AccountId == accountId && send.ObservedId.Length == 0).Select(send => send.MessageId))
            .Concat(prospect.ViewOf(accountId).AcceptedRequest is { } request ? [request.MessageId] : [])
            .Distinct(StringComparer.Ordinal);

    /// <summary>
    /// A reply: pauses the prospect, answers what was sent to them in that thread, owes the refund of the latest unanswered InMail there, and proves a send whose answer is unknown if it opened the thread.
    /// </summary>
    public static Change Decide(Prospect prospect, IReadOnlyDictionary<string, Message> messages, Reply reply, DeliveryRules rules)
    {
        var changed = new Dictionary<string, Message>(StringComparer.Ordinal);
        prospect = ProveSent(prospect, messages, reply, rules, changed);
        var began = BeginsWith(prospect, reply);
        prospect = Answer(prospect, messages, reply, began, changed);
        var view = prospect.ViewOf(reply.AccountId);
        // One that was told late may be older than what was heard, and than the last InMail.
        prospect = prospect.With(view with
        {
            ReplyTime = Later(view.ReplyTime, reply.Time),
            ChatId = view.ReplyTime > reply.Time ? view.ChatId : reply.ChatId,
            LastInmailAnswered = view.LastInmailAnswered || view.LastInmailTime <= reply.Time,
            ConversationTime = began is null ? view.ConversationTime : Later(view.ConversationTime, reply.Time),
            AcceptedRequest = view.AcceptedRequest?.Time <= reply.Time ? null : view.AcceptedRequest,
        }) with
        {
            ReplyTime = Later(prospect.ReplyTime, reply.Time),
            Claim = new(reply.AccountId, reply.Now + rules.ClaimLife),
        };
        var stopped = prospect.OpenMessages.Select(id => Get(messages, changed, id)).Where(message => message is not null && prospect.IsStoppedByReply(message)).ToList();
        var ended = Ending.EndAll(prospect, stopped!, Reason.ProspectReplied, reply.Now);
        foreach (var message in ended.Messages)
            changed[message.Id] = message;
        return new Change(ended.Prospect, [.. changed.Values]);
    }

    /// <summary>Somebody else of a company replied: what stops with it ends, as after the prospect's own reply. Null if that was known, or was decided on since.</summary>
    public static Change? OfCompany(Prospect prospect, IEnumerable<Message> open, CompanyReply reply, DateTimeOffset now)
    {
        if (prospect.Forgotten || prospect.CompanyReplies.Exists(known => known.Company == reply.Company && known.Time >= reply.Time))
            return null;
        prospect = prospect.With(reply);
        return Ending.EndAll(prospect, open.Where(prospect.IsStoppedByCompany), Reason.CompanyReplied, now);
    }

    /// <summary>What a reply or an accept answered: sends of this account that waited for one before and no longer do.</summary>
    public static IReadOnlyList<UnansweredSend> Answered(Prospect before, Prospect after, string accountId) =>
        [.. before.Unanswered.Where(send => send.AccountId == accountId && !after.Unanswered.Contains(send))];

    /// <summary>An invitation was accepted: the prospect is a connection now, and messages that wait may have a free way.</summary>
    public static Change Accepted(Prospect prospect, IReadOnlyDictionary<string, Message> messages, string accountId, DateTimeOffset now, DeliveryRules rules)
    {
        var changed = new Dictionary<string, Message>(StringComparer.Ordinal);
        // It has left the pending invitations, where verification looks: its absence there must not be read as never sent.
        if (prospect.InFlight.Length > 0 && Get(messages, changed, prospect.InFlight) is { Current: { State: AttemptState.Intended or AttemptState.Indeterminate, Channel: Channel.ConnectionRequest } attempt } asked
            && attempt.AccountId == accountId
            && Concluding.Decide(prospect, asked, new Conclude(attempt.Number, new SendOutcome.Sent("", ""), Settled: false, now), rules) is ConcludeAnswer.Concluded concluded)
        {
            changed[asked.Id] = concluded.Message;
            prospect = concluded.Change.Prospect;
        }

        var invitations = prospect.Unanswered.Where(send => send.AccountId == accountId && send.Channel == Channel.ConnectionRequest).ToList();
        // An earlier one was withdrawn: what was accepted is the last.
        var last = invitations.FindLast(send => send.ObservedId.Length == 0);
        foreach (var send in invitations)
        {
            if (Get(messages, changed, send.MessageId) is { } message && message.AttemptOf(send.Attempt) is var sent)
                changed[message.Id] = message.Tell(now, EventKind.InvitationAccepted, sent, counts: send == last && sent is { IsCounted: true });
        }

        foreach (var id in prospect.OpenMessages)
            if (Get(messages, changed, id) is { } message && Ending.Wake(prospect, message, now) is { } wake)
                changed[id] = wake.Messages[0];
        var view = prospect.ViewOf(accountId);
        prospect = prospect.With(view with
        {
            Invitation = new(InvitationState.Accepted, view.Invitation?.SendTime, null, now),
            Distance = new(NetworkDistance.FirstDegree, now),
            AcceptedRequest = last is null ? view.AcceptedRequest : new(last.MessageId, last.Attempt, last.Time),
        }) with
        { Unanswered = prospect.Unanswered.RemoveRange(invitations) };
        return new Change(prospect, [.. changed.Values]);
    }

    /// <summary>A thread that nobody knew before can only have been opened by the send in question.</summary>
    private static Prospect ProveSent(Prospect prospect, IReadOnlyDictionary<string, Message> messages, Reply reply, DeliveryRules rules, Dictionary<string, Message> changed)
    {
        if (prospect.InFlight.Length == 0 || Get(messages, changed, prospect.InFlight) is not { } message)
            return prospect;
        var knownThread = prospect.ViewOf(reply.AccountId).ChatId == reply.ChatId;
        if (knownThread || message.Current is not { State: AttemptState.Intended or AttemptState.Indeterminate } attempt || attempt.AccountId != reply.AccountId
            || !attempt.Channel.IsInThread() || reply.Time < attempt.IntentTime)
            return prospect;
        var sent = new Conclude(attempt.Number, new SendOutcome.Sent("", reply.ChatId), Settled: false, reply.Now);
        if (Concluding.Decide(prospect, message, sent, rules) is not ConcludeAnswer.Concluded concluded)
            return prospect;
        changed[message.Id] = concluded.Message;
        return concluded.Change.Prospect;
    }

    /// <summary>
    /// The send of ours with which this reply begins a conversation: the latest that it can be an answer to, if it was made after the last conversation began. Null if it begins none. So a conversation counts once,
    /// for one send, whatever else the prospect writes before they are written to again, and in whatever order it is heard (F54).
    /// </summary>
    private static (string MessageId, int Attempt)? BeginsWith(Prospect prospect, Reply reply)
    {
        var view = prospect.ViewOf(reply.AccountId);
        // A connection request has no thread of its own: whoever has it writes in a new one, perhaps before it is noticed that they accepted.
        var sends = InThread(prospect, reply)
            .Concat(prospect.Unanswered.Where(send => send.AccountId == reply.AccountId && send.Channel == Channel.ConnectionRequest && send.Time <= reply.Time))
            .Where(send => send.ObservedId.Length == 0)
            .Select(send => (send.MessageId, send.Attempt, send.Time));
        if (view.AcceptedRequest is { } request && request.Time <= reply.Time)
            sends = sends.Append((request.MessageId, request.Attempt, request.Time));
        var (messageId, attempt, time) = sends.OrderBy(send => send.Time).LastOrDefault();
        return messageId is null || view.ConversationTime >= time ? null : (messageId, attempt);
    }

    /// <summary>What was written to them in the reply's thread before it.</summary>
    private static IEnumerable<UnansweredSend> InThread(Prospect prospect, Reply reply) =>
        prospect.Unanswered.Where(send => send.AccountId == reply.AccountId && send.Channel != Channel.ConnectionRequest && send.Time <= reply.Time && (send.ChatId.Length == 0 || send.ChatId == reply.ChatId));

    private static Prospect Answer(
        Prospect prospect, IReadOnlyDictionary<string, Message> messages, Reply reply, (string MessageId, int Attempt)? began, Dictionary<string, Message> changed)
    {
        var inThread = InThread(prospect, reply).ToList();
        // One reply brings one credit back: that of the latest InMail (LinkedIn Help 75). Older ones stay unanswered.
        var inmail = inThread.FindLast(send => send.Channel == Channel.Inmail);
        var answered = inThread.Where(send => send.Channel != Channel.Inmail || send == inmail).ToList();
        foreach (var send in answered)
        {
            if (send.ObservedId.Length > 0)
                prospect = Observing.Answered(prospect, send, reply.Time);
            if (Get(messages, changed, send.MessageId) is not { } message)
                continue;
            message = Replied(message, send.Attempt, reply, began);
            if (send == inmail)
                message = message with { Refund = new(send.Attempt, reply.Time), RetryTime = reply.Now, Retries = 0 };
            changed[message.Id] = message;
        }

        // The note of a connection request.
        if (began is var (noted, number) && !answered.Exists(send => send.MessageId == noted && send.Attempt == number) && Get(messages, changed, noted) is { } request)
            changed[noted] = Replied(request, number, reply, began);

        return prospect with { Unanswered = prospect.Unanswered.RemoveRange(answered) };
    }

    private static Message Replied(Message message, int number, Reply reply, (string MessageId, int Attempt)? began)
    {
        var attempt = message.AttemptOf(number);
        return (message with { ReplyTime = Later(message.ReplyTime, reply.Time) })
            .Tell(reply.Now, EventKind.Replied, attempt, counts: began == (message.Id, number) && attempt is { IsCounted: true });
    }

    private static Message? Get(IReadOnlyDictionary<string, Message> messages, Dictionary<string, Message> changed, string id) =>
        changed.GetValueOrDefault(id) ?? messages.GetValueOrDefault(id);

    private static DateTimeOffset Later(DateTimeOffset? known, DateTimeOffset time) => known is { } earlier && earlier > time ? earlier : time;
}
