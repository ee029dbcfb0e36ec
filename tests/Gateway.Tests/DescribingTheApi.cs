using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.OpenApi;
using Pennypost.Gateway.V1;

namespace Pennypost.Gateway.Tests;

// F68: OpenAPI.
public sealed class DescribingTheApi(RunningGateway gateway) : IClassFixture<RunningGateway>
{
    [Fact]
    public async Task The_document_is_valid_and_has_every_call_with_its_comment()
    {
        using var nobody = gateway.Client(null);
        var text = await nobody.GetStringAsync("/openapi.json");

        var read = OpenApiDocument.Parse(text, "json");

        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, read.Diagnostic!.SpecificationVersion);
        Assert.Empty(read.Diagnostic!.Errors);
        var operations = read.Document!.Paths.Values.SelectMany(path => path.Operations!.Values).ToDictionary(operation => operation.OperationId!);
        foreach (var method in PublicCalls.All)
        {
            Assert.Contains(method.Name, operations.Keys);
            Assert.Contains("Scope:", operations[method.Name].Description, StringComparison.Ordinal);
        }
        Assert.Contains("ImportCsv", operations.Keys);
        Assert.Contains("ReceiveProviderEvent", operations.Keys);
    }

    [Fact]
    public async Task What_it_says_about_a_request_is_what_is_read()
    {
        using var nobody = gateway.Client(null);
        var schema = OpenApiDocument.Parse(await nobody.GetStringAsync("/openapi.json"), "json").Document!.Components!.Schemas!["MessageSpec"];

        Assert.Equal(MessageSpec.Descriptor.Fields.InDeclarationOrder().Select(field => field.JsonName), schema.Properties!.Keys);
        Assert.False(schema.AdditionalPropertiesAllowed);
        Assert.Contains("unique within the tenant", schema.Properties["messageId"].Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Limits_of_the_comments_are_limits_of_the_schema()
    {
        using var nobody = gateway.Client(null);
        var schemas = JsonNode.Parse(await nobody.GetStringAsync("/openapi.json"))!["components"]!["schemas"]!;

        Assert.Equal("^[A-Za-z0-9_-]{0,64}$", (string?)schemas["MessageSpec"]!["properties"]!["messageId"]!["pattern"]);
        Assert.Equal(100, (int?)schemas["MessageSpec"]!["properties"]!["accountIds"]!["maxItems"]);
        Assert.Equal(200, (int?)schemas["Prospect"]!["properties"]!["firstName"]!["maxLength"]);
    }

    [Fact]
    public async Task Every_reason_that_a_comment_names_stands_under_its_status_with_its_meaning()
    {
        using var nobody = gateway.Client(null);
        var document = JsonNode.Parse(await nobody.GetStringAsync("/openapi.json"))!;
        var operations = document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()).ToDictionary(operation => (string)operation.Value!["operationId"]!, operation => operation.Value!);
        var named = 0;
        foreach (var method in PublicCalls.All)
        {
            var operation = operations[method.Name];
            var comment = ((string)operation["description"]!).ReplaceLineEndings(" ");
            foreach (Match match in Regex.Matches(comment[Math.Max(0, comment.IndexOf("Errors:", StringComparison.Ordinal))..], "([A-Z_]+)/([A-Z_]+)"))
            {
                var (code, reason) = (match.Groups[1].Value, match.Groups[2].Value);
                var status = code switch { "NOT_FOUND" => "404", "ALREADY_EXISTS" or "ABORTED" => "409", "FAILED_PRECONDITION" => "400", "UNAVAILABLE" => "503", "RESOURCE_EXHAUSTED" => "429", "PERMISSION_DENIED" => "403", _ => code };
                var response = Resolved(document, operation["responses"]![status]!);
                Assert.True(response["x-error-reasons"]?.AsArray().Any(one => (string?)one == reason) == true, $"{method.Name}: {reason} is not under {status}");
                Assert.Matches($"- `{reason}`: [A-Z].{{10,}}", (string)response["description"]!);
                named++;
            }
            foreach (var status in new[] { "400", "401", "403", "413", "429", "500", "503", "504", "default" })
                Assert.NotNull(Resolved(document, operation["responses"]![status]!)["content"]);
        }
        Assert.True(named > 40, $"Only {named} reasons were named.");
        Assert.Equal(["LOST_RACE"], operations["PutPolicy"]["responses"]!["412"]!["x-error-reasons"]!.AsArray().Select(one => (string?)one));
        Assert.Contains("`POOL_NOT_FOUND`: No such pool", (string)document["components"]!["schemas"]!["ErrorInfo"]!["properties"]!["reason"]!["description"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_stand_where_they_are_read_and_written()
    {
        using var nobody = gateway.Client(null);
        var paths = JsonNode.Parse(await nobody.GetStringAsync("/openapi.json"))!["paths"]!;
        string[] Asked(string path, string verb) => [.. paths[path]![verb]!["parameters"]!.AsArray().Where(one => (string?)one!["in"] == "header").Select(one => (string)one!["name"]!)];

        Assert.Equal(["Idempotency-Key"], Asked("/v1/messages", "post"));
        Assert.Equal(["If-Match"], Asked("/v1/accounts/{account_id}", "put"));
        Assert.Equal(["If-None-Match"], Asked("/v1/accounts/{account_id}", "get"));
        Assert.Equal(["Last-Event-ID"], Asked("/v1/messages/{message_id}:watch", "get"));
        Assert.Empty(Asked("/v1/messages:preview", "post"));
        Assert.NotNull(paths["/v1/policies/{name}"]!["get"]!["responses"]!["304"]);
        Assert.NotNull(paths["/v1/policies/{name}"]!["put"]!["responses"]!["200"]!["headers"]!["ETag"]);
    }

    private static JsonNode Resolved(JsonNode document, JsonNode response) =>
        (string?)response["$ref"] is { } reference ? document["components"]!["responses"]![reference.Split('/')[^1]]! : response;

    [Fact]
    public async Task Swagger_UI_is_served_without_a_key()
    {
        using var nobody = gateway.Client(null);

        var page = await nobody.GetStringAsync("/swagger/index.html");
        var script = await nobody.GetStringAsync("/swagger/swagger-ui-bundle.js");

        Assert.Contains("swagger-ui", page, StringComparison.Ordinal);
        Assert.True(script.Length > 100_000);
        // The one that reads OpenAPI 3.1.
        Assert.Contains("isOAS31", script, StringComparison.Ordinal);
    }
}
