using System.Collections;
using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Pennypost.Hosting;

/// <summary>
/// Fills a message from JSON (protobuf's JSON mapping) and gathers everything that is wrong on the way: unknown fields, fields that stand twice, wrong
/// types, unknown enum values. Protobuf's own parser stops at the first.
/// </summary>
public static class JsonReading
{
    /// <summary>Deepest nesting that is read.</summary>
    public const int MaxDepth = 32;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = MaxDepth, AllowTrailingCommas = false, CommentHandling = JsonCommentHandling.Disallow };

    /// <summary>Reads a body into the message; a body of no bytes is <c>{}</c>. False if it is no JSON object.</summary>
    public static bool Body(ReadOnlyMemory<byte> body, IMessage message, string path, Violations violations)
    {
        if (body.Length == 0) return true;
        try
        {
            using var document = JsonDocument.Parse(body, Strict);
            Message(document.RootElement, message, path, violations);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException exception)
        {
            // Its message may quote the text; where it is says enough.
            violations.Add(path.Length == 0 ? "*" : path, $"is not JSON of at most {MaxDepth} levels: line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}");
            return false;
        }
    }

    /// <summary>A field by its proto name or its JSON name; null if there is none.</summary>
    public static FieldDescriptor? Field(MessageDescriptor message, string name) =>
        message.FindFieldByName(name) ?? message.Fields.InDeclarationOrder().FirstOrDefault(field => field.JsonName == name);

    private static void Message(JsonElement json, IMessage message, string path, Violations violations)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            violations.Add(path.Length == 0 ? "*" : path, "must be a JSON object");
            return;
        }
        var seen = new HashSet<FieldDescriptor>();
        var oneofs = new HashSet<OneofDescriptor>();
        foreach (var property in json.EnumerateObject())
        {
            var written = NameOf(property);
            if (Field(message.Descriptor, written) is not { } field)
            {
                violations.Add(Join(path, Shown(written)), "is not a field of this message");
                continue;
            }
            var name = Join(path, field.Name);
            if (!seen.Add(field)) violations.Add(name, "stands there twice");
            if (property.Value.ValueKind == JsonValueKind.Null) continue;
            if (field.RealContainingOneof is { } oneof && !oneofs.Add(oneof)) violations.Add(name, $"is one of {oneof.Name}, of which another is set already");
            Field(property.Value, message, field, name, violations);
        }
    }

    private static void Field(JsonElement json, IMessage message, FieldDescriptor field, string name, Violations violations)
    {
        if (!field.IsRepeated)
        {
            if (Value(json, field, name, violations) is { } value) field.Accessor.SetValue(message, value);
            return;
        }
        if (json.ValueKind != JsonValueKind.Array)
        {
            violations.Add(name, "must be a JSON array");
            return;
        }
        var list = (IList)field.Accessor.GetValue(message);
        var index = 0;
        foreach (var item in json.EnumerateArray())
        {
            if (Value(item, field, $"{name}[{index}]", violations) is { } value) list.Add(value);
            index++;
        }
    }

    /// <summary>One value of the field's type; null and a violation if the JSON is not one.</summary>
    private static object? Value(JsonElement json, FieldDescriptor field, string name, Violations violations)
    {
        if (field.FieldType == FieldType.Message && !IsText(field.MessageType))
        {
            var inner = field.MessageType.Parser.ParseFrom(ByteString.Empty);
            Message(json, inner, name, violations);
            return inner;
        }
        if (field.FieldType == FieldType.Bool)
        {
            if (json.ValueKind is JsonValueKind.True or JsonValueKind.False) return json.GetBoolean();
            violations.Add(name, "must be true or false");
            return null;
        }
        var isText = json.ValueKind == JsonValueKind.String;
        if (field.FieldType is FieldType.String or FieldType.Bytes or FieldType.Message && !isText)
        {
            violations.Add(name, "must be a JSON string");
            return null;
        }
        if (!isText && json.ValueKind != JsonValueKind.Number)
        {
            violations.Add(name, field.FieldType == FieldType.Enum ? "must be an enum value's name" : "must be a number");
            return null;
        }
        return TextOf(json, isText, name, violations) is { } text ? FromText(text, field, name, violations) : null;
    }

    private static string NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return "\uFFFD";
        }
    }

    // A lone surrogate is legal JSON but no text.
    private static string? TextOf(JsonElement json, bool isText, string name, Violations violations)
    {
        try
        {
            return isText ? json.GetString()! : json.GetRawText();
        }
        catch (InvalidOperationException)
        {
            violations.Add(name, "is not valid Unicode");
            return null;
        }
    }

    /// <summary>A scalar from text, as queries and paths have it, and JSON for numbers and names.</summary>
    public static object? FromText(string text, FieldDescriptor field, string name, Violations violations)
    {
        switch (field.FieldType)
        {
            case FieldType.String:
                return text;
            case FieldType.Bytes:
                try
                {
                    return ByteString.FromBase64(text);
                }
                catch (FormatException)
                {
                    return Wrong("must be base64");
                }
            case FieldType.Bool:
                return text is "true" ? true : text is "false" ? false : Wrong("must be true or false");
            case FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32:
                return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var i32) ? i32 : Wrong("must be a whole number of 32 bits");
            case FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64:
                return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var i64) ? i64 : Wrong("must be a whole number of 64 bits");
            case FieldType.UInt32 or FieldType.Fixed32:
                return uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var u32) ? u32 : Wrong("must be a whole number of 32 bits, 0 or more");
            case FieldType.UInt64 or FieldType.Fixed64:
                return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var u64) ? u64 : Wrong("must be a whole number of 64 bits, 0 or more");
            case FieldType.Double:
                return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var f64) && double.IsFinite(f64) ? f64 : Wrong("must be a number");
            case FieldType.Float:
                return float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var f32) && float.IsFinite(f32) ? f32 : Wrong("must be a number");
            case FieldType.Enum:
                return EnumValue(text, field.EnumType) is { } number ? number : Wrong($"must be one of {string.Join(", ", field.EnumType.Values.Select(value => value.Name))}");
            case FieldType.Message when field.MessageType.FullName == Timestamp.Descriptor.FullName:
                return WellKnown<Timestamp>(text) ?? Wrong("must be a time in RFC 3339, such as 2026-12-01T09:00:00Z");
            case FieldType.Message when field.MessageType.FullName == Duration.Descriptor.FullName:
                return WellKnown<Duration>(text) ?? Wrong("must be seconds, such as 90s or 1.5s");
            default:
                return Wrong("cannot be given here");
        }

        object? Wrong(string description)
        {
            violations.Add(name, description);
            return null;
        }
    }

    private static int? EnumValue(string text, EnumDescriptor type)
    {
        var value = type.FindValueByName(text)
            ?? (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? type.FindValueByNumber(number) : null);
        return value?.Number;
    }

    private static object? WellKnown<T>(string text) where T : IMessage, new()
    {
        if (text.Length > 64) return null;
        try
        {
            return JsonParser.Default.Parse<T>(JsonSerializer.Serialize(text));
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or InvalidOperationException or FormatException or OverflowException or ArgumentException)
        {
            return null;
        }
    }

    private static bool IsText(MessageDescriptor type) =>
        type.FullName == Timestamp.Descriptor.FullName || type.FullName == Duration.Descriptor.FullName;

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    /// <summary>A caller's own text, which goes back into an error only short and plain.</summary>
    public static string Shown(string name) =>
        name.Length <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.') ? name : "(unprintable)";
}
