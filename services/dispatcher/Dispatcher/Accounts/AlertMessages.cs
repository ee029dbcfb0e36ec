using System.Collections.Immutable;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Pennypost.Delivery.Accounts;
using Pennypost.Dispatcher.Stored;
using Pennypost.Store;
using Shown = Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Accounts;

/// <summary>Alerts in the contract's words, in the journal, and as they are kept.</summary>
internal static class AlertMessages
{
    /// <summary>The journal's entry of an alert that was raised.</summary>
    public const string AlertRaised = "alert.raised";

    /// <summary>The journal's entry of an alert that is gone.</summary>
    public const string AlertCleared = "alert.cleared";

    /// <summary>What a commit is to journal of alerts.</summary>
    public static IEnumerable<JournalEntry> Entries(ImmutableArray<Alert> before, ImmutableArray<Alert> after, DateTimeOffset now, string accountId = "", string poolId = "")
    {
        var (raised, cleared) = Alerting.Between(before, after);
        return cleared.Select(alert => Entry(AlertCleared, alert)).Concat(raised.Select(alert => Entry(AlertRaised, alert)));

        JournalEntry Entry(string type, Alert alert) => new(type, new Shown.AlertEvent
        {
            EventTime = Timestamp.FromDateTimeOffset(now),
            Alert = Message(alert, accountId, poolId),
            Cleared = type == AlertCleared,
        }.ToByteArray());
    }

    public static Shown.Alert Message(Alert alert, string accountId, string poolId) => new()
    {
        Kind = (Shown.AlertKind)alert.Kind,
        AccountId = accountId,
        PoolId = poolId,
        Product = (Shown.Product)alert.Product,
        RaiseTime = Timestamp.FromDateTimeOffset(alert.RaiseTime),
        Figure = alert.Figure,
        Threshold = alert.Threshold,
        DueTime = alert.DueTime is { } due ? Timestamp.FromDateTimeOffset(due) : null,
    };

    public static StoredAlert Write(Alert alert) => new()
    {
        Kind = (int)alert.Kind,
        Product = (int)alert.Product,
        RaiseMs = AccountStorage.Ms(alert.RaiseTime),
        Figure = alert.Figure,
        Threshold = alert.Threshold,
        DueMs = AccountStorage.Ms(alert.DueTime),
    };

    public static Alert Read(StoredAlert stored) => new()
    {
        Kind = (AlertKind)stored.Kind,
        Product = (Delivery.Product)stored.Product,
        RaiseTime = AccountStorage.Time(stored.RaiseMs),
        Figure = stored.Figure,
        Threshold = stored.Threshold,
        DueTime = AccountStorage.MaybeTime(stored.DueMs),
    };
}
