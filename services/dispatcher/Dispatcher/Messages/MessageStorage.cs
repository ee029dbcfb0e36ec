using System.Collections.Frozen;
using Google.Protobuf;
using Pennypost.Delivery;
using Pennypost.Delivery.Messages;
using Pennypost.Delivery.Rates;
using Pennypost.Dispatcher.Stored;
using Pennypost.Store;
using static Pennypost.Dispatcher.Messages.ProspectStorage;

namespace Pennypost.Dispatcher.Messages;

/// <summary>How a message is kept: a record of its prospect.</summary>
internal static class MessageStorage
{
    public static byte[] Bytes(Message message) => new StoredMessage
    {
        Format = 1,
        MessageId = message.Id,
        Priority = (int)message.Priority,
        AccountIds = { message.AccountIds },
        CampaignId = message.CampaignId,
        Segment = message.Segment,
        Variant = message.Variant,
        Policy = message.Policy,
        NotBeforeMs = Ms(message.NotBefore),
        ExpireMs = Ms(message.ExpireTime),
        CreateMs = Ms(message.CreateTime),
        TextHash = message.TextHash,
        Company = message.Company,
        State = (int)message.State,
        Reason = (int)message.Reason,
        WaitUntilMs = Ms(message.WaitUntil),
        Attempts = { message.Attempts.Select(Write) },
        Events = { message.Events.Select(Write) },
        Closed = { message.Closed.Select(closed => new StoredClosedChannel { AccountId = closed.AccountId, Channel = (int)closed.Channel }) },
        Channel = (int)message.Channel,
        AccountId = message.AccountId,
        CreditsSpent = message.CreditsSpent,
        CreditsRefunded = message.CreditsRefunded,
        EndMs = Ms(message.EndTime),
        ReplyMs = Ms(message.ReplyTime),
        RefundAttempt = message.Refund?.Attempt ?? 0,
        RefundReplyMs = Ms(message.Refund?.ReplyTime),
        DemandPool = message.DemandPool,
        WantsCredit = message.WantsCredit,
        RetryMs = Ms(message.RetryTime),
        Retries = message.Retries,
    }.ToByteArray();

    public static Message? Message(byte[]? bytes)
    {
        if (bytes is null)
            return null;
        var stored = StoredMessage.Parser.ParseFrom(bytes);
        return new Message
        {
            Id = stored.MessageId,
            Priority = (Priority)stored.Priority,
            AccountIds = [.. stored.AccountIds],
            CampaignId = stored.CampaignId,
            Segment = stored.Segment,
            Variant = stored.Variant,
            Policy = stored.Policy,
            NotBefore = TimeOrNull(stored.NotBeforeMs),
            ExpireTime = Time(stored.ExpireMs),
            CreateTime = Time(stored.CreateMs),
            TextHash = stored.TextHash,
            Company = stored.Company,
            State = (MessageState)stored.State,
            Reason = (Reason)stored.Reason,
            WaitUntil = TimeOrNull(stored.WaitUntilMs),
            Attempts = [.. stored.Attempts.Select(Read)],
            Events = [.. stored.Events.Select(Read)],
            Closed = [.. stored.Closed.Select(closed => new ClosedChannel(closed.AccountId, (Channel)closed.Channel))],
            Channel = (Channel)stored.Channel,
            AccountId = stored.AccountId,
            CreditsSpent = stored.CreditsSpent,
            CreditsRefunded = stored.CreditsRefunded,
            EndTime = TimeOrNull(stored.EndMs),
            ReplyTime = TimeOrNull(stored.ReplyMs),
            Refund = stored.RefundAttempt == 0 ? null : new(stored.RefundAttempt, Time(stored.RefundReplyMs)),
            DemandPool = stored.DemandPool,
            WantsCredit = stored.WantsCredit,
            RetryTime = TimeOrNull(stored.RetryMs),
            Retries = stored.Retries,
        };
    }

    /// <summary>One step, as it goes into the journal, with what it takes to count it.</summary>
    public static byte[] Bytes(Message message, MessageEvent happened) => new StoredMessageEvent
    {
        MessageId = message.Id,
        Event = Write(happened),
        Count = happened.Counts ? new StoredCount { Segment = message.Segment, Variant = message.Variant, SendMs = Ms(message.AttemptOf(happened.Attempt)?.SendTime) } : null,
    }.ToByteArray();

    public static (string MessageId, MessageEvent Event) Event(ReadOnlyMemory<byte> bytes)
    {
        var stored = StoredMessageEvent.Parser.ParseFrom(bytes.Span);
        return (stored.MessageId, Read(stored.Event));
    }

    /// <summary>What an entry of the journal is counted as; null for one that is not.</summary>
    public static CountedStep? Counted(JournaledEntry entry)
    {
        if (!_counted.Contains(entry.Type))
            return null;
        var stored = StoredMessageEvent.Parser.ParseFrom(entry.Payload.Span);
        return stored.Count is { } count && CountedStep.KindOf((EventKind)stored.Event.Kind) is { } kind
            ? new CountedStep(entry.Shard, entry.Sequence, kind, (Channel)stored.Event.Channel, count.Segment, count.Variant, Time(count.SendMs))
            : null;
    }

    private static readonly FrozenSet<string> _counted =
        Enum.GetValues<EventKind>().Where(kind => CountedStep.KindOf(kind) is not null).Select(EventNames.Of).ToFrozenSet(StringComparer.Ordinal);

    private static StoredAttempt Write(Attempt attempt) => new()
    {
        Number = attempt.Number,
        AccountId = attempt.AccountId,
        Channel = (int)attempt.Channel,
        PoolId = attempt.PoolId,
        Product = (int)attempt.Product,
        State = (int)attempt.State,
        Reason = (int)attempt.Reason,
        ProviderType = attempt.ProviderType,
        ProviderMessageId = attempt.ProviderMessageId,
        ChatId = attempt.ChatId,
        OpenMs = Ms(attempt.OpenTime),
        RecoverMs = Ms(attempt.RecoverTime),
        IntentMs = Ms(attempt.IntentTime),
        IntentRealMs = Ms(attempt.IntentRealTime),
        EndMs = Ms(attempt.EndTime),
        Verifying = attempt.Verification is not null,
        HealthyReads = attempt.Verification?.HealthyReads ?? 0,
        VerifyTries = attempt.Verification?.Tries ?? 0,
        VerifyNextMs = Ms(attempt.Verification?.NextTime),
        Settled = attempt.Settled,
        Counted = attempt.IsCounted,
    };

    private static Attempt Read(StoredAttempt stored) => new()
    {
        Number = stored.Number,
        AccountId = stored.AccountId,
        Channel = (Channel)stored.Channel,
        PoolId = stored.PoolId,
        Product = (Product)stored.Product,
        State = (AttemptState)stored.State,
        Reason = (Reason)stored.Reason,
        ProviderType = stored.ProviderType,
        ProviderMessageId = stored.ProviderMessageId,
        ChatId = stored.ChatId,
        OpenTime = Time(stored.OpenMs),
        RecoverTime = Time(stored.RecoverMs),
        IntentTime = TimeOrNull(stored.IntentMs),
        IntentRealTime = TimeOrNull(stored.IntentRealMs),
        EndTime = TimeOrNull(stored.EndMs),
        Verification = stored.Verifying ? new(stored.HealthyReads, stored.VerifyTries, Time(stored.VerifyNextMs)) : null,
        Settled = stored.Settled,
        IsCounted = stored.Counted,
    };

    private static StoredEvent Write(MessageEvent happened) => new()
    {
        Sequence = happened.Sequence,
        TimeMs = Ms(happened.Time),
        Kind = (int)happened.Kind,
        State = (int)happened.State,
        Attempt = happened.Attempt,
        AccountId = happened.AccountId,
        Channel = (int)happened.Channel,
        Reason = (int)happened.Reason,
        WaitUntilMs = Ms(happened.WaitUntil),
        Counts = happened.Counts,
    };

    private static MessageEvent Read(StoredEvent stored) => new()
    {
        Sequence = stored.Sequence,
        Time = Time(stored.TimeMs),
        Kind = (EventKind)stored.Kind,
        State = (MessageState)stored.State,
        Attempt = stored.Attempt,
        AccountId = stored.AccountId,
        Channel = (Channel)stored.Channel,
        Reason = (Reason)stored.Reason,
        WaitUntil = TimeOrNull(stored.WaitUntilMs),
        Counts = stored.Counts,
    };
}
