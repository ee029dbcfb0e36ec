using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Pennypost.Architecture.Tests;

/// <summary>The repository as it lies on disk, without what builds leave behind.</summary>
internal static partial class Tree
{
    private static readonly string[] Left = ["bin", "obj", ".git", ".data", "artifacts", "TestResults", "node_modules", "__pycache__", "generated", "dist"];

    public static string Root { get; } = Repository.Root;

    /// <summary>Every file below a folder, by its path from the root with slashes.</summary>
    public static IReadOnlyList<string> Files(string folder = "", string pattern = "*")
    {
        var found = new List<string>();
        var start = Path.Combine(Root, folder);
        if (Directory.Exists(start)) Collect(start, pattern, found);
        return found;
    }

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    /// <summary>C# without comments and without the inside of texts, so that a rule is about code and not about talk.</summary>
    public static string Code(string file) => CommentsAndTexts().Replace(Read(file), match => match.Value[0] == '/' ? "" : "\"\"");

    [GeneratedRegex("""//[^\n]*|/\*.*?\*/|@"(?:[^"]|"")*"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'""", RegexOptions.Singleline)]
    private static partial Regex CommentsAndTexts();

    private static void Collect(string folder, string pattern, List<string> found)
    {
        foreach (var file in Directory.EnumerateFiles(folder, pattern)) found.Add(Path.GetRelativePath(Root, file).Replace('\\', '/'));
        foreach (var inner in Directory.EnumerateDirectories(folder))
        {
            if (!Left.Contains(Path.GetFileName(inner))) Collect(inner, pattern, found);
        }
    }
}

/// <summary>A project file.</summary>
internal sealed record Project(string Path, XElement Xml)
{
    public static IReadOnlyList<Project> All { get; } = [.. Tree.Files(pattern: "*.csproj").Select(path => new Project(path, XElement.Parse(Tree.Read(path))))];

    public static Project Named(string name) => All.Single(project => project.Name == name);

    public static IReadOnlyList<Project> Pure { get; } = [Named("Pennypost.Ledger"), Named("Pennypost.Routing"), Named("Pennypost.Delivery")];

    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    public string Folder => System.IO.Path.GetDirectoryName(Path)!.Replace('\\', '/');

    /// <summary>"services/credits" for a project in services/credits/Ledger; null for one that is no service's.</summary>
    public string? Service => Path.Split('/') is ["services", var service, ..] ? "services/" + service : null;

    /// <summary>The references of that kind.</summary>
    public IReadOnlyList<XElement> Items(string kind) => [.. Xml.Descendants(kind)];

    /// <summary>The names of the projects that it references to compile against.</summary>
    public IReadOnlyList<string> References =>
        [.. Items("ProjectReference").Where(item => (string?)item.Attribute("ReferenceOutputAssembly") != "false").Select(item => System.IO.Path.GetFileNameWithoutExtension((string)item.Attribute("Include")!))];

    public IReadOnlyList<string> Sources => Tree.Files(Folder, "*.cs");

    public override string ToString() => Name;
}
