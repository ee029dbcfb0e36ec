using Google.Protobuf;
using Google.Protobuf.Reflection;
using Pennypost.Hosting;

namespace Pennypost.Gateway.Rest;

/// <summary>A field of a request or of a message inside it, by names with dots: <c>connection.connection_id</c>. Proto and JSON names both do.</summary>
internal sealed record FieldPath(IReadOnlyList<FieldDescriptor> Fields)
{
    public FieldDescriptor Last => Fields[^1];

    /// <summary>In proto names, as violations say it.</summary>
    public string Name => string.Join('.', Fields.Select(part => part.Name));

    public static FieldPath? Find(MessageDescriptor message, string path)
    {
        var fields = new List<FieldDescriptor>();
        var inside = message;
        foreach (var name in path.Split('.'))
        {
            if (inside is null || JsonReading.Field(inside, name) is not { } field) return null;
            fields.Add(field);
            inside = field.FieldType == FieldType.Message && !field.IsRepeated && !field.IsMap ? field.MessageType : null;
        }
        return new FieldPath(fields);
    }

    /// <summary>The message that holds the last field, made where it is not there yet.</summary>
    public IMessage Holder(IMessage request)
    {
        var holder = request;
        foreach (var field in Fields.Take(Fields.Count - 1))
        {
            if (field.Accessor.GetValue(holder) is not IMessage inner)
            {
                inner = field.MessageType.Parser.ParseFrom(ByteString.Empty);
                field.Accessor.SetValue(holder, inner);
            }
            holder = inner;
        }
        return holder;
    }
}
