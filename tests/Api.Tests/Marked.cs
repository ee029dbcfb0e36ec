using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Pennypost.Api.Tests;

/// <summary>Requests that are right but for one text, which is a mark of its own.</summary>
internal static class Marked
{
    private const int Deepest = 4;

    /// <summary>Ids and names that a caller makes up are there to be named; and no mark may be called.</summary>
    private static bool IsLeftAlone(FieldDescriptor field) =>
        field.Name.EndsWith("_id", StringComparison.Ordinal) || field.Name.EndsWith("_ids", StringComparison.Ordinal) || field.Name is "name" or "policy" or "base_url" or "host" or "page_token" or "resume_token";

    public static IEnumerable<IMessage> Requests(string rpc, JsonObject example, Func<string> mark) => Of(GrpcFace.Request(rpc, example), [], mark);

    private static IEnumerable<IMessage> Of(IMessage good, FieldDescriptor[] way, Func<string> mark)
    {
        var here = way.Length == 0 ? good.Descriptor : way[^1].MessageType;
        foreach (var field in here.Fields.InDeclarationOrder().Where(field => !field.IsMap && !IsLeftAlone(field)))
        {
            if (field.FieldType == FieldType.String)
            {
                foreach (var text in Texts(field, mark()))
                    yield return Hostile.With(good, way, holder => Put(holder, field, text));
            }
            else if (field.FieldType == FieldType.Message && !field.IsRepeated && field.MessageType.File.Package != "google.protobuf" && way.Length < Deepest)
            {
                foreach (var inner in Of(good, [.. way, field], mark))
                    yield return inner;
            }
        }
    }

    /// <summary>The mark as it is, and in what the field could take.</summary>
    private static IEnumerable<string> Texts(FieldDescriptor field, string mark) => field.Name switch
    {
        "profile" => [mark, $"https://www.linkedin.com/in/{mark}", $"https://elsewhere.invalid/{mark}"],
        "email" or "from_address" or "user" => [mark, $"{mark}@people.example", $"{mark}@@people"],
        "url" or "unsubscribe" => [mark, $"https://hooks.invalid/{mark}"],
        _ => [mark, $"{mark}\u0001", mark + new string('x', 9_000)],
    };

    private static void Put(IMessage holder, FieldDescriptor field, string text)
    {
        if (field.IsRepeated)
            ((System.Collections.IList)field.Accessor.GetValue(holder)).Add(text);
        else
            field.Accessor.SetValue(holder, text);
    }
}
