using System.Globalization;
using StackExchange.Redis;

namespace Pennypost.Store.Redis;

/// <summary>What commit.lua and claim.lua take and give, said once for both sides.</summary>
internal static class RedisCommit
{
    public static RedisValue[] Arguments(ShardCommit commit, int entriesPerMark)
    {
        var arguments = new List<RedisValue>(8 + (commit.Partitions.Count * 12)) { commit.NowMs, commit.ToleranceMs, commit.Partitions.Count };
        foreach (var partition in commit.Partitions)
            arguments.Add(partition.Partition.Key);
        foreach (var partition in commit.Partitions)
        {
            arguments.Add(StoredState.FenceBytes(partition.Expected));
            switch (partition.Write)
            {
                case null:
                    arguments.Add(0);
                    break;
                case var write when IsAppendOfNewRecords(write):
                    arguments.Add(1);
                    AddHead(arguments, write, entriesPerMark);
                    AddPuts(arguments, write);
                    break;
                case var write:
                    arguments.Add(2);
                    AddHead(arguments, write, entriesPerMark);
                    AddRest(arguments, partition.Partition, write);
                    break;
            }
        }

        return [.. arguments];
    }

    /// <summary>By far the most frequent write, such as that of a hold: it has a short form.</summary>
    private static bool IsAppendOfNewRecords(PartitionWrite write)
    {
        if (write.List || write.Journal is null || write.Due.Count > 0 || write.Absent.Count != write.Records.Count)
            return false;
        foreach (var key in write.Absent)
            if (write.Records.GetValueOrDefault(key) is null)
                return false;
        return true;
    }

    private static void AddHead(List<RedisValue> arguments, PartitionWrite write, int entriesPerMark)
    {
        // The script puts the last sequence between fence and rest: only it knows the shard's next one.
        var packed = write.Next.Pack();
        arguments.Add(packed.AsMemory(0, StoredState.FenceLength));
        arguments.Add(packed.AsMemory(StoredState.FenceLength + 8));
        arguments.Add(write.Journal ?? []);
        arguments.Add(write.FirstNumber);
        arguments.Add(write.Next.LastSequence);
        var isMark = write.Journal is not null && (write.FirstNumber - 1) / entriesPerMark != write.Next.JournalLength / entriesPerMark;
        arguments.Add(isMark ? write.Next.JournalLength : "");
    }

    private static void AddRest(List<RedisValue> arguments, PartitionId partition, PartitionWrite write)
    {
        arguments.Add(write.List ? $"{partition.Kind}:{partition.Tenant}" : "");
        arguments.Add(partition.Id);
        arguments.Add(partition.Tenant);

        arguments.Add(write.Absent.Count);
        foreach (var key in write.Absent)
            arguments.Add(key);
        var deleted = AddPuts(arguments, write);
        arguments.Add(deleted);
        if (deleted > 0)
            foreach (var (key, value) in write.Records)
                if (value is null)
                    arguments.Add(key);
        arguments.Add(write.Due.Count);
        foreach (var change in write.Due)
        {
            var set = change as DueChange.Set;
            arguments.Add(change.Key);
            arguments.Add(set is null ? "" : set.Priority);
            arguments.Add(set is null ? 0 : DueTime.ToMs(set.At));
            arguments.Add(set is null ? "" : set.Payload);
        }
    }

    /// <summary>How many there are that are not put but deleted.</summary>
    private static int AddPuts(List<RedisValue> arguments, PartitionWrite write)
    {
        var deleted = 0;
        foreach (var value in write.Records.Values)
            deleted += value is null ? 1 : 0;
        arguments.Add(write.Records.Count - deleted);
        foreach (var (key, value) in write.Records)
        {
            if (value is null)
                continue;
            arguments.Add(key);
            arguments.Add(value);
        }

        return deleted;
    }

    /// <summary>One row of claim.lua: member <c>partition|key</c>, entry <c>priority due payload</c>, lease until.</summary>
    public static DueClaim Claim(RedisResult row)
    {
        var member = (string)row[0]!;
        var bar = member.IndexOf('|', StringComparison.Ordinal);
        var entry = (byte[])row[1]!;
        var first = Array.IndexOf(entry, (byte)' ');
        var second = Array.IndexOf(entry, (byte)' ', first + 1);
        return new DueClaim(
            PartitionId.Parse(member[..bar]),
            member[(bar + 1)..],
            DateTimeOffset.FromUnixTimeMilliseconds(Number(entry.AsSpan(first + 1, second - first - 1))),
            (int)Number(entry.AsSpan(0, first)),
            entry[(second + 1)..],
            DateTimeOffset.FromUnixTimeMilliseconds((long)row[2]));
    }

    private static long Number(ReadOnlySpan<byte> digits) => long.Parse(digits, CultureInfo.InvariantCulture);
}
