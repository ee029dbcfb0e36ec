using Google.Protobuf;
using Pennypost.Delivery;
using Pennypost.Delivery.Messages;
using Pennypost.Dispatcher.Stored;
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

    /// <summary>One step, as it goes into the journal.</summary>
    public static byte[] Bytes(string messageId, MessageEvent happened) => new StoredMessageEvent { MessageId = messageId, Event = Write(happened) }.ToByteArray();

    public static (string MessageId, MessageEvent Event) Event(ReadOnlyMemory<byte> bytes)
    {
        var stored = StoredMessageEvent.Parser.ParseFrom(bytes.Span);
        return (stored.MessageId, Read(stored.Event));
    }

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
    };
}
