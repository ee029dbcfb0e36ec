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
}
