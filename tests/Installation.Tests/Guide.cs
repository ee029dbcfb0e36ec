using System.Text.RegularExpressions;

namespace Installation.Tests;

/// <summary>A page that tells people what to paste.</summary>
internal static partial class Guide
{
    /// <summary>Its blocks of commands, in order.</summary>
    public static IReadOnlyList<string> Commands(params string[] path) => [.. Blocks(File.ReadAllText(Repository.PathOf(path)), "bash").Select(block => block.Trim())];

    /// <summary>The blocks of a kind in a text, in order.</summary>
    public static IReadOnlyList<string> Blocks(string text, string kind) => [.. Block().Matches(text).Where(match => match.Groups["kind"].Value == kind).Select(match => match.Groups["text"].Value)];

    [GeneratedRegex("^```(?<kind>[a-z]*)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
