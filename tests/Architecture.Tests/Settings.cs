using System.Text.RegularExpressions;

namespace Pennypost.Architecture.Tests;

/// <summary>What the hosts can be told: read from the sources of the options classes, and of whoever asks the configuration by name.</summary>
internal static partial class Settings
{
    /// <summary>Names such as <c>Hosting:GrpcPort</c>. One whose value is a list or a table ends with a colon, and an index or a name follows: <c>Hosting:Peers:</c>.</summary>
    public static IReadOnlySet<string> All { get; } = Find();

    /// <summary>Whether a variable's name, or a secret file's, says a setting that exists.</summary>
    public static bool Has(string variable)
    {
        var parts = variable.Split("__");
        return All.Contains(string.Join(':', parts)) || (parts.Length > 2 && All.Contains(string.Join(':', parts[..^1]) + ":"));
    }

    private static HashSet<string> Find()
    {
        var sources = new[] { "services", "platform" }.SelectMany(folder => Tree.Files(folder, "*.cs")).Select(Tree.Read).ToList();
        var sections = new Dictionary<string, string>();
        var found = new HashSet<string>();
        foreach (var source in sources)
        {
            if (OptionsClass().Match(source) is not { Success: true } options)
                continue;
            var section = options.Groups["section"].Value;
            sections.Add(options.Groups["class"].Value, section);
            foreach (Match property in Property().Matches(source[options.Index..]))
                found.Add($"{section}:{property.Groups["name"].Value}{(property.Groups["many"].Success ? ":" : "")}");
        }

        foreach (var source in sources)
        {
            foreach (Match asked in AskedForByName().Matches(source))
                found.Add(asked.Groups["name"].Value);
            foreach (Match asked in AskedForInASection().Matches(source))
                if (sections.TryGetValue(asked.Groups["class"].Value, out var section))
                    found.Add($"{section}:{asked.Groups["name"].Value}");
        }

        return found;
    }

    [GeneratedRegex("""class (?<class>\w+Options)\b.*?const string Section = "(?<section>[\w:]+)";""", RegexOptions.Singleline)]
    private static partial Regex OptionsClass();

    [GeneratedRegex(@"^    public (?:(?<many>IList<\w+>|IDictionary<\w+, \w+>|\w+\[\]\??)|[\w?]+) (?<name>\w+) \{ get;", RegexOptions.Multiline)]
    private static partial Regex Property();

    [GeneratedRegex("""= "(?<name>[A-Z]\w+:[A-Z]\w+)";""")]
    private static partial Regex AskedForByName();

    [GeneratedRegex("""\$"\{(?<class>\w+Options)\.Section\}:(?<name>\w+)"\]""")]
    private static partial Regex AskedForInASection();
}
