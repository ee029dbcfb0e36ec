using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Pennypost.Gateway.V1;

namespace Pennypost.Gateway.Rest;

/// <summary>
/// The OpenAPI 3.1 document of the public API, made from the same descriptors and annotations as its routes: with the protos' comments, the reasons and
/// limits that they state, and an example of every request.
/// </summary>
internal static class OpenApiDocument
{
    /// <param name="now">What times in examples lie near to.</param>
    public static JsonObject Build(DateTimeOffset now)
    {
        var comments = new ProtoComments(Protoset.Read());
        var schemas = new OpenApiSchemas(comments);
        var errors = new OpenApiErrors(comments);
        var paths = new JsonObject();
        foreach (var method in PublicCalls.All)
            if (HttpBinding.Of(method) is { } binding) At(paths, Documented(binding.Template))[binding.Verb.ToLowerInvariant()] = Operation(method, binding, schemas, errors, comments, RequestExamples.Of(method.Name, now));
        At(paths, Import.CsvImport.Route)["post"] = Import.CsvImportOpenApi.Operation(errors);
        At(paths, Webhooks.ProviderWebhooks.OpenApiRoute)["post"] = Webhooks.ProviderWebhooks.OpenApiOperation(errors);
        var tags = paths.SelectMany(path => path.Value!.AsObject()).Select(operation => (string)operation.Value!["tags"]![0]!).Distinct();
        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "Pennypost",
                ["version"] = "v1",
                ["summary"] = "Sends each outreach message by the cheapest valid channel.",
                ["description"] = comments.Of(PennypostService.Descriptor),
                ["license"] = new JsonObject { ["name"] = "Apache-2.0", ["identifier"] = "Apache-2.0" },
            },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "/" }),
            ["security"] = new JsonArray(new JsonObject { ["apiKey"] = new JsonArray() }),
            ["tags"] = new JsonArray([.. tags.Select(tag => (JsonNode)new JsonObject { ["name"] = tag })]),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = schemas.WithErrors(errors.Reasons()),
                ["securitySchemes"] = new JsonObject
                {
                    ["apiKey"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer", ["description"] = "An API key: pp_live_..." },
                },
                ["responses"] = errors.Common(),
                ["headers"] = new JsonObject
                {
                    ["ETag"] = Header("Stands for what is shown; send it in `If-Match` to put a change only where nobody else made one, and in `If-None-Match` to get 304 while it is the same.", "string"),
                    ["Retry-After"] = Header("In seconds: when to try again.", "integer"),
                    ["RateLimit-Limit"] = Header("Calls per second of the key.", "integer"),
                    ["RateLimit-Remaining"] = Header("How many of them are left now.", "integer"),
                    ["RateLimit-Reset"] = Header("In seconds: when all are there again.", "integer"),
                    ["RateLimit-Day-Limit"] = Header("Calls per UTC day of the tenant, where it has a daily quota.", "integer"),
                    ["RateLimit-Day-Remaining"] = Header("How many of them are left, as far as this instance knows.", "integer"),
                    ["RateLimit-Day-Reset"] = Header("In seconds: when the day ends.", "integer"),
                },
            },
        };
    }

    private static JsonObject Operation(MethodDescriptor method, HttpBinding binding, OpenApiSchemas schemas, OpenApiErrors errors, ProtoComments comments, JsonObject example)
    {
        var hasEtag = !method.IsServerStreaming && EntityTags.Resource(method.OutputType) is not null;
        var takesIfMatch = binding.Verb != "GET" && EntityTags.Resource(method.InputType) is not null;
        // What goes into the path is not in the body.
        var parameters = Parameters(method, binding, schemas, comments, example);
        if (IdempotencyKey.IsTaken(method.InputType))
            parameters.Add((JsonNode)HeaderParameter(IdempotencyKey.Header, "The message id, where the body has none; with both they must be the same.", schemas.Of(MessageSpec.Descriptor.FindFieldByName("message_id"))));
        if (takesIfMatch) parameters.Add((JsonNode)HeaderParameter("If-Match", "An ETag, instead of the body's `etag`: put it only where nobody else made a change. If somebody did: 412 with LOST_RACE.", Text()));
        if (hasEtag && binding.Verb == "GET") parameters.Add((JsonNode)HeaderParameter("If-None-Match", "ETags that are known: 304 without a body if it is still one of them.", Text()));
        if (method.IsServerStreaming && method.InputType.FindFieldByName("resume_token") is not null)
            parameters.Add((JsonNode)HeaderParameter("Last-Event-ID", "The resume token of the last event, as a browser's EventSource sends it.", Text()));

        var operation = new JsonObject
        {
            ["operationId"] = method.Name,
            ["summary"] = comments.FirstSentence(method),
            ["description"] = comments.Of(method),
            ["tags"] = new JsonArray(binding.Template.Split('/')[2].Split(':')[0]),
            ["parameters"] = parameters,
            ["responses"] = Responses(method, binding, schemas, errors, comments, hasEtag, takesIfMatch),
        };
        if (binding.Body.Length > 0)
            operation["requestBody"] = new JsonObject
            {
                ["required"] = binding.Body != "*" || method.InputType.Fields.InDeclarationOrder().Count > binding.PathFields.Count,
                ["content"] = new JsonObject
                {
                    [method.IsClientStreaming ? RequestLines.Type : "application/json"] = new JsonObject
                    {
                        ["schema"] = binding.Body == "*"
                            ? schemas.Inline(method.InputType, except: binding.PathFields)
                            : schemas.Of(method.InputType.FindFieldByName(binding.Body).MessageType),
                        ["example"] = binding.Body == "*" ? example.DeepClone() : example[method.InputType.FindFieldByName(binding.Body).JsonName]!.DeepClone(),
                    },
                },
            };
        return operation;
    }

    private static JsonObject Responses(MethodDescriptor method, HttpBinding binding, OpenApiSchemas schemas, OpenApiErrors errors, ProtoComments comments, bool hasEtag, bool takesIfMatch)
    {
        var schema = schemas.Of(method.OutputType);
        var answer = method.IsServerStreaming ? Stream(method.OutputType, schema) : Response(comments.Of(method.OutputType), schema);
        List<string> headers = ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"];
        if (!Keys.Scopes.IsAdministration(PublicCalls.PathOf(method))) headers.AddRange(["RateLimit-Day-Limit", "RateLimit-Day-Remaining", "RateLimit-Day-Reset"]);
        if (hasEtag) headers.Insert(0, "ETag");
        answer["headers"] = Headers(headers);
        var responses = new JsonObject { ["200"] = answer };
        if (hasEtag && binding.Verb == "GET") responses["304"] = new JsonObject { ["description"] = "It is as `If-None-Match` knows it.", ["headers"] = Headers(headers) };
        foreach (var (status, response) in errors.Of(comments.Of(method), method.Service, takesIfMatch)) responses[status] = response;
        return responses;
    }

    private static JsonObject Stream(MessageDescriptor item, JsonNode schema)
    {
        var content = new JsonObject
        {
            ["text/event-stream"] = new JsonObject { ["schema"] = schema },
            ["application/x-ndjson"] = new JsonObject { ["schema"] = schema.DeepClone() },
        };
        var table = TableColumns.Of(item);
        if (table is not null) content["text/csv"] = new JsonObject { ["schema"] = Text(), ["example"] = table.Header };
        return new JsonObject
        {
            ["description"] = $"A stream of {item.Name}: server-sent events, or one JSON object a line{(table is null ? "" : ", or a table")}.",
            ["content"] = content,
        };
    }

    /// <summary>The parameters of path and query; takes from the example what is said in them.</summary>
    private static JsonArray Parameters(MethodDescriptor method, HttpBinding binding, OpenApiSchemas schemas, ProtoComments comments, JsonObject example)
    {
        var (request, parameters) = (method.InputType, new JsonArray());
        foreach (var name in binding.PathFields)
        {
            var path = FieldPath.Find(request, name)!;
            var parameter = new JsonObject { ["name"] = name.Split('.')[^1], ["in"] = "path", ["required"] = true, ["description"] = comments.Of(path.Last), ["schema"] = schemas.Value(path.Last) };
            parameter["example"] = Taken(example, path) ?? throw new InvalidOperationException($"{method.Name}: the example has no {name}.");
            parameters.Add((JsonNode)parameter);
        }
        if (binding.Body == "*") return parameters;
        foreach (var field in request.Fields.InDeclarationOrder().Where(field => field.Name != binding.Body && !binding.PathFields.Contains(field.Name)))
        {
            var isText = field.FieldType != FieldType.Message || field.MessageType.FullName == Timestamp.Descriptor.FullName || field.MessageType.FullName == Duration.Descriptor.FullName;
            if (!isText) continue;
            var parameter = new JsonObject { ["name"] = field.JsonName, ["in"] = "query", ["description"] = comments.Of(field), ["schema"] = schemas.Of(field) };
            if (example[field.JsonName] is { } value) parameter["example"] = value.DeepClone();
            parameters.Add((JsonNode)parameter);
        }
        return parameters;
    }

    private static JsonNode? Taken(JsonObject example, FieldPath path)
    {
        var holder = path.Fields.Take(path.Fields.Count - 1).Aggregate((JsonObject?)example, (inside, field) => inside?[field.JsonName] as JsonObject);
        var value = holder?[path.Last.JsonName]?.DeepClone();
        holder?.Remove(path.Last.JsonName);
        return value;
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

    private static JsonObject Text() => new() { ["type"] = "string" };

    private static JsonObject Header(string description, string type) => new() { ["description"] = description, ["schema"] = new JsonObject { ["type"] = type } };

    private static JsonObject HeaderParameter(string name, string description, JsonObject schema) =>
        new() { ["name"] = name, ["in"] = "header", ["description"] = description, ["schema"] = schema };

    private static JsonObject Headers(IEnumerable<string> names) =>
        new(names.Select(name => new KeyValuePair<string, JsonNode?>(name, new JsonObject { ["$ref"] = $"#/components/headers/{name}" })));

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
        var document = OpenApiDocument.Build(app.Services.GetRequiredService<TimeProvider>().GetUtcNow()).ToJsonString();
        app.MapGet("/openapi.json", () => Results.Text(document, "application/json"));
        // For tools that call gRPC without generated code.
        var protoset = Protoset.Of(PennypostService.Descriptor.File.Package).ToByteArray();
        app.MapGet("/pennypost.protoset", () => Results.Bytes(protoset, "application/octet-stream", "pennypost.protoset"));
    }
}
