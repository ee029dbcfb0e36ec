using System.Text.RegularExpressions;

namespace Pennypost.Architecture.Tests;

public sealed partial class WritingCode
{
    private const int LinesMax = 500;

    private static IEnumerable<string> Ours => new[] { "services", "platform/store", "platform/hosting" }.SelectMany(folder => Tree.Files(folder, "*.cs"));

    private static IEnumerable<string> AllSources => Tree.Files(pattern: "*.cs");

    /// <summary>Time and chance come into a rule as values; I/O does not come in at all.</summary>
    [Fact]
    public void A_rule_has_no_clock_and_no_dice()
    {
        var sources = Project.Pure.SelectMany(project => project.Sources).ToList();

        Assert.NotEmpty(sources);
        Assert.Empty(sources.SelectMany(file => ClockOrDice().Matches(Tree.Code(file)).Select(match => $"{file}: {match.Value}")));
    }

    [GeneratedRegex(@"\bDateTime(Offset)?\s*\.\s*(UtcNow|Now|Today)\b|\bRandom\s*\.\s*Shared\b|\bnew\s+Random\b|\bGuid\s*\.\s*(NewGuid|CreateVersion7)\b|\bTimeProvider\b|\bStopwatch\b|\bEnvironment\s*\.|\bTask\s*\.\s*(Delay|Run)\b|\bThread\b|\bFile\s*\.|\bDirectory\s*\.")]
    private static partial Regex ClockOrDice();

    /// <summary>Such a word says that nobody found the thing's name.</summary>
    [Fact]
    public void No_type_is_named_for_what_could_be_anything()
    {
        string[] empty = ["Manager", "Helper", "Helpers", "Util", "Utils", "Utility", "Utilities", "Processor", "Impl", "Dto", "Common", "Shared"];
        var names = Ours.SelectMany(file => TypeName().Matches(Tree.Code(file)).Select(match => (File: file, Name: match.Groups["name"].Value))).ToList();

        Assert.True(names.Count > 100, "the types were not found");
        Assert.Empty(names.Where(type => Word().Matches(type.Name).Any(word => empty.Contains(word.Value, StringComparer.OrdinalIgnoreCase))).Select(type => $"{type.File}: {type.Name}"));
    }

    [GeneratedRegex(@"\b(?:class|struct|record|interface|enum)\s+(?:class\s+|struct\s+)?(?<name>[A-Z]\w*)")]
    private static partial Regex TypeName();

    [GeneratedRegex("[A-Z]+(?![a-z])|[A-Z][a-z0-9]*")]
    private static partial Regex Word();

    [Fact]
    public void Nothing_is_left_for_later()
    {
        string[] kinds = [".cs", ".proto", ".csproj", ".props", ".targets", ".yml", ".yaml", ".json", ".py", ".js", ".ts", ".tsx", ".sh"];
        var sources = Tree.Files().Where(file => (kinds.Contains(Path.GetExtension(file)) || file is "test" or ".ci/run") && !file.StartsWith("tests/Architecture.Tests/", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(sources);
        Assert.Empty(sources.SelectMany(file => Later().Matches(Tree.Read(file)).Select(match => $"{file}: {match.Value}")));
    }

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b")]
    private static partial Regex Later();

    [Fact]
    public void Nothing_says_that_it_is_not_implemented()
    {
        var sources = AllSources.Where(file => !file.StartsWith("tests/", StringComparison.Ordinal));

        Assert.Empty(sources.Where(file => Tree.Code(file).Contains("NotImplementedException", StringComparison.Ordinal)).ToList());
    }

    /// <summary>A slip of the shell once left a file behind whose name began with a blank.</summary>
    [Fact]
    public void A_file_s_name_is_plain() =>
        Assert.All(Tree.Files().Where(file => file[0] != '.'), file => Assert.Matches("^[A-Za-z0-9._/-]+$", file));

    [Fact]
    public void A_file_is_short_enough_to_be_one_idea()
    {
        Assert.NotEmpty(AllSources);
        Assert.Empty(AllSources.Select(file => (File: file, Lines: Tree.Read(file).Split('\n').Length)).Where(file => file.Lines > LinesMax).Select(file => $"{file.File}: {file.Lines} lines"));
    }

    /// <summary>An options class that is validated only when it is first read stops a host long after it seemed to work.</summary>
    [Fact]
    public void Options_are_validated_when_a_host_starts()
    {
        var code = Ours.ToDictionary(file => file, Tree.Code);
        var options = code.Values.SelectMany(text => OptionsClass().Matches(text)).Select(match => match.Groups["name"].Value).Distinct().ToList();
        var all = string.Concat(code.Values);
        // Only what is bound to the configuration is a host's options; others are values that code passes on.
        var bound = options.Where(name => Regex.IsMatch(all, $@"\b(AddOptions|AddOptionsWithValidateOnStart|Configure|IOptions|IOptionsMonitor)<{name}>")).ToList();

        Assert.True(bound.Count >= 5, "the options were not found");
        Assert.Empty(bound.Where(name => !Regex.IsMatch(all, $@"AddOptionsWithValidateOnStart<{name}>|AddOptions<{name}>[^;]*\.ValidateOnStart\(\)")).ToList());
    }

    [GeneratedRegex(@"\b(?:class|record)\s+(?<name>\w+Options)\b")]
    private static partial Regex OptionsClass();
}
