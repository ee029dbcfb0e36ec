using System.Text.Json.Nodes;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Pennypost.Gateway.Rest;

/// <summary>JSON schemas of messages, as protobuf's JSON mapping writes them; each message once, by its short name.</summary>
internal sealed class OpenApiSchemas(ProtoComments comments)
{
    private readonly JsonObject schemas = [];

    public static JsonObject Reference(string name) => new() { ["$ref"] = $"#/components/schemas/{name}" };

    /// <summary>A reference to the message's schema, which is added with all it needs.</summary>
    public JsonObject Of(MessageDescriptor message)
    {
        if (message.FullName == Timestamp.Descriptor.FullName) return new JsonObject { ["type"] = "string", ["format"] = "date-time" };
        if (message.FullName == Duration.Descriptor.FullName) return new JsonObject { ["type"] = "string", ["pattern"] = @"^-?[0-9]+(\.[0-9]{1,9})?s$", ["example"] = "10s" };
        if (!schemas.ContainsKey(message.Name))
        {
            schemas[message.Name] = new JsonObject();
            schemas[message.Name] = Inline(message, except: []);
        }
        return Reference(message.Name);
    }

    /// <summary>The message's schema itself, without some of its fields.</summary>
    public JsonObject Inline(MessageDescriptor message, IReadOnlyList<string> except)
    {
        var properties = new JsonObject();
        foreach (var field in message.Fields.InDeclarationOrder().Where(field => !except.Contains(field.Name))) properties[field.JsonName] = Described(field);
        return new JsonObject { ["type"] = "object", ["description"] = comments.Of(message), ["properties"] = properties, ["additionalProperties"] = false };
    }

    /// <summary>The schema of a field: an array if it is repeated.</summary>
    public JsonObject Field(FieldDescriptor field) => field.IsRepeated ? new JsonObject { ["type"] = "array", ["items"] = Value(field) } : Value(field);

    /// <summary>The schema of one value of a field.</summary>
    public JsonObject Value(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Message => Of(field.MessageType),
        FieldType.Enum => Enumeration(field.EnumType),
        FieldType.String => new JsonObject { ["type"] = "string" },
        FieldType.Bytes => new JsonObject { ["type"] = "string", ["format"] = "byte" },
        FieldType.Bool => new JsonObject { ["type"] = "boolean" },
        FieldType.Double => new JsonObject { ["type"] = "number", ["format"] = "double" },
        FieldType.Float => new JsonObject { ["type"] = "number", ["format"] = "float" },
        FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 or FieldType.UInt64 or FieldType.Fixed64 => new JsonObject { ["type"] = "string", ["format"] = "int64" },
        _ => new JsonObject { ["type"] = "integer", ["format"] = "int32" },
    };

    /// <summary>All of them, and what an error looks like.</summary>
    public JsonObject WithErrors()
    {
        schemas["Error"] = JsonNode.Parse("""
            {
              "type": "object",
              "description": "google.rpc.Status.",
              "properties": {
                "error": {
                  "type": "object",
                  "properties": {
                    "code": { "type": "integer", "description": "The gRPC status code." },
                    "status": { "type": "string", "description": "Its name.", "example": "INVALID_ARGUMENT" },
                    "message": { "type": "string", "description": "For developers." },
                    "details": {
                      "type": "array",
                      "description": "Exactly one google.rpc.ErrorInfo with reason, domain and metadata; BadRequest, RetryInfo and QuotaFailure by code.",
                      "items": { "type": "object", "properties": { "@type": { "type": "string" } }, "additionalProperties": true }
                    }
                  }
                }
              }
            }
            """);
        return schemas;
    }

    private JsonObject Described(FieldDescriptor field)
    {
        var schema = Field(field);
        var comment = comments.Of(field);
        if (comment.Length == 0) return schema;
        // A reference takes no siblings in OpenAPI 3.0.
        if (schema.ContainsKey("$ref")) return new JsonObject { ["allOf"] = new JsonArray(schema), ["description"] = comment };
        schema["description"] = comment;
        return schema;
    }

    private JsonObject Enumeration(EnumDescriptor type)
    {
        if (!schemas.ContainsKey(type.Name))
            schemas[type.Name] = new JsonObject
            {
                ["type"] = "string",
                ["description"] = comments.Of(type) + "\n\n" + string.Join('\n', type.Values.Select(value => $"- `{value.Name}`: {comments.Of(value).ReplaceLineEndings(" ")}")),
                ["enum"] = new JsonArray([.. type.Values.Select(value => (JsonNode)value.Name)]),
            };
        return Reference(type.Name);
    }
}
