using Google.Protobuf.Reflection;

namespace Pennypost.Gateway.Rest;

/// <summary>The comments of the protos, by full name: generated code leaves them out, the embedded descriptors have them.</summary>
internal sealed class ProtoComments
{
    // Field numbers in descriptor.proto, of which source locations are made.
    private const int FileMessages = 4, FileEnums = 5, FileServices = 6, MessageFields = 2, MessageNested = 3, MessageEnums = 4, EnumValues = 2, ServiceMethods = 2;

    private readonly Dictionary<string, string> comments = new(StringComparer.Ordinal);

    public ProtoComments(FileDescriptorSet protoset)
    {
        foreach (var file in protoset.File)
        {
            if (file.SourceCodeInfo is null) continue;
            var byPath = file.SourceCodeInfo.Location.Where(location => location.LeadingComments.Length > 0)
                .ToLookup(location => string.Join('.', location.Path), location => Text(location.LeadingComments));
            for (var i = 0; i < file.MessageType.Count; i++) Message(file.MessageType[i], file.Package, $"{FileMessages}.{i}", byPath);
            for (var i = 0; i < file.EnumType.Count; i++) Enumeration(file.EnumType[i], file.Package, $"{FileEnums}.{i}", byPath);
            for (var i = 0; i < file.Service.Count; i++)
            {
                var name = $"{file.Package}.{file.Service[i].Name}";
                Add(name, $"{FileServices}.{i}", byPath);
                for (var m = 0; m < file.Service[i].Method.Count; m++) Add($"{name}.{file.Service[i].Method[m].Name}", $"{FileServices}.{i}.{ServiceMethods}.{m}", byPath);
            }
        }
    }

    /// <summary>The comment of an element; empty if it has none.</summary>
    public string Of(IDescriptor element) => comments.GetValueOrDefault(element.FullName, "");

    /// <summary>The first sentence or line of it.</summary>
    public string FirstSentence(IDescriptor element)
    {
        var text = Of(element).Split("\n\n")[0].ReplaceLineEndings(" ");
        var end = text.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? text : text[..(end + 1)];
    }

    private void Message(DescriptorProto message, string scope, string path, ILookup<string, string> byPath)
    {
        var name = $"{scope}.{message.Name}";
        Add(name, path, byPath);
        for (var i = 0; i < message.Field.Count; i++) Add($"{name}.{message.Field[i].Name}", $"{path}.{MessageFields}.{i}", byPath);
        for (var i = 0; i < message.NestedType.Count; i++) Message(message.NestedType[i], name, $"{path}.{MessageNested}.{i}", byPath);
        for (var i = 0; i < message.EnumType.Count; i++) Enumeration(message.EnumType[i], name, $"{path}.{MessageEnums}.{i}", byPath);
    }

    private void Enumeration(EnumDescriptorProto type, string scope, string path, ILookup<string, string> byPath)
    {
        Add($"{scope}.{type.Name}", path, byPath);
        for (var i = 0; i < type.Value.Count; i++) Add($"{scope}.{type.Name}.{type.Value[i].Name}", $"{path}.{EnumValues}.{i}", byPath);
    }

    private void Add(string name, string path, ILookup<string, string> byPath)
    {
        if (byPath[path].FirstOrDefault() is { } comment) comments[name] = comment;
    }

    private static string Text(string comment) => string.Join('\n', comment.Split('\n').Select(line => line.StartsWith(' ') ? line[1..] : line)).Trim();
}
