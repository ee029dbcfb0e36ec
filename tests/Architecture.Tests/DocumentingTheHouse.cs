using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Pennypost.Architecture.Tests;

public sealed partial class DocumentingTheHouse
{
    [Fact]
    public void Every_package_has_a_licence_and_a_reason()
    {
        var pinned = XElement.Parse(Tree.Read("Directory.Packages.props")).Descendants("PackageVersion").Select(package => $"{(string?)package.Attribute("Include")} {(string?)package.Attribute("Version")}").ToList();
        var rows = Tree.Read("docs/dependencies.md").Split('\n')
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Where(cells => cells.Length == 7 && cells[1] != "Package" && !cells[1].StartsWith("--", StringComparison.Ordinal))
            .ToList();

        Assert.NotEmpty(pinned);
        Assert.Equal(pinned.Order(), rows.Select(cells => $"{cells[1]} {cells[2]}").Order());
        Assert.Empty(rows.Where(cells => cells[3].Length == 0 || cells[4].Length == 0).Select(cells => cells[1]));
    }

    private static readonly string[] WithNpm = ["clients/node", "tests/openapi"];

    public static TheoryData<string> NpmFolders => [.. WithNpm];

    [Fact]
    public void Every_npm_package_is_exact_and_has_a_licence_and_a_reason()
    {
        var pinned = WithNpm.Select(folder => JsonNode.Parse(Tree.Read($"{folder}/package.json"))!)
            .SelectMany(package => new[] { "dependencies", "devDependencies" }.SelectMany(kind => package[kind]?.AsObject() ?? []))
            .Select(entry => $"{entry.Key} {entry.Value}").ToList();
        var rows = Tree.Read("docs/dependencies.md").Split('\n')
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Where(cells => cells.Length == 6 && cells[1] != "npm package" && !cells[1].StartsWith("--", StringComparison.Ordinal))
            .ToList();

        Assert.NotEmpty(pinned);
        Assert.All(pinned, line => Assert.Matches(@" [0-9]+\.[0-9]+\.[0-9]+$", line));
        Assert.Equal(pinned.Order(), rows.Select(cells => $"{cells[1]} {cells[2]}").Order());
        Assert.Empty(rows.Where(cells => cells[3].Length == 0 || cells[4].Length == 0).Select(cells => cells[1]));
    }

    /// <summary>Who installs takes the packages from the registry of their own, and no package runs anything while it is installed.</summary>
    [Theory, MemberData(nameof(NpmFolders))]
    public void The_npm_lock_file_names_no_registry_and_only_permissive_licences(string folder)
    {
        string[] permissive = ["Apache-2.0", "(Apache-2.0 AND BSD-3-Clause)", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "Python-2.0"];
        var packages = JsonNode.Parse(Tree.Read($"{folder}/package-lock.json"))!["packages"]!.AsObject().Where(entry => entry.Key.Length > 0).ToList();

        Assert.NotEmpty(packages);
        Assert.Empty(packages.Where(entry => entry.Value!["resolved"] is not null || entry.Value["integrity"] is null).Select(entry => entry.Key));
        Assert.Empty(packages.Where(entry => !permissive.Contains((string?)entry.Value!["license"])).Select(entry => $"{entry.Key}: {entry.Value!["license"]}"));
        Assert.Contains("npm ci --ignore-scripts", Tree.Read($"{folder}/generate"), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_pinned_package_is_referenced()
    {
        var pinned = XElement.Parse(Tree.Read("Directory.Packages.props")).Descendants("PackageVersion").Select(package => (string)package.Attribute("Include")!);
        var referenced = Tree.Files(pattern: "*.csproj").Concat(Tree.Files(pattern: "*.props"))
            .SelectMany(file => XElement.Parse(Tree.Read(file)).Descendants("PackageReference"))
            .Select(package => (string?)package.Attribute("Include"));

        Assert.Empty(pinned.Except(referenced));
    }

    [Fact]
    public void Every_link_to_a_file_leads_somewhere()
    {
        var documents = Tree.Files(pattern: "*.md");
        var broken = documents.SelectMany(document => Link().Matches(WithoutCode(Tree.Read(document)))
            .Select(match => match.Groups["target"].Value)
            .Where(target => !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal) && !target.StartsWith('#'))
            .Where(target => !Exists(document, Uri.UnescapeDataString(target.Split('#')[0])))
            .Select(target => $"{document}: {target}"));

        Assert.NotEmpty(documents);
        Assert.Empty(broken);
    }

    private static bool Exists(string document, string target)
    {
        var path = Path.GetFullPath(Path.Combine(Tree.Root, Path.GetDirectoryName(document)!, target));
        return path.StartsWith(Tree.Root, StringComparison.Ordinal) && (File.Exists(path) || Directory.Exists(path));
    }

    private static string WithoutCode(string text) => CodeBlock().Replace(text, "");

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)(?:\s+""[^""]*"")?\)")]
    private static partial Regex Link();

    [GeneratedRegex("```.*?```|`[^`\n]*`", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
