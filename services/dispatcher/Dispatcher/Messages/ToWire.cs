using Google.Protobuf.WellKnownTypes;
using Pennypost.Delivery.Messages;
using Wire = Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Messages;

/// <summary>From the domain to the contract. Enums have the contract's numbers, which a test holds together.</summary>
internal static class ToWire
{
    public static Wire.Message Message(Message message, string prospectId, bool withEvents)
    {
        var wire = new Wire.Message
        {
            MessageId = message.Id,
            ProspectId = prospectId,
            State = (Wire.MessageState)message.State,
            Reason = (Wire.Reason)message.Reason,
            WaitUntil = Time(message.WaitUntil),
            Priority = (Wire.Priority)message.Priority,
            Channel = (Wire.Channel)message.Channel,
            AccountId = message.AccountId,
            CreditsSpent = message.CreditsSpent,
            CreditsRefunded = message.CreditsRefunded,
            CreateTime = Time(message.CreateTime),
            EndTime = Time(message.EndTime),
            ReplyTime = Time(message.ReplyTime),
            ExpireTime = Time(message.ExpireTime),
            CampaignId = message.CampaignId,
            Policy = message.Policy,
            Segment = message.Segment,
            Variant = message.Variant,
        };
        wire.AccountIds.AddRange(message.AccountIds);
        wire.Attempts.AddRange(message.Attempts.Select(attempt => Attempt(attempt, message.Id)));
        if (withEvents)
            wire.Events.AddRange(message.Events.Select(Event));
        return wire;
    }

    public static Wire.MessageEvent Event(MessageEvent happened) => new()
    {
        Sequence = happened.Sequence,
        EventTime = Time(happened.Time),
        Kind = (Wire.MessageEventKind)happened.Kind,
        State = (Wire.MessageState)happened.State,
        Attempt = happened.Attempt,
        AccountId = happened.AccountId,
        Channel = (Wire.Channel)happened.Channel,
        Reason = (Wire.Reason)happened.Reason,
        WaitUntil = Time(happened.WaitUntil),
    };

    public static Timestamp? Time(DateTimeOffset? time) => time is { } at ? Timestamp.FromDateTimeOffset(at) : null;

    private static Wire.Attempt Attempt(Attempt attempt, string messageId) => new()
    {
        Number = attempt.Number,
        AccountId = attempt.AccountId,
        Channel = (Wire.Channel)attempt.Channel,
        State = (Wire.AttemptState)attempt.State,
        Reason = (Wire.Reason)attempt.Reason,
        HoldId = attempt.HoldId(messageId),
        PoolId = attempt.PoolId,
        ProviderMessageId = attempt.ProviderMessageId,
        ChatId = attempt.ChatId,
        OpenTime = Time(attempt.OpenTime),
        EndTime = Time(attempt.EndTime),
        Settled = attempt.Settled,
        ProviderType = attempt.ProviderType,
    };
}
