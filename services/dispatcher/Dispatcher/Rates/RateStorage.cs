using System.Collections.Immutable;
using System.Globalization;
using Google.Protobuf;
using Pennypost.Delivery;
using Pennypost.Delivery.Rates;
using Pennypost.Dispatcher.Stored;
using Pennypost.Store;

namespace Pennypost.Dispatcher.Rates;

/// <summary>How a tenant's counts are kept: one partition each, with a record for each day.</summary>
internal static class RateStorage
{
    public const string Kind = "rates";

    public static HeadCodec<CountsHead> Codec { get; } = HeadCodec.Mapped(StoredCounts.Parser, Read, Write);

    public static PartitionId Partition(string tenant) => new(Kind, tenant, "counts");

    public static string DayKey(DateOnly day) => "d/" + day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    public static byte[] Bytes(DayCounts day) => new StoredDayCounts
    {
        Format = 1,
        Merged = day.Merged,
        Cells =
        {
            day.Cells.Select(cell => new StoredCell
            {
                Channel = (int)cell.Key.Channel,
                Segment = cell.Key.Segment,
                Variant = cell.Key.Variant,
                Sent = cell.Value.Sent,
                Accepted = cell.Value.Accepted,
                Replied = cell.Value.Replied,
                CreditsSpent = cell.Value.CreditsSpent,
                CreditsRefunded = cell.Value.CreditsRefunded,
            }),
        },
    }.ToByteArray();

    public static DayCounts Day(byte[]? bytes)
    {
        if (bytes is null)
            return DayCounts.None;
        var stored = StoredDayCounts.Parser.ParseFrom(bytes);
        return new DayCounts
        {
            Merged = stored.Merged,
            Cells = stored.Cells.ToImmutableDictionary(
                cell => new CountCell((Channel)cell.Channel, cell.Segment, cell.Variant),
                cell => new Tally(cell.Sent, cell.Accepted, cell.Replied, cell.CreditsSpent, cell.CreditsRefunded)),
        };
    }

    private static CountsHead Read(StoredCounts stored) => new()
    {
        Positions = stored.Positions.ToImmutableSortedDictionary(position => position.Shard, position => position.Sequence),
        Days = [.. stored.Days.Select(DateOnly.FromDayNumber)],
    };

    private static StoredCounts Write(CountsHead head) => new()
    {
        Format = 1,
        Positions = { head.Positions.Select(position => new StoredPosition { Shard = position.Key, Sequence = position.Value }) },
        Days = { head.Days.Select(day => day.DayNumber) },
    };
}
