using System.Collections;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Pennypost.Gateway.Rest;

namespace Pennypost.Api.Tests;

/// <summary>Requests that are right but for one field, generated from the descriptors: too long, too many, out of range, no such value, characters that escape.</summary>
internal static class Hostile
{
    private const int Deepest = 4;

    /// <summary>What a host or an address is made of is left alone: nothing of this may leave the machine. And a stream that is followed has no end to compare.</summary>
    private static readonly HashSet<string> _leftAlone = ["base_url", "host", "follow_replies"];

    private static readonly ProtoComments _comments = new(Protoset.Read());

    private static readonly string[] _texts = ["", "{tenant}:x", "a\u0000b", "two\nlines", "\u202Eback", "../../x", "$(id)", new('x', 30_000)];

    /// <summary>Every variant of the rpc's example with what was done to it.</summary>
    public static IEnumerable<(string What, IMessage Request)> Variants(string rpc, JsonObject example)
    {
        var good = GrpcFace.Request(rpc, example);
        // Where a call can only look, it does.
        if (good.Descriptor.FindFieldByName("validate_only") is { } flag)
            flag.Accessor.SetValue(good, true);
        return Of(good, [], "");
    }

    private static IEnumerable<(string What, IMessage Request)> Of(IMessage good, FieldDescriptor[] way, string at)
    {
        var here = way.Length == 0 ? good.Descriptor : way[^1].MessageType;
        foreach (var field in here.Fields.InDeclarationOrder())
        {
            // What is only shown is ignored in a request, however wrong; REST reads no value that an enum does not have.
            if (_leftAlone.Contains(field.Name) || field.Name == "validate_only" || _comments.Of(field).Contains("utput only", StringComparison.Ordinal))
                continue;
            var path = $"{at}{field.Name}";
            if (field.IsRepeated)
            {
                foreach (var count in new[] { 1, 2_001 })
                    yield return ($"{path} x {count}", With(good, way, holder => Fill(holder, field, count)));
                continue;
            }

            if (field.FieldType == FieldType.Message && field.MessageType.File.Package != "google.protobuf")
            {
                yield return ($"{path} empty", With(good, way, holder => field.Accessor.SetValue(holder, field.MessageType.Parser.ParseFrom(ByteString.Empty))));
                if (way.Length < Deepest)
                {
                    foreach (var inner in Of(good, [.. way, field], path + "."))
                        yield return inner;
                }

                continue;
            }

            foreach (var value in Values(field))
                yield return ($"{path} = {Shown(value)}", With(good, way, holder => field.Accessor.SetValue(holder, value)));
        }
    }

    private static IEnumerable<object> Values(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.String => _texts,
        FieldType.Int32 => [-1, 0, int.MaxValue, int.MinValue],
        FieldType.Int64 => [-1L, 0L, long.MaxValue, long.MinValue],
        FieldType.Double => [-1.0, 1e300, -1e300],
        FieldType.Enum => [System.Enum.ToObject(field.EnumType.ClrType, 9_999), System.Enum.ToObject(field.EnumType.ClrType, -1), System.Enum.ToObject(field.EnumType.ClrType, 0)],
        FieldType.Message when field.MessageType.FullName == Timestamp.Descriptor.FullName =>
            [new Timestamp { Seconds = -62_135_596_800 }, new Timestamp { Seconds = 253_402_300_799, Nanos = 999_999_999 }, new Timestamp()],
        FieldType.Message when field.MessageType.FullName == Duration.Descriptor.FullName =>
            [new Duration { Seconds = -1 }, new Duration { Seconds = 315_576_000_000 }, new Duration { Seconds = 1, Nanos = 1 }],
        FieldType.Bool => [true],
        _ => [],
    };

    /// <summary>A copy in which what stands at the end of the way is changed.</summary>
    public static IMessage With(IMessage good, FieldDescriptor[] way, Action<IMessage> change)
    {
        var copy = good.Descriptor.Parser.ParseFrom(good.ToByteArray());
        var holder = copy;
        foreach (var field in way)
        {
            if (field.Accessor.GetValue(holder) is not IMessage inner)
            {
                inner = field.MessageType.Parser.ParseFrom(ByteString.Empty);
                field.Accessor.SetValue(holder, inner);
            }

            holder = inner;
        }

        change(holder);
        return copy;
    }

    private static void Fill(IMessage holder, FieldDescriptor field, int count)
    {
        var list = (IList)field.Accessor.GetValue(holder);
        var one = list.Count > 0 ? list[0]! : field.FieldType switch
        {
            FieldType.String => "x",
            FieldType.Enum => System.Enum.ToObject(field.EnumType.ClrType, 1),
            FieldType.Int32 => 1,
            FieldType.Int64 => 1L,
            FieldType.Double => 1.0,
            FieldType.Bool => true,
            _ => field.MessageType.Parser.ParseFrom(ByteString.Empty),
        };
        while (list.Count < count)
            list.Add(one);
    }

    private static string Shown(object value)
    {
        var text = value.ToString()!;
        return text.Length > 40 ? $"{text.Length} characters" : text;
    }
}
