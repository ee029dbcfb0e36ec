using System.Text.Json.Nodes;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Pennypost.Gateway.V1;

namespace Pennypost.Gateway.Rest;

/// <summary>The OpenAPI 3 document of the public API, made from the same descriptors and annotations as its routes, with the protos' comments.</summary>
internal static class OpenApiDocument
{
    public static JsonObject Build()
    {
        var comments = new ProtoComments(Protoset.Read());
        var schemas = new OpenApiSchemas(comments);
        var paths = new JsonObject();
        var service = PennypostService.Descriptor;
        foreach (var method in service.Methods)
            if (HttpBinding.Of(method) is { } binding) At(paths, Documented(binding.Template))[binding.Verb.ToLowerInvariant()] = Operation(method, binding, schemas, comments);
        At(paths, Import.CsvImport.Route)["post"] = Import.CsvImportOpenApi.Operation();
        At(paths, Webhooks.ProviderWebhooks.OpenApiRoute)["post"] = Webhooks.ProviderWebhooks.OpenApiOperation();
        return new JsonObject
        {
            ["openapi"] = "3.0.3",
            ["info"] = new JsonObject
            {
                ["title"] = "Pennypost",
                ["version"] = "v1",
                ["description"] = comments.Of(service),
                ["license"] = new JsonObject { ["name"] = "Apache-2.0", ["url"] = "https://www.apache.org/licenses/LICENSE-2.0" },
            },
            ["security"] = new JsonArray(new JsonObject { ["apiKey"] = new JsonArray() }),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = schemas.WithErrors(),
                ["securitySchemes"] = new JsonObject
                {
                    ["apiKey"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer", ["description"] = "An API key: pp_live_..." },
                },
                ["responses"] = new JsonObject { ["Error"] = Response("A google.rpc.Status with exactly one ErrorInfo.", OpenApiSchemas.Reference("Error")) },
            },
        };
    }

    private static JsonObject Operation(MethodDescriptor method, HttpBinding binding, OpenApiSchemas schemas, ProtoComments comments)
    {
        var answer = schemas.Of(method.OutputType);
        var operation = new JsonObject
        {
            ["operationId"] = method.Name,
            ["summary"] = comments.FirstSentence(method),
            ["description"] = comments.Of(method),
            ["tags"] = new JsonArray(binding.Template.Split('/')[2].Split(':')[0]),
            ["parameters"] = Parameters(method.InputType, binding, schemas, comments),
            ["responses"] = new JsonObject
            {
                ["200"] = method.IsServerStreaming
                    ? new JsonObject
                    {
                        ["description"] = $"A stream of {method.OutputType.Name}: server-sent events, or one JSON object a line.",
                        ["content"] = new JsonObject
                        {
                            ["text/event-stream"] = new JsonObject { ["schema"] = answer },
                            ["application/x-ndjson"] = new JsonObject { ["schema"] = answer.DeepClone() },
                        },
                    }
                    : Response(comments.Of(method.OutputType), answer),
                ["default"] = Error(),
            },
        };
        if (binding.Body.Length > 0)
            operation["requestBody"] = new JsonObject
            {
                ["required"] = binding.Body != "*" || method.InputType.Fields.InDeclarationOrder().Count > binding.PathFields.Count,
                ["content"] = new JsonObject
                {
                    ["application/json"] = new JsonObject
                    {
                        ["schema"] = binding.Body == "*"
                            ? schemas.Inline(method.InputType, except: binding.PathFields)
                            : schemas.Of(method.InputType.FindFieldByName(binding.Body).MessageType),
                    },
                },
            };
        return operation;
    }

    private static JsonArray Parameters(MessageDescriptor request, HttpBinding binding, OpenApiSchemas schemas, ProtoComments comments)
    {
        var parameters = new JsonArray();
        foreach (var name in binding.PathFields)
        {
            var field = FieldPath.Find(request, name)!.Last;
            parameters.Add((JsonNode)new JsonObject { ["name"] = name.Split('.')[^1], ["in"] = "path", ["required"] = true, ["description"] = comments.Of(field), ["schema"] = schemas.Value(field) });
        }
        if (binding.Body == "*") return parameters;
        foreach (var field in request.Fields.InDeclarationOrder().Where(field => field.Name != binding.Body && !binding.PathFields.Contains(field.Name)))
        {
            var isText = field.FieldType != FieldType.Message || field.MessageType.FullName == Timestamp.Descriptor.FullName || field.MessageType.FullName == Duration.Descriptor.FullName;
            if (isText) parameters.Add((JsonNode)new JsonObject { ["name"] = field.JsonName, ["in"] = "query", ["description"] = comments.Of(field), ["schema"] = schemas.Field(field) });
        }
        return parameters;
    }

    // `{account.account_id}` and `{account_id}` are one path to a reader.
    private static string Documented(string template) =>
        string.Join('{', template.Split('{').Select(part => part.IndexOf('}', StringComparison.Ordinal) is > 0 and var end ? part[..end].Split('.')[^1] + part[end..] : part));

    public static JsonObject Response(string description, JsonNode schema) => new()
    {
        ["description"] = description.Length == 0 ? "The answer." : description,
        ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = schema } },
    };

    public static JsonObject Error() => new() { ["$ref"] = "#/components/responses/Error" };

    private static JsonObject At(JsonObject paths, string template)
    {
        if (paths[template] is JsonObject known) return known;
        var added = new JsonObject();
        paths[template] = added;
        return added;
    }
}

/// <summary>Serves the document, made once.</summary>
internal static class OpenApiRoute
{
    public static void MapOpenApi(this WebApplication app)
    {
        var document = OpenApiDocument.Build().ToJsonString();
        app.MapGet("/openapi.json", () => Results.Text(document, "application/json"));
    }
}
