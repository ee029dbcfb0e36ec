using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Pennypost.Store;

namespace Store.Writer;

/// <summary>The smallest partition that shows lost updates and double effects: a total, and one record per id that was added.</summary>
public sealed record Counter(long Total)
{
    public static HeadCodec<Counter> Codec { get; } = new(
        bytes => new Counter(BinaryPrimitives.ReadInt64BigEndian(bytes.Span)),
        counter =>
        {
            var bytes = new byte[8];
            BinaryPrimitives.WriteInt64BigEndian(bytes, counter.Total);
            return bytes;
        });

    /// <summary>Adds once per id: a replay is told the total that the first call was told.</summary>
    public static Decision<Counter, long> Add(PartitionView<Counter> view, string id, long amount)
    {
        if (view.Record(id) is { } earlier)
            return new Decision<Counter, long>.Answer(long.Parse(Text(earlier), CultureInfo.InvariantCulture));
        var total = (view.Head?.Total ?? 0) + amount;
        return new Decision<Counter, long>.Commit(new Counter(total), total)
        {
            Records = [new RecordChange.Put(id, Bytes(total.ToString(CultureInfo.InvariantCulture)))],
            Entries = [new JournalEntry("added", Bytes($"{id}={amount}"))],
        };
    }

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}

public static class Counting
{
    /// <summary>Adds to a counter; <paramref name="load"/> reads the id first instead of taking it as new.</summary>
    public static Task<Executed<long>> AddAsync(
        this StateStore store, PartitionId partition, string id, long amount = 1, bool load = false, long minVersion = 0, CancellationToken ct = default) =>
        store.ExecuteAsync<Counter, long>(
            partition, Counter.Codec, load ? RecordKeys.Of(id) : RecordKeys.New(id), view => Counter.Add(view, id, amount), minVersion, ct);

    public static async Task<long> TotalAsync(this StateStore store, PartitionId partition) =>
        (await store.ReadAsync(partition, Counter.Codec, [], 0, CancellationToken.None)).Head?.Total ?? 0;

    /// <summary>Every id that was added, read page by page.</summary>
    public static async Task<HashSet<string>> IdsAsync(this StateStore store, PartitionId partition)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        string? token = null;
        do
        {
            var page = await store.RecordsAsync(partition, "", 1_000, token, CancellationToken.None);
            ids.UnionWith(page.Records.Select(record => record.Key));
            token = page.NextPageToken;
        }
        while (token is not null);
        return ids;
    }
}
