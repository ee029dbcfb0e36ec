using System.Collections.Immutable;
using Pennypost.Delivery;
using Pennypost.Delivery.Messages;
using Pennypost.Dispatcher.Stored;
using Pennypost.Store;

namespace Pennypost.Dispatcher.Messages;

/// <summary>How a prospect is kept: one partition each; its messages, their texts and what was heard from the provider are records.</summary>
internal static class ProspectStorage
{
    public const string Kind = "prospect";
    private const string MessagePrefix = "m/";

    /// <summary>The due key of an erasure that is not finished.</summary>
    public const string EraseDue = "erase";

    public static HeadCodec<Prospect> Codec { get; } = HeadCodec.Mapped(StoredProspect.Parser, Read, Write);

    public static PartitionId Partition(string tenant, string prospectId) => new(Kind, tenant, prospectId);

    public static string MessageKey(string messageId) => MessagePrefix + messageId;

    public static string ContentKey(string messageId) => "c/" + messageId;

    /// <summary>The trace in which a message was accepted.</summary>
    public static string TraceKey(string messageId) => "t/" + messageId;

    /// <summary>A message of the provider that was heard of: a second telling changes nothing.</summary>
    public static string HeardKey(string hash) => "h/" + hash;

    /// <summary>A message of the provider that is our own send.</summary>
    public static string OwnKey(string hash) => "o/" + hash;

    /// <summary>The due key of what credits and the account have yet to be told of sends that were written by hand.</summary>
    public const string ObservedDue = "observed";

    /// <summary>The message that a due entry is about; null for a key that is none.</summary>
    public static string? MessageOf(string dueKey) => dueKey.StartsWith(MessagePrefix, StringComparison.Ordinal) ? dueKey[MessagePrefix.Length..] : null;

    public static long Ms(DateTimeOffset? time) => time?.ToUnixTimeMilliseconds() ?? 0;

    public static DateTimeOffset Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);

    public static DateTimeOffset? TimeOrNull(long ms) => ms == 0 ? null : Time(ms);

    private static Prospect Read(StoredProspect stored) => new()
    {
        SuppressTime = TimeOrNull(stored.SuppressMs),
        ReplyTime = TimeOrNull(stored.ReplyMs),
        ReleaseTime = TimeOrNull(stored.ReleaseMs),
        Claim = stored.ClaimAccountId.Length == 0 ? null : new Claim(stored.ClaimAccountId, Time(stored.ClaimUntilMs)),
        LastSendTime = TimeOrNull(stored.LastSendMs),
        Senders = stored.Senders.Select(View).ToImmutableSortedDictionary(view => view.AccountId, view => view, StringComparer.Ordinal),
        OpenMessages = [.. stored.OpenMessages],
        InFlight = stored.InFlight,
        SentHashes = [.. stored.SentHashes],
        EraseTime = TimeOrNull(stored.EraseMs),
        Forgotten = stored.Forgotten,
        Emails = [.. stored.Emails],
        Company = stored.Company,
        CompanyReplies =
        [
            // Kept by a version that knew of one.
            .. stored.CompanyReplyMs == 0 ? [] : new[] { new CompanyReply(stored.ReplyCompany, Time(stored.CompanyReplyMs)) },
            .. stored.CompanyReplies.Select(reply => new CompanyReply(reply.Company, Time(reply.ReplyMs))),
        ],
        Erasure = stored.Erasure is { } erasure ? new Erasure { Emails = [.. erasure.Emails], Companies = [.. erasure.Companies], WrittenToSince = erasure.WrittenToSince } : null,
        Unanswered =
        [
            .. stored.Unanswered.Select(send => new UnansweredSend(send.MessageId, send.Attempt, send.AccountId, send.ChatId, (Channel)send.Channel, Time(send.SendMs))
            {
                ObservedId = send.ObservedId,
                PoolId = send.PoolId,
            }),
        ],
        Observed =
        [
            .. stored.Observed.Select(send => new ObservedSend
            {
                Id = send.Id,
                AccountId = send.AccountId,
                Channel = (Channel)send.Channel,
                PoolId = send.PoolId,
                Time = Time(send.SendMs),
                Booked = send.Booked,
                ReplyTime = TimeOrNull(send.ReplyMs),
                Tries = send.Tries,
            }),
        ],
    };

    private static StoredProspect Write(Prospect prospect) => new()
    {
        Format = 1,
        SuppressMs = Ms(prospect.SuppressTime),
        ReplyMs = Ms(prospect.ReplyTime),
        ReleaseMs = Ms(prospect.ReleaseTime),
        ClaimAccountId = prospect.Claim?.AccountId ?? "",
        ClaimUntilMs = Ms(prospect.Claim?.Until),
        LastSendMs = Ms(prospect.LastSendTime),
        Senders = { prospect.Senders.Values.Select(View) },
        OpenMessages = { prospect.OpenMessages },
        InFlight = prospect.InFlight,
        SentHashes = { prospect.SentHashes },
        EraseMs = Ms(prospect.EraseTime),
        Forgotten = prospect.Forgotten,
        Emails = { prospect.Emails },
        Company = prospect.Company,
        CompanyReplies = { prospect.CompanyReplies.Select(reply => new StoredCompanyReply { Company = reply.Company, ReplyMs = Ms(reply.Time) }) },
        Erasure = prospect.Erasure is { } erasure ? new StoredErasure { Emails = { erasure.Emails }, Companies = { erasure.Companies }, WrittenToSince = erasure.WrittenToSince } : null,
        Unanswered =
        {
            prospect.Unanswered.Select(send => new StoredUnanswered
            {
                MessageId = send.MessageId, Attempt = send.Attempt, AccountId = send.AccountId, ChatId = send.ChatId, Channel = (int)send.Channel, SendMs = Ms(send.Time),
                ObservedId = send.ObservedId, PoolId = send.PoolId,
            }),
        },
        Observed =
        {
            prospect.Observed.Select(send => new StoredObservedSend
            {
                Id = send.Id,
                AccountId = send.AccountId,
                Channel = (int)send.Channel,
                PoolId = send.PoolId,
                SendMs = Ms(send.Time),
                Booked = send.Booked,
                ReplyMs = Ms(send.ReplyTime),
                Tries = send.Tries,
            }),
        },
    };

    private static SenderView View(StoredSenderView stored) => new()
    {
        AccountId = stored.AccountId,
        RecipientId = stored.RecipientId,
        InmailRecipientId = stored.InmailRecipientId,
        Distance = stored.DistanceMs == 0 ? null : new((NetworkDistance)stored.Distance, Time(stored.DistanceMs)),
        OpenProfile = stored.OpenProfileMs == 0 ? null : new(stored.OpenProfile, Time(stored.OpenProfileMs)),
        CanSendInmail = stored.CanSendInmailMs == 0 ? null : new(stored.CanSendInmail, Time(stored.CanSendInmailMs)),
        Invitation = stored.InvitationMs == 0
            ? null
            : new((InvitationState)stored.Invitation, TimeOrNull(stored.InvitationSendMs), TimeOrNull(stored.InvitationWithdrawMs), Time(stored.InvitationMs)),
        ChatId = stored.ChatId,
        LastSendTime = TimeOrNull(stored.LastSendMs),
        ReplyTime = TimeOrNull(stored.ReplyMs),
        LastInmailTime = TimeOrNull(stored.LastInmailMs),
        LastInmailAnswered = stored.LastInmailAnswered,
        InmailRefusedUntil = TimeOrNull(stored.InmailRefusedUntilMs),
        UnnamedSends = [.. stored.UnnamedSendsMs.Select(Time)],
        ConversationTime = TimeOrNull(stored.ConversationMs),
        AcceptedRequest = stored.AcceptedRequestMs == 0 ? null : new(stored.AcceptedRequestMessageId, stored.AcceptedRequestAttempt, Time(stored.AcceptedRequestMs)),
    };

    private static StoredSenderView View(SenderView view) => new()
    {
        AccountId = view.AccountId,
        RecipientId = view.RecipientId,
        InmailRecipientId = view.InmailRecipientId,
        Distance = (int)(view.Distance?.Value ?? 0),
        DistanceMs = Ms(view.Distance?.Time),
        OpenProfile = view.OpenProfile?.Value ?? false,
        OpenProfileMs = Ms(view.OpenProfile?.Time),
        CanSendInmail = view.CanSendInmail?.Value ?? false,
        CanSendInmailMs = Ms(view.CanSendInmail?.Time),
        Invitation = (int)(view.Invitation?.State ?? 0),
        InvitationSendMs = Ms(view.Invitation?.SendTime),
        InvitationWithdrawMs = Ms(view.Invitation?.WithdrawTime),
        InvitationMs = Ms(view.Invitation?.ObserveTime),
        ChatId = view.ChatId,
        LastSendMs = Ms(view.LastSendTime),
        ReplyMs = Ms(view.ReplyTime),
        LastInmailMs = Ms(view.LastInmailTime),
        LastInmailAnswered = view.LastInmailAnswered,
        InmailRefusedUntilMs = Ms(view.InmailRefusedUntil),
        UnnamedSendsMs = { view.UnnamedSends.Select(time => Ms(time)) },
        ConversationMs = Ms(view.ConversationTime),
        AcceptedRequestMs = Ms(view.AcceptedRequest?.Time),
        AcceptedRequestMessageId = view.AcceptedRequest?.MessageId ?? "",
        AcceptedRequestAttempt = view.AcceptedRequest?.Attempt ?? 0,
    };
}
