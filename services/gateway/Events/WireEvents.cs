using Google.Protobuf.WellKnownTypes;
using Pennypost.Transport;
using Pennypost.Types.V1;

namespace Pennypost.Gateway.Events;

/// <summary>From the transport's event to the public one.</summary>
internal static class WireEvents
{
    /// <summary>Null for a family that has no place in the public event.</summary>
    public static Event? Of(EventEnvelope told)
    {
        var happened = new Event
        {
            EventId = told.EventId,
            Sequence = told.Sequence,
            Type = told.Type,
            Subject = told.Subject,
            EventTime = Timestamp.FromDateTimeOffset(told.Time),
        };
        switch (told.Data)
        {
            case MessageEvent data: happened.Message = data; break;
            case PoolEvent data: happened.Pool = data; break;
            case BreakerEvent data: happened.Breaker = data; break;
            case AlertEvent data: happened.Alert = data; break;
            case AccountStateEvent data: happened.Account = data; break;
            case OperatorAct data: happened.Operator = data; break;
            default: return null;
        }
        return happened;
    }
}
