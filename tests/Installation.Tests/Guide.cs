using System.Text.RegularExpressions;

namespace Installation.Tests;

/// <summary>A page that tells people what to paste.</summary>
internal static partial class Guide
{
    /// <summary>Its blocks of commands, in order.</summary>
    public static IReadOnlyList<string> Commands(params string[] path) => [.. Block().Matches(File.ReadAllText(Repository.PathOf(path))).Select(match => match.Groups["text"].Value.Trim())];

    [GeneratedRegex("^```bash\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
