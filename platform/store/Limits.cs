using System.Buffers;

namespace Pennypost.Store;

/// <summary>Limits on what one decision may write. Overstepping one is a bug of the deciding code, so it is thrown, naming all that is wrong.</summary>
internal static class Limits
{
    public const int MaxChanges = 1_000;
    public const int MaxKeyLength = 200;
    public const int MaxRecordBytes = 1 << 20;
    public const int MaxEntryTypeLength = 100;
    public const int MaxEntryBytes = 64 << 10;
    public const int MaxDueBytes = 1 << 10;
    public const int LastPriority = 7;
    public const int MaxPage = 1_000;

    private static readonly SearchValues<char> _keyCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:/@=+-");

    public static bool IsKey(string? key) => key is { Length: > 0 and <= MaxKeyLength } && !key.AsSpan().ContainsAnyExcept(_keyCharacters);

    public static bool IsPrefix(string? prefix) => prefix is { Length: 0 } || IsKey(prefix);

    public static void Check(RecordKeys keys)
    {
        List<string>? violations = null;
        if (keys.Load.Count + keys.ProbablyNew.Count > MaxChanges)
            (violations ??= []).Add($"more than {MaxChanges} records asked for");
        foreach (var key in keys.Load)
            if (!IsKey(key))
                (violations ??= []).Add(KeyViolation(key));
        foreach (var key in keys.ProbablyNew)
            if (!IsKey(key))
                (violations ??= []).Add(KeyViolation(key));
        Throw(violations);
    }

    public static void Check(IReadOnlyList<RecordChange> records, IReadOnlyList<JournalEntry> entries, IReadOnlyList<DueChange> due)
    {
        List<string>? violations = null;
        if (records.Count > MaxChanges || entries.Count > MaxChanges || due.Count > MaxChanges)
            (violations ??= []).Add($"more than {MaxChanges} records, entries or due times in one commit");
        foreach (var change in records)
        {
            if (!IsKey(change.Key))
                (violations ??= []).Add(KeyViolation(change.Key));
            if (change is RecordChange.Put { Value.Length: > MaxRecordBytes })
                (violations ??= []).Add($"record '{change.Key}' is larger than {MaxRecordBytes} bytes");
        }

        foreach (var entry in entries)
        {
            if (entry.Type is not { Length: > 0 and <= MaxEntryTypeLength })
                (violations ??= []).Add($"a journal entry's type must have 1 to {MaxEntryTypeLength} characters");
            if (entry.Payload.Length > MaxEntryBytes)
                (violations ??= []).Add($"journal entry '{entry.Type}' is larger than {MaxEntryBytes} bytes");
        }

        foreach (var change in due)
        {
            if (!IsKey(change.Key))
                (violations ??= []).Add(KeyViolation(change.Key));
            if (change is DueChange.Set { Priority: < 0 or > LastPriority })
                (violations ??= []).Add($"due entry '{change.Key}' must have a priority of 0 to {LastPriority}");
            if (change is DueChange.Set { Payload.Length: > MaxDueBytes })
                (violations ??= []).Add($"due entry '{change.Key}' has a payload larger than {MaxDueBytes} bytes");
        }

        Throw(violations);
    }

    private static string KeyViolation(string? key) =>
        $"a key must match [A-Za-z0-9_.:/@=+-]{{1,{MaxKeyLength}}}: '{(key is { Length: > 40 } ? key[..40] + "..." : key)}'";

    private static void Throw(List<string>? violations)
    {
        if (violations is not null)
            throw new ArgumentException(string.Join("; ", violations));
    }
}
