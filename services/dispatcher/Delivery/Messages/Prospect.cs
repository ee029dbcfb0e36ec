using System.Collections.Immutable;

namespace Pennypost.Delivery.Messages;

/// <summary>How far sender and prospect are apart; the router's numbers.</summary>
public enum NetworkDistance
{
    /// <summary>Unknown.</summary>
    Unspecified = 0,

    /// <summary>Connected.</summary>
    FirstDegree = 1,

    /// <summary>A connection's connection.</summary>
    SecondDegree = 2,

    /// <summary>One further.</summary>
    ThirdDegree = 3,

    /// <summary>None of these.</summary>
    OutOfNetwork = 4,
}

/// <summary>How an invitation stands; the router's numbers.</summary>
public enum InvitationState
{
    /// <summary>Unknown.</summary>
    Unspecified = 0,

    /// <summary>None was sent, as far as anyone knows.</summary>
    None = 1,

    /// <summary>Sent and not answered.</summary>
    Pending = 2,

    /// <summary>Accepted.</summary>
    Accepted = 3,

    /// <summary>Ignored, declined or withdrawn.</summary>
    Withdrawn = 4,
}

/// <summary>Something that was seen at a time. Null stands for unknown, which is not false.</summary>
public sealed record Seen<T>(T Value, DateTimeOffset Time);

/// <summary>An invitation of one sender, as last seen.</summary>
public sealed record Invitation(InvitationState State, DateTimeOffset? SendTime, DateTimeOffset? WithdrawTime, DateTimeOffset ObserveTime);

/// <summary>What one sender knows of the prospect, and what passed between them.</summary>
public sealed record SenderView
{
    /// <summary>The account.</summary>
    public required string AccountId { get; init; }

    /// <summary>The provider's id of the prospect as this account sees it; empty if unknown. Ids of one account mean nothing to another.</summary>
    public string RecipientId { get; init; } = "";

    /// <summary>The same as the subscription that pays this account's InMails sees it (Sales Navigator and Recruiter have ids of their own); empty if unknown.</summary>
    public string InmailRecipientId { get; init; } = "";

    /// <summary>How far the prospect is.</summary>
    public Seen<NetworkDistance>? Distance { get; init; }

    /// <summary>Whether the profile is open.</summary>
    public Seen<bool>? OpenProfile { get; init; }

    /// <summary>Whether the provider says that InMail can be sent.</summary>
    public Seen<bool>? CanSendInmail { get; init; }

    /// <summary>Its invitation.</summary>
    public Invitation? Invitation { get; init; }

    /// <summary>The thread that both are in; empty if unknown.</summary>
    public string ChatId { get; init; } = "";

    /// <summary>When this sender last wrote.</summary>
    public DateTimeOffset? LastSendTime { get; init; }

    /// <summary>When the prospect last replied to this sender.</summary>
    public DateTimeOffset? ReplyTime { get; init; }

    /// <summary>When this sender's last InMail went out, paid or free.</summary>
    public DateTimeOffset? LastInmailTime { get; init; }

    /// <summary>Whether that InMail was answered.</summary>
    public bool LastInmailAnswered { get; init; }

    /// <summary>Until when the prospect is taken to refuse InMail.</summary>
    public DateTimeOffset? InmailRefusedUntil { get; init; }

    /// <summary>The reply that last began a conversation with this sender which is counted: what was sent before it begins no other.</summary>
    public DateTimeOffset? ConversationTime { get; init; }

    /// <summary>This sender's connection request that was accepted, while nobody has answered it: a reply may begin a conversation by its note.</summary>
    public AcceptedRequest? AcceptedRequest { get; init; }

    /// <summary>When this sender's sends went out whose ids at the provider nobody told: their own messages are ours, whatever ids they have.</summary>
    public ImmutableList<DateTimeOffset> UnnamedSends { get; init; } = [];
}

/// <summary>A connection request of ours that was accepted.</summary>
public sealed record AcceptedRequest(string MessageId, int Attempt, DateTimeOffset Time);

/// <summary>One sender at a time is in conversation with a prospect.</summary>
public sealed record Claim(string AccountId, DateTimeOffset Until);

/// <summary>Somebody of a company replied.</summary>
/// <param name="Company">Keyed hash of which.</param>
/// <param name="Time">When.</param>
public sealed record CompanyReply(string Company, DateTimeOffset Time);

/// <summary>An erasure that a send under way keeps from being finished: what is to go, apart from what a message brings that is accepted meanwhile.</summary>
public sealed record Erasure
{
    /// <summary>The e-mail addresses that were theirs when it began.</summary>
    public ImmutableList<string> Emails { get; init; } = [];

    /// <summary>The companies that they were said to work for when it began.</summary>
    public ImmutableList<string> Companies { get; init; } = [];

    /// <summary>Whether a message to them was accepted since.</summary>
    public bool WrittenToSince { get; init; }
}

/// <summary>A send that a reply may still answer. One that was written by hand belongs to no message: it has an id of its own.</summary>
public sealed record UnansweredSend(string MessageId, int Attempt, string AccountId, string ChatId, Channel Channel, DateTimeOffset Time)
{
    /// <summary>The id of the send that was written by hand; empty for ours.</summary>
    public string ObservedId { get; init; } = "";

    /// <summary>The pool that paid the send that was written by hand.</summary>
    public string PoolId { get; init; } = "";
}

/// <summary>A person, as the tenant's senders deal with them: one at a time, never after a no. The unit in which sends exclude each other.</summary>
public sealed record Prospect
{
    /// <summary>Messages of one prospect that may be under way at once.</summary>
    public const int MaxOpenMessages = 100;

    private const int KeptHashes = 100;
    private const int KeptEmails = 50;
    private const int KeptUnanswered = 50;
    private const int KeptUnnamed = 10;
    private const int KeptCompanyReplies = MaxOpenMessages;

    /// <summary>Nobody has dealt with them yet.</summary>
    public static Prospect Unknown { get; } = new();

    /// <summary>Since when they are on the suppression list; null if they are not.</summary>
    public DateTimeOffset? SuppressTime { get; init; }

    /// <summary>When they last replied to anybody.</summary>
    public DateTimeOffset? ReplyTime { get; init; }

    /// <summary>When a person last allowed to write on after a reply.</summary>
    public DateTimeOffset? ReleaseTime { get; init; }

    /// <summary>Whose they are now.</summary>
    public Claim? Claim { get; init; }

    /// <summary>When anybody last wrote to them.</summary>
    public DateTimeOffset? LastSendTime { get; init; }

    /// <summary>What each sender knows, by account.</summary>
    public ImmutableSortedDictionary<string, SenderView> Senders { get; init; } = ImmutableSortedDictionary.Create<string, SenderView>(StringComparer.Ordinal);

    /// <summary>Messages that have not ended.</summary>
    public ImmutableList<string> OpenMessages { get; init; } = [];

    /// <summary>The message whose attempt is open, intended or indeterminate; empty if none. One at a time.</summary>
    public string InFlight { get; init; } = "";

    /// <summary>Keyed hashes of the texts that went out, newest last.</summary>
    public ImmutableList<string> SentHashes { get; init; } = [];

    /// <summary>Sends that a reply may answer, oldest first.</summary>
    public ImmutableList<UnansweredSend> Unanswered { get; init; } = [];

    /// <summary>Sends written by hand of which credits and the account have yet to be told.</summary>
    public ImmutableList<ObservedSend> Observed { get; init; } = [];

    /// <summary>Keyed hashes of the e-mail addresses that are theirs, newest last.</summary>
    public ImmutableList<string> Emails { get; init; } = [];

    /// <summary>Keyed hash of the company that they were last said to work for; empty if nobody said.</summary>
    public string Company { get; init; } = "";

    /// <summary>When somebody else of each company with which a message of theirs stops last replied, at most one per company, oldest first.</summary>
    public ImmutableList<CompanyReply> CompanyReplies { get; init; } = [];

    /// <summary>When they were last erased: what was accepted until then is not sent any more, and nothing that names them is kept of it.</summary>
    public DateTimeOffset? EraseTime { get; init; }

    /// <summary>The erasure that is not finished; null if none is.</summary>
    public Erasure? Erasure { get; init; }

    /// <summary>Erased, and nobody has dealt with them since: what is heard or seen of them is not kept.</summary>
    public bool Forgotten { get; init; }

    /// <summary>What a sender knows; nothing, if it never looked.</summary>
    public SenderView ViewOf(string accountId) => Senders.GetValueOrDefault(accountId) ?? new SenderView { AccountId = accountId };

    /// <summary>Since when a sender's messages must have been read before it writes to them by this channel: an answer to what it wrote before may wait there. Null if it has nothing to wait for.</summary>
    public DateTimeOffset? InboxReadSince(string accountId, Channel channel, DeliveryRules rules, DateTimeOffset now)
    {
        var view = ViewOf(accountId);
        return view.LastSendTime is { } last && !(view.ReplyTime >= last) && !channel.IsEngagement() ? now - rules.FollowUpFreshness : null;
    }

    /// <summary>Who holds the claim now; null if nobody does.</summary>
    public string? ClaimedBy(DateTimeOffset now) => Claim is { } claim && claim.Until > now ? claim.AccountId : null;

    /// <summary>
    /// Whether a reply stops this message. One that was accepted after the reply was written by somebody who could know of it; so was one that a person released.
    /// </summary>
    public bool IsStoppedByReply(Message message) =>
        ReplyTime is { } reply && reply >= message.CreateTime && !(ReleaseTime >= reply);

    /// <summary>Whether a colleague's reply stops this message: as their own would, and until it is released as after their own.</summary>
    public bool IsStoppedByCompany(Message message) =>
        CompanyReplies.Exists(reply => reply.Company == message.Company && reply.Time >= message.CreateTime && !(ReleaseTime >= reply.Time));

    /// <summary>Whether the message was erased with them.</summary>
    public bool IsErased(Message message) => EraseTime >= message.CreateTime;

    internal Prospect With(SenderView view) => this with { Senders = Senders.SetItem(view.AccountId, view) };

    internal Prospect Without(Message message) => this with
    {
        OpenMessages = OpenMessages.Remove(message.Id),
        InFlight = InFlight == message.Id ? "" : InFlight,
    };

    internal Prospect With(CompanyReply reply) => this with
    {
        CompanyReplies = Newest([.. CompanyReplies.Where(known => known.Company != reply.Company).Append(reply).OrderBy(known => known.Time)], KeptCompanyReplies),
    };

    internal Prospect WithEmail(string email) => email.Length == 0 || Emails.Contains(email) ? this : this with { Emails = Newest(Emails.Add(email), KeptEmails) };

    internal Prospect Remember(string textHash) => this with { SentHashes = Newest(SentHashes.Add(textHash), KeptHashes) };

    internal Prospect Await(UnansweredSend send) => this with { Unanswered = Newest(Unanswered.Add(send), KeptUnanswered) };

    /// <summary>With a send that was seen late: at its place among the others, because a reply answers the latest.</summary>
    internal Prospect Awaiting(UnansweredSend send) => this with
    {
        Unanswered = Newest(Unanswered.Insert(Unanswered.Count(one => one.Time <= send.Time), send), KeptUnanswered),
    };

    internal static SenderView Unnamed(SenderView view, DateTimeOffset time) => view with { UnnamedSends = Newest(view.UnnamedSends.Add(time), KeptUnnamed) };

    private static ImmutableList<T> Newest<T>(ImmutableList<T> items, int kept) => items.Count > kept ? items.RemoveRange(0, items.Count - kept) : items;
}

/// <summary>What a decision changes: the prospect, and the messages that are not as they were. New events are at the messages' ends.</summary>
public sealed record Change(Prospect Prospect, ImmutableList<Message> Messages)
{
    internal Change(Prospect prospect, Message message)
        : this(prospect, [message])
    {
    }
}
