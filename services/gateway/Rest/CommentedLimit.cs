using System.Globalization;
using System.Text.RegularExpressions;
using Google.Protobuf.Reflection;

namespace Pennypost.Gateway.Rest;

/// <summary>
/// The limit that a field's comment states, where it states one in the usual words. A test holds each against the running API, at it and one beyond;
/// the OpenAPI document says the same.
/// </summary>
/// <param name="Kind">What is counted.</param>
/// <param name="Most">The most that is allowed.</param>
internal sealed partial record CommentedLimit(CommentedLimit.Counted Kind, long Most)
{
    public enum Counted
    {
        /// <summary>Items of a list.</summary>
        Items,

        /// <summary>Characters of an id: A-Z a-z 0-9 _ -.</summary>
        IdCharacters,

        /// <summary>Characters of a text.</summary>
        Characters,

        /// <summary>The number itself.</summary>
        Value,
    }

    /// <summary>Reads it; null where the comment states none of a kind that is read here.</summary>
    public static CommentedLimit? Of(FieldDescriptor field, string comment)
    {
        if (field.IsRepeated) return Read(Counted.Items, Items().Match(comment));
        return field.FieldType switch
        {
            FieldType.String => Read(Counted.IdCharacters, IdPattern().Match(comment)) ?? Read(Counted.Characters, TextLength().Match(comment)),
            FieldType.Int32 or FieldType.Int64 => Read(Counted.Value, Range().Match(comment)),
            _ => null,
        };
    }

    private static CommentedLimit? Read(Counted kind, Match match) =>
        match.Success ? new CommentedLimit(kind, long.Parse(match.Groups[1].Value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture)) : null;

    [GeneratedRegex(@"\[A-Za-z0-9_-\]\{[01],(\d+)\}")]
    private static partial Regex IdPattern();

    [GeneratedRegex(@"\d to ([\d,]+) characters")]
    private static partial Regex TextLength();

    [GeneratedRegex(@"\d(?: \(taken as \d+\))? to ([\d,]+\d|\d+)(?! (?:days|hours|characters|h\b|s\b))")]
    private static partial Regex Range();

    [GeneratedRegex(@"(?:\d to|at most|At most) ([\d,]*\d)")]
    private static partial Regex Items();
}
