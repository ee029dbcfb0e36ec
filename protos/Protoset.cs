using Google.Protobuf.Reflection;

namespace Pennypost;

/// <summary>The descriptors of every proto of Pennypost, with the comments that generated code leaves out.</summary>
public static class Protoset
{
    /// <summary>Reads them from this assembly: every file of <c>protos/</c> and its imports, in dependency order.</summary>
    public static FileDescriptorSet Read()
    {
        using var stream = typeof(Protoset).Assembly.GetManifestResourceStream("pennypost.protoset")
            ?? throw new InvalidOperationException("The descriptors are missing from the assembly: build it again.");
        return FileDescriptorSet.Parser.ParseFrom(stream);
    }

    /// <summary>Of them those that a package needs, in dependency order: its own files and what they import.</summary>
    /// <param name="package">Such as <c>pennypost.gateway.v1</c>.</param>
    public static FileDescriptorSet Of(string package)
    {
        var all = Read();
        var needed = all.File.Where(file => file.Package == package).Select(file => file.Name).ToHashSet();
        // A file comes after all that it imports: from the end on, whatever is needed has been asked for.
        foreach (var file in all.File.Reverse())
            if (needed.Contains(file.Name)) needed.UnionWith(file.Dependency);
        return new FileDescriptorSet { File = { all.File.Where(file => needed.Contains(file.Name)) } };
    }
}
