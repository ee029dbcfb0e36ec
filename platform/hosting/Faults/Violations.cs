using System.Globalization;

namespace Pennypost.Hosting;

/// <summary>
/// Gathers everything that is wrong with one request, so that its sender mends it once. A pure <c>Parse</c> function fills it;
/// descriptions name the rule and lengths, never the text itself, which may be personal.
/// </summary>
public sealed class Violations
{
    // A batch of a thousand messages can be wrong in every field; more than this helps nobody and costs memory.
    private const int MaxKept = 1_000;
    private readonly List<Violation> kept = [];

    /// <summary>Everything found, in the order of the fields; at most 1,000.</summary>
    public IReadOnlyList<Violation> All => kept;

    /// <summary>How many were found, kept or not.</summary>
    public int Count { get; private set; }

    /// <summary>Whether anything was found.</summary>
    public bool Any => Count > 0;

    /// <summary>Adds one finding.</summary>
    public void Add(FieldName field, string description)
    {
        Count++;
        if (kept.Count < MaxKept) kept.Add(new Violation(field.ToString(), description));
    }

    /// <summary>An id: <c>[A-Za-z0-9_-]{1,max}</c>.</summary>
    public void Id(FieldName field, string? value, int max = Ids.MaxLength)
    {
        if (string.IsNullOrEmpty(value)) Add(field, $"is required: an id of 1 to {max} of A-Z a-z 0-9 _ -");
        else if (!Ids.IsId(value, max)) Add(field, $"must be an id of 1 to {max} of A-Z a-z 0-9 _ -; it has {value.Length} characters");
    }

    /// <summary>An id that may be empty.</summary>
    public void OptionalId(FieldName field, string? value, int max = Ids.MaxLength)
    {
        if (!string.IsNullOrEmpty(value)) Id(field, value, max);
    }

    /// <summary>A text of <paramref name="min"/> to <paramref name="max"/> UTF-16 characters.</summary>
    public void Length(FieldName field, string? value, int min, int max)
    {
        var length = value?.Length ?? 0;
        if (length == 0 && min > 0) Add(field, $"is required: {Number(min)} to {Number(max)} characters");
        else if (length < min || length > max) Add(field, $"must have {Number(min)} to {Number(max)} characters; it has {Number(length)}");
    }

    /// <summary>A LinkedIn profile: its address or the public identifier in it. Answers the identifier in one spelling; null if it is none.</summary>
    public string? Profile(FieldName field, string? profile)
    {
        Length(field, profile, 1, 512);
        if (profile is not { Length: >= 1 and <= 512 }) return null;
        var identifier = PublicIdentifier.Of(profile);
        if (identifier is null) Add(field, "must be a LinkedIn profile URL (https://www.linkedin.com/in/...) or the public identifier in it");
        return identifier;
    }

    /// <summary>An e-mail address of 3 to 254 characters. What mail servers take for one is not judged: one sign before and after one @, and no space.</summary>
    public void Email(FieldName field, string? address)
    {
        Length(field, address, 3, 254);
        var text = (address ?? "").Trim();
        var at = text.IndexOf('@', StringComparison.Ordinal);
        // Half of a surrogate pair cannot be normalised.
        if (at <= 0 || at != text.LastIndexOf('@') || at == text.Length - 1 || text.Any(sign => char.IsWhiteSpace(sign) || char.IsControl(sign)) || text.EnumerateRunes().Contains(System.Text.Rune.ReplacementChar))
            Add(field, "must be an e-mail address, such as ada@example.com");
    }

    /// <summary>A number from <paramref name="min"/> to <paramref name="max"/>.</summary>
    public void Range(FieldName field, long value, long min, long max)
    {
        if (value < min || value > max) Add(field, $"must be {Number(min)} to {Number(max)}; it is {Number(value)}");
    }

    /// <summary>A list of <paramref name="min"/> to <paramref name="max"/> items.</summary>
    public void Items(FieldName field, int count, int min, int max)
    {
        if (count < min || count > max) Add(field, $"must have {Number(min)} to {Number(max)} items; it has {Number(count)}");
    }

    /// <summary>A message or value that must be there.</summary>
    public bool Required(FieldName field, object? value)
    {
        if (value is not null) return true;
        Add(field, "is required");
        return false;
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}

/// <summary>The pattern that every id keeps, everywhere: it is safe in keys, paths and log lines.</summary>
public static class Ids
{
    /// <summary>The usual longest id.</summary>
    public const int MaxLength = 64;

    /// <summary>The longest hold id: <c>{message_id}_{attempt}</c> must fit.</summary>
    public const int MaxHoldLength = 96;

    /// <summary>Whether the text is an id.</summary>
    public static bool IsId(string? value, int max = MaxLength)
    {
        if (value is null || value.Length == 0 || value.Length > max) return false;
        foreach (var c in value)
            if (!char.IsAsciiLetterOrDigit(c) && c != '_' && c != '-') return false;
        return true;
    }
}
