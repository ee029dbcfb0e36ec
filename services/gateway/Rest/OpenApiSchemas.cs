using System.Globalization;
using System.Text.Json.Nodes;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Pennypost.Gateway.Rest;

/// <summary>JSON schemas of messages, as protobuf's JSON mapping writes them; each message once, by its short name.</summary>
internal sealed class OpenApiSchemas(ProtoComments comments)
{
    private readonly JsonObject schemas = [];
    private readonly Dictionary<string, string> named = new(StringComparer.Ordinal);

    public static JsonObject Reference(string name) => new() { ["$ref"] = $"#/components/schemas/{name}" };

    /// <summary>A reference to the message's schema, which is added with all it needs.</summary>
    public JsonObject Of(MessageDescriptor message)
    {
        if (message.FullName == Timestamp.Descriptor.FullName) return new JsonObject { ["type"] = "string", ["format"] = "date-time" };
        if (message.FullName == Duration.Descriptor.FullName) return new JsonObject { ["type"] = "string", ["pattern"] = @"^-?[0-9]+(\.[0-9]{1,9})?s$", ["examples"] = new JsonArray("10s") };
        if (IsNew(message)) schemas[message.Name] = Inline(message, except: []);
        return Reference(message.Name);
    }

    /// <summary>The message's schema itself, without some of its fields.</summary>
    public JsonObject Inline(MessageDescriptor message, IReadOnlyList<string> except)
    {
        var properties = new JsonObject();
        foreach (var field in message.Fields.InDeclarationOrder().Where(field => !except.Contains(field.Name))) properties[field.JsonName] = Described(field);
        return new JsonObject { ["type"] = "object", ["description"] = comments.Of(message), ["properties"] = properties, ["additionalProperties"] = false };
    }

    /// <summary>The schema of a field with the limit that its comment states: an array if it is repeated.</summary>
    public JsonObject Of(FieldDescriptor field)
    {
        var schema = field.IsRepeated ? new JsonObject { ["type"] = "array", ["items"] = Type(field) } : Value(field);
        if (field.IsRepeated && CommentedLimit.Of(field, comments.Of(field)) is { } limit) schema["maxItems"] = limit.Most;
        return schema;
    }

    /// <summary>The schema of one value of a field.</summary>
    public JsonObject Value(FieldDescriptor field)
    {
        var schema = Type(field);
        // What is empty is unset, hence no least length. A whole number of 64 bits is text, which has no greatest.
        switch (field.IsRepeated ? null : CommentedLimit.Of(field, comments.Of(field)))
        {
            case { Kind: CommentedLimit.Counted.IdCharacters } limit:
                schema["pattern"] = string.Create(CultureInfo.InvariantCulture, $"^[A-Za-z0-9_-]{{0,{limit.Most}}}$");
                break;
            case { Kind: CommentedLimit.Counted.Characters } limit:
                schema["maxLength"] = limit.Most;
                break;
            case { Kind: CommentedLimit.Counted.Value } limit when field.FieldType == FieldType.Int32:
                schema["maximum"] = limit.Most;
                break;
        }
        return schema;
    }

    private JsonObject Type(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Message => Of(field.MessageType),
        FieldType.Enum => Enumeration(field.EnumType),
        FieldType.String => new JsonObject { ["type"] = "string" },
        FieldType.Bytes => new JsonObject { ["type"] = "string", ["contentEncoding"] = "base64" },
        FieldType.Bool => new JsonObject { ["type"] = "boolean" },
        FieldType.Double => new JsonObject { ["type"] = "number", ["format"] = "double" },
        FieldType.Float => new JsonObject { ["type"] = "number", ["format"] = "float" },
        // As text, because JavaScript's numbers do not hold them; requests may have them as numbers too.
        FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 or FieldType.UInt64 or FieldType.Fixed64 => new JsonObject { ["type"] = "string", ["format"] = "int64" },
        _ => new JsonObject { ["type"] = "integer", ["format"] = "int32" },
    };

    /// <summary>All of them, and what an error looks like.</summary>
    /// <param name="reasons">Every reason with its meaning.</param>
    public JsonObject WithErrors(string reasons)
    {
        var errors = JsonNode.Parse("""
            {
              "Error": {
                "type": "object",
                "description": "google.rpc.Status, as AIP-193 has it.",
                "required": ["error"],
                "properties": {
                  "error": {
                    "type": "object",
                    "required": ["code", "status", "message", "details"],
                    "properties": {
                      "code": { "type": "integer", "description": "The HTTP status; of a stream that has begun, what it would have been." },
                      "status": { "type": "string", "description": "The gRPC status code's name.", "examples": ["INVALID_ARGUMENT"] },
                      "message": { "type": "string", "description": "For developers; may change." },
                      "details": {
                        "type": "array",
                        "description": "Exactly one ErrorInfo; the others by code. More kinds may come: go by `@type`.",
                        "items": { "anyOf": [
                          { "$ref": "#/components/schemas/ErrorInfo" }, { "$ref": "#/components/schemas/ErrorBadRequest" },
                          { "$ref": "#/components/schemas/ErrorRetryInfo" }, { "$ref": "#/components/schemas/ErrorQuotaFailure" } ] }
                      }
                    }
                  }
                },
                "examples": [ { "error": { "code": 400, "status": "INVALID_ARGUMENT", "message": "The request has 1 violation; nothing was changed.", "details": [
                  { "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "INVALID_REQUEST", "domain": "gateway.pennypost.dev", "metadata": { "violations": "1" } },
                  { "@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [ { "field": "message.message_id", "description": "is required: an id of 1 to 64 of A-Z a-z 0-9 _ -" } ] } ] } } ]
              },
              "ErrorInfo": {
                "type": "object",
                "required": ["@type", "reason", "domain", "metadata"],
                "properties": {
                  "@type": { "const": "type.googleapis.com/google.rpc.ErrorInfo" },
                  "reason": { "type": "string" },
                  "domain": { "type": "string", "description": "The service that decided.", "examples": ["credits.pennypost.dev"] },
                  "metadata": { "type": "object", "description": "The keys that stand with the reason.", "additionalProperties": { "type": "string" } }
                }
              },
              "ErrorBadRequest": {
                "type": "object",
                "description": "Everything that is wrong with the request, at once.",
                "required": ["@type", "fieldViolations"],
                "properties": {
                  "@type": { "const": "type.googleapis.com/google.rpc.BadRequest" },
                  "fieldViolations": { "type": "array", "items": { "type": "object", "properties": {
                    "field": { "type": "string", "description": "Its path in the request, by proto names." }, "description": { "type": "string" } } } }
                }
              },
              "ErrorRetryInfo": {
                "type": "object",
                "description": "When to send the same request again.",
                "required": ["@type", "retryDelay"],
                "properties": { "@type": { "const": "type.googleapis.com/google.rpc.RetryInfo" }, "retryDelay": { "type": "string", "examples": ["1.5s"] } }
              },
              "ErrorQuotaFailure": {
                "type": "object",
                "description": "Whose quota is used up.",
                "required": ["@type", "violations"],
                "properties": {
                  "@type": { "const": "type.googleapis.com/google.rpc.QuotaFailure" },
                  "violations": { "type": "array", "items": { "type": "object", "properties": { "subject": { "type": "string" }, "description": { "type": "string" } } } }
                }
              }
            }
            """)!.AsObject();
        errors["ErrorInfo"]!["properties"]!["reason"]!["description"] = "Why; the list may grow.\n\n" + reasons;
        foreach (var (name, schema) in errors) schemas.Add(name, schema!.DeepClone());
        return schemas;
    }

    private JsonObject Described(FieldDescriptor field)
    {
        var schema = Of(field);
        var comment = comments.Of(field);
        if (comment.Length > 0) schema["description"] = comment;
        return schema;
    }

    private JsonObject Enumeration(EnumDescriptor type)
    {
        if (IsNew(type))
            schemas[type.Name] = new JsonObject
            {
                ["type"] = "string",
                ["description"] = comments.Of(type) + "\n\n" + string.Join('\n', type.Values.Select(value => $"- `{value.Name}`: {comments.Of(value).ReplaceLineEndings(" ")}")),
                ["enum"] = new JsonArray([.. type.Values.Select(value => (JsonNode)value.Name)]),
            };
        return Reference(type.Name);
    }

    // Kept before it is described: a message may contain itself.
    private bool IsNew(IDescriptor type)
    {
        if (named.TryAdd(type.Name, type.FullName)) return schemas.TryAdd(type.Name, new JsonObject());
        return named[type.Name] == type.FullName ? false : throw new InvalidOperationException($"{type.FullName} and {named[type.Name]} would be one schema.");
    }
}
