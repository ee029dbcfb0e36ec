using System.Collections.Frozen;
using Shown = Pennypost.Types.V1;

namespace Pennypost.Credits;

/// <summary>Which entries of a journal are wanted; what is not set takes all.</summary>
/// <param name="Kinds">One of these; empty for any.</param>
/// <param name="HoldId">About this hold; empty for any or none.</param>
/// <param name="CauseId">Caused by this command; empty for any or none.</param>
/// <param name="From">Due at this time or later.</param>
/// <param name="Until">Due before this time.</param>
internal sealed record EntryFilter(FrozenSet<Shown.EntryKind> Kinds, string HoldId, string CauseId, DateTimeOffset? From, DateTimeOffset? Until)
{
    public bool Takes(Shown.Entry entry) =>
        (Kinds.Count == 0 || Kinds.Contains(entry.Kind))
        && (HoldId.Length == 0 || entry.HoldId == HoldId)
        && (CauseId.Length == 0 || entry.CauseId == CauseId)
        && !(entry.EntryTime.ToDateTimeOffset() < From)
        && !(entry.EntryTime.ToDateTimeOffset() >= Until);
}
