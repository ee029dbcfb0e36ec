using System.Buffers.Binary;
using System.Text;
using Pennypost.Store;

namespace Store.Tests;

/// <summary>The smallest partition that shows lost updates and double effects: a total, and one record per command id.</summary>
internal sealed record Counter(long Total)
{
    public static HeadCodec<Counter> Codec { get; } = new(
        bytes => new Counter(BinaryPrimitives.ReadInt64BigEndian(bytes.Span)),
        counter =>
        {
            var bytes = new byte[8];
            BinaryPrimitives.WriteInt64BigEndian(bytes, counter.Total);
            return bytes;
        });

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}

internal static class Counting
{
    /// <summary>Adds once per id: a replay answers the total that the first call was told.</summary>
    public static Task<Executed<long>> AddAsync(this StateStore store, PartitionId partition, string id, long amount, bool load = false, long minVersion = 0, CancellationToken ct = default)
    {
        var key = "add/" + id;
        return store.ExecuteAsync<Counter, long>(
            partition,
            Counter.Codec,
            load ? RecordKeys.Of(key) : RecordKeys.New(key),
            view => Add(view, key, amount),
            minVersion,
            ct);
    }

    public static Decision<Counter, long> Add(PartitionView<Counter> view, string key, long amount)
    {
        if (view.Record(key) is { } earlier)
            return new Decision<Counter, long>.Answer(long.Parse(Counter.Text(earlier), null));
        var total = (view.Head?.Total ?? 0) + amount;
        return new Decision<Counter, long>.Commit(new Counter(total), total)
        {
            Records = [new RecordChange.Put(key, Counter.Bytes(total.ToString((IFormatProvider?)null)))],
            Entries = [new JournalEntry("added", Counter.Bytes($"{key}={amount}"))],
        };
    }

    public static async Task<long> TotalAsync(this StateStore store, PartitionId partition) =>
        (await store.ReadAsync(partition, Counter.Codec, [], 0, default)).Head?.Total ?? 0;
}
