using System.Globalization;
using Grpc.Core;
using Pennypost.Credits.V1;
using Pennypost.Errors.V1;
using Pennypost.Hosting;
using Pennypost.Ledger;
using Pennypost.Store;

namespace Pennypost.Credits;

/// <summary>Every refusal that this service can answer, one method per reason. Nowhere else is an <see cref="RpcException"/> born.</summary>
internal static class Errors
{
    public static RpcException PoolNotFound(this FaultDomain faults, string poolId) =>
        faults.Refuse(ErrorReason.PoolNotFound, "There is no such pool.", ("pool_id", poolId));

    public static RpcException PoolNotYetCreated(this FaultDomain faults, string poolId, DateTimeOffset openedAt) =>
        faults.Refuse(ErrorReason.PoolNotYetCreated, "The pool was created after the time that was asked for.", ("pool_id", poolId), ("create_time", Text(openedAt)));

    public static RpcException JournalDamaged(this FaultDomain faults, string poolId, long sequence, string what) => faults.Refuse(
        ErrorReason.JournalDamaged,
        $"The pool's journal is not what was written: entry {Text(sequence)}: {what}.",
        ("pool_id", poolId), ("sequence", Text(sequence)));

    public static RpcException JournalTrimmed(this FaultDomain faults, PoolJournal journal) => faults.JournalTrimmed(journal.Pool.Id, journal.FirstNumber, journal.Checkpoint?.Pool.AsOf);

    public static RpcException JournalTrimmed(this FaultDomain faults, string poolId, long firstNumber, DateTimeOffset? firstTime = null) => faults.Refuse(
        ErrorReason.JournalTrimmed,
        $"The pool's journal was trimmed and begins at entry {Text(firstNumber)}; what was before is in the export.",
        ("pool_id", poolId), ("first_sequence", Text(firstNumber)), ("first_time", firstTime is { } time ? Text(time) : ""));

    public static RpcException TrimRefused(this FaultDomain faults, string poolId, string why, string message) =>
        faults.Refuse(ErrorReason.TrimRefused, message, ("pool_id", poolId), ("why", why));

    public static RpcException PoolIdReused(this FaultDomain faults, string poolId, string field) =>
        faults.Refuse(ErrorReason.PoolIdReused, $"The pool exists with another {field}.", ("pool_id", poolId), ("field", field));

    public static RpcException HoldNotFound(this FaultDomain faults, string poolId, string holdId) =>
        faults.Refuse(ErrorReason.HoldNotFound, "There is no such hold in this pool.", ("pool_id", poolId), ("hold_id", holdId));

    public static RpcException HoldIdReused(this FaultDomain faults, string holdId, string field) =>
        faults.Refuse(ErrorReason.HoldIdReused, $"The hold exists with another {field}.", ("hold_id", holdId), ("field", field));

    public static RpcException HoldRefused(this FaultDomain faults, PlaceHoldRequest asked, HoldRefusal refusal) => refusal switch
    {
        HoldRefusal.InsufficientCredits none => faults.InsufficientCredits(asked.PoolId, none),
        HoldRefusal.CreditsHeld held => faults.CreditsHeld(asked.PoolId, held),
        HoldRefusal.CreditsReserved reserved => faults.CreditsReserved(asked.PoolId, reserved),
        HoldRefusal.SeatLimitReached reached => faults.SeatLimitReached(asked, reached),
        HoldRefusal.BudgetUsedUp budget => faults.BudgetUsedUp(asked, budget),
        HoldRefusal.TooManyTimedHolds => faults.PoolFull(asked.PoolId, "timed_holds", Pool.MaxTimedHolds),
        _ => faults.HoldIdRefused(asked.HoldId),
    };

    public static RpcException HoldSettled(this FaultDomain faults, string holdId, string state) =>
        faults.Refuse(ErrorReason.HoldSettled, "The hold was captured; a release cannot take that back.", ("hold_id", holdId), ("state", state));

    public static RpcException TopUpNotAllowed(this FaultDomain faults, string planId) =>
        faults.Refuse(ErrorReason.TopUpNotAllowed, "The pool's plan sells no single credits.", ("plan_id", planId));

    public static RpcException PlanCancelled(this FaultDomain faults, string poolId) =>
        faults.Refuse(ErrorReason.PlanCancelled, "The pool's plan was cancelled.", ("pool_id", poolId));

    public static RpcException ProductDiffers(this FaultDomain faults, string poolId, string planId) =>
        faults.Refuse(ErrorReason.ProductDiffers, "The plan's credits are of another product than the pool's.", ("pool_id", poolId), ("plan_id", planId));

    public static RpcException LotNotFound(this FaultDomain faults, string poolId, string lotId) =>
        faults.Refuse(ErrorReason.LotNotFound, "The pool never had this lot.", ("pool_id", poolId), ("lot_id", lotId));

    public static RpcException CommandIdReused(this FaultDomain faults, string id, string field) =>
        faults.Refuse(ErrorReason.CommandIdReused, $"The id exists with another {field}.", ("id", id), ("field", field));

    public static RpcException PoolFull(this FaultDomain faults, string poolId, string what, int limit) =>
        faults.Refuse(ErrorReason.PoolFull, $"The pool has {Text(limit)} {what.Replace('_', ' ')} already.", ("pool_id", poolId), ("what", what), ("limit", Text(limit)));

    public static RpcException QueueFull(this FaultDomain faults) =>
        faults.QuotaUsedUp(ErrorReason.QueueFull, "Too many commands wait; this one was not looked at.", "service:credits", TimeSpan.FromMilliseconds(200));

    public static RpcException TooManyWatches(this FaultDomain faults, int limit) => faults.QuotaUsedUp(
        ErrorReason.QueueFull, $"This instance serves {Text(limit)} watches already; another one may have room.", "service:credits/watches", TimeSpan.FromSeconds(1));

    public static RpcException WatchPositionLost(this FaultDomain faults) => faults.Refuse(
        ErrorReason.WatchPositionLost, "What comes after the position that is to be gone on from is not there: read the pools, and watch from now.");

    public static RpcException StoreRewound(this FaultDomain faults, StoreRewoundException rewound) => faults.Refuse(
        ErrorReason.StoreRewound,
        "The store was set back behind what it acknowledged; the pool is closed until an operator accepts that.",
        ("partition", rewound.Partition.Key), ("seen_version", Text(rewound.ExpectedVersion)), ("store_version", Text(rewound.FoundVersion)));

    public static RpcException ClockSkewed(this FaultDomain faults) =>
        faults.RetryAfter(ErrorReason.ClockSkewed, "The clocks of the service and the store disagree; nothing was done.", TimeSpan.FromSeconds(1));

    private static RpcException InsufficientCredits(this FaultDomain faults, string poolId, HoldRefusal.InsufficientCredits none) => faults.Refuse(
        ErrorReason.InsufficientCredits,
        "No credit is available.",
        ("pool_id", poolId), ("available", Text(none.Available)), ("held", Text(none.Held)),
        ("renew_time", Text(none.NextRenewalAt)));

    private static RpcException CreditsHeld(this FaultDomain faults, string poolId, HoldRefusal.CreditsHeld held) => faults.Refuse(
        ErrorReason.CreditsHeld,
        "No credit is available now; open holds may release some.",
        ("pool_id", poolId), ("available", Text(held.Available)), ("held", Text(held.Held)));

    private static RpcException CreditsReserved(this FaultDomain faults, string poolId, HoldRefusal.CreditsReserved reserved) => faults.Refuse(
        ErrorReason.CreditsReserved,
        "The credits that are left are reserved.",
        ("pool_id", poolId), ("available", Text(reserved.Available)), ("floor", Text(reserved.Floor)));

    private static RpcException SeatLimitReached(this FaultDomain faults, PlaceHoldRequest asked, HoldRefusal.SeatLimitReached reached) => faults.Refuse(
        ErrorReason.SeatLimitReached,
        "The seat has used what it may of the pool.",
        ("pool_id", asked.PoolId), ("account_id", asked.AccountId), ("window", reached.Window == LimitWindow.Period ? "period" : "week"),
        ("limit", Text(reached.Limit)), ("used", Text(reached.Used)), ("reset_time", Text(reached.ResetsAt)));

    private static RpcException BudgetUsedUp(this FaultDomain faults, PlaceHoldRequest asked, HoldRefusal.BudgetUsedUp budget) => faults.Refuse(
        ErrorReason.BudgetUsedUp,
        "The campaign has used its slice of the pool.",
        ("pool_id", asked.PoolId), ("campaign_id", asked.CampaignId), ("limit", Text(budget.Credits)), ("used", Text(budget.Used)));

    private static RpcException HoldIdRefused(this FaultDomain faults, string holdId) =>
        faults.Refuse(ErrorReason.HoldIdRefused, "The hold was released before it was placed: it can never be placed.", ("hold_id", holdId));

    private static string Text(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture) ?? "";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
