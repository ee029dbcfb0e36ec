using Google.Protobuf.Reflection;

namespace Pennypost.Protos.Tests;

/// <summary>Every element of the protos with the comment that stands before it.</summary>
internal sealed record Element(string File, string Kind, string Name, string Comment);

/// <summary>Reads the protos of Pennypost, and only those: imports are other people's.</summary>
internal static class Contract
{
    public static IReadOnlyList<FileDescriptorProto> Files { get; } =
        [.. Protoset.Read().File.Where(file => file.Name.StartsWith("pennypost/", StringComparison.Ordinal))];

    public static IEnumerable<(FileDescriptorProto File, ServiceDescriptorProto Service, MethodDescriptorProto Method)> Methods =>
        from file in Files from service in file.Service from method in service.Method select (file, service, method);

    public static IEnumerable<(FileDescriptorProto File, EnumDescriptorProto Enum)> Enums =>
        from file in Files from @enum in file.EnumType select (file, @enum);

    public static IEnumerable<Element> Elements()
    {
        foreach (var file in Files)
        {
            var comments = file.SourceCodeInfo.Location
                .GroupBy(location => string.Join('.', location.Path))
                .ToDictionary(group => group.Key, group => group.First().LeadingComments.Trim());
            string At(string path) => comments.GetValueOrDefault(path, "");

            for (var s = 0; s < file.Service.Count; s++)
            {
                yield return new(file.Name, "service", file.Service[s].Name, At($"6.{s}"));
                for (var m = 0; m < file.Service[s].Method.Count; m++)
                    yield return new(file.Name, "rpc", file.Service[s].Method[m].Name, At($"6.{s}.2.{m}"));
            }

            for (var e = 0; e < file.EnumType.Count; e++)
            {
                yield return new(file.Name, "enum", file.EnumType[e].Name, At($"5.{e}"));
                for (var v = 0; v < file.EnumType[e].Value.Count; v++)
                    yield return new(file.Name, "value", file.EnumType[e].Value[v].Name, At($"5.{e}.2.{v}"));
            }

            for (var m = 0; m < file.MessageType.Count; m++)
            {
                yield return new(file.Name, "message", file.MessageType[m].Name, At($"4.{m}"));
                for (var f = 0; f < file.MessageType[m].Field.Count; f++)
                    yield return new(file.Name, "field", $"{file.MessageType[m].Name}.{file.MessageType[m].Field[f].Name}", At($"4.{m}.2.{f}"));
            }
        }
    }
}
