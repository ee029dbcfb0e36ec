using System.Text.RegularExpressions;

namespace Pennypost.Architecture.Tests;

/// <summary>A wrong version that no longer fits the code shows nothing. <c>tests/teeth</c> takes minutes and runs rarely; this looks each time.</summary>
public sealed partial class KeepingTheTeeth
{
    public static TheoryData<string> Patches => [.. Tree.Files("tests/wrong-versions", "*.patch").Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Patches))]
    public void A_wrong_version_fits_the_code(string patch)
    {
        var (file, hunks) = ("", 0);
        foreach (var part in Tree.Read(patch).Split("\n@@"))
        {
            var lines = part.Split('\n');
            if (hunks++ > 0)
            {
                // What is there before the change: what stays and what goes.
                var before = lines.Skip(1).TakeWhile(line => line.Length > 0 && line[0] is ' ' or '-' or '+').Where(line => line[0] != '+').Select(line => line[1..]);
                Assert.True(Tree.Read(file).Contains(string.Join('\n', before), StringComparison.Ordinal), $"{patch} does not fit {file}: make it anew.");
            }

            file = lines.LastOrDefault(line => line.StartsWith("+++ b/", StringComparison.Ordinal))?["+++ b/".Length..] ?? file;
        }

        Assert.True(hunks > 1, $"{patch} changes nothing.");
    }

    [Theory, MemberData(nameof(Patches))]
    public void A_wrong_version_names_the_test_that_catches_it(string patch)
    {
        var named = Named().Match(Tree.Read(patch));
        Assert.True(named.Success, $"{patch} does not begin with its project and filter.");
        var code = string.Join('\n', Tree.Files("tests/" + named.Groups["project"].Value, "*.cs").Select(Tree.Read));
        Assert.Matches($@"class {named.Groups["class"].Value}\b", code);
        if (named.Groups["test"] is { Success: true, Value: var test })
            Assert.Matches($@"\b{test}\(", code);
    }

    [GeneratedRegex(@"\A# (?<project>[A-Za-z.]+) FullyQualifiedName~(?<class>\w+)(\.(?<test>\w+))?\n# \S")]
    private static partial Regex Named();
}
