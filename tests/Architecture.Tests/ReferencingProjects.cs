using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;

namespace Pennypost.Architecture.Tests;

public sealed class ReferencingProjects
{
    private static readonly string[] Foundations = ["Pennypost.Protos", "Pennypost.Hosting", "Pennypost.Store", "Pennypost.Transport"];

    // Parts of the framework through which a rule could reach for the world.
    private static readonly string[] Worldly = ["System.Net", "System.Console", "System.Data", "System.Diagnostics.Process", "System.IO.FileSystem", "System.IO.Pipes", "System.Threading.Timer", "System.Threading.Tasks.Parallel", "Microsoft.Win32"];

    [Fact]
    public void A_pure_project_references_nothing()
    {
        foreach (var project in Project.Pure)
        {
            foreach (var kind in new[] { "PackageReference", "ProjectReference", "FrameworkReference", "Reference", "Import" }) Assert.Empty(project.Items(kind));
            Assert.Equal("Microsoft.NET.Sdk", (string?)project.Xml.Attribute("Sdk"));
        }
    }

    [Fact]
    public void A_pure_assembly_needs_nothing_but_the_base_library()
    {
        // .../tests/Architecture.Tests/bin/Release/net10.0/: the pure projects were built the same way.
        var built = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar).Split(Path.DirectorySeparatorChar)[^3..];
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        foreach (var project in Project.Pure)
        {
            var path = Path.Combine(Tree.Root, project.Folder, built[0], built[1], built[2], project.Name + ".dll");
            Assert.True(File.Exists(path), $"{path} was not built");
            using var file = new PEReader(File.OpenRead(path));
            var reader = file.GetMetadataReader();
            var names = reader.AssemblyReferences.Select(handle => reader.GetString(reader.GetAssemblyReference(handle).Name)).ToList();

            Assert.NotEmpty(names);
            Assert.Empty(names.Where(name => !File.Exists(Path.Combine(framework, name + ".dll"))).ToList());
            Assert.Empty(names.Where(name => Worldly.Any(worldly => name == worldly || name.StartsWith(worldly + ".", StringComparison.Ordinal))).ToList());
        }
    }

    [Fact]
    public void No_service_references_another()
    {
        var serviceOf = Project.All.Where(project => project.Service is not null).ToDictionary(project => project.Name, project => project.Service);
        var crossings = Project.All
            .Where(project => project.Service is not null and not "services/standalone")
            .SelectMany(project => project.References.Where(name => serviceOf.TryGetValue(name, out var other) && other != project.Service).Select(name => $"{project.Name} references {name}"));

        Assert.Empty(crossings);
    }

    [Fact]
    public void A_host_references_only_its_rules_and_the_foundations()
    {
        var hosts = Project.All.Where(project => project.Service is not null and not "services/standalone" && !Project.Pure.Contains(project)).ToList();

        Assert.True(hosts.Count >= 5, "the hosts were not found");
        foreach (var host in hosts)
        {
            var rules = Project.Pure.Where(pure => pure.Service == host.Service).Select(pure => pure.Name);
            Assert.Empty(host.References.Except(Foundations).Except(rules));
        }
    }

    [Fact]
    public void The_foundations_reference_no_service()
    {
        foreach (var name in Foundations)
            Assert.Empty(Project.Named(name).References.Except(Foundations));
        Assert.DoesNotContain("Pennypost.Hosting", Project.Named("Pennypost.Store").References);
    }

    [Fact]
    public void Nothing_is_ever_packed()
    {
        Assert.All(Project.All.SelectMany(project => project.Items("IsPackable")), packable => Assert.Equal("false", packable.Value));
        Assert.Contains("<IsPackable>false</IsPackable>", Tree.Read("Directory.Build.props"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_solution_has_every_project()
    {
        var listed = XElement.Parse(Tree.Read("Pennypost.slnx")).Descendants("Project").Select(project => (string)project.Attribute("Path")!);

        Assert.Equal(Project.All.Select(project => project.Path).Order(), listed.Order());
    }
}
