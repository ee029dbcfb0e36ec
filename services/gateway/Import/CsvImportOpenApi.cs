using System.Text.Json.Nodes;
using Pennypost.Gateway.Rest;
using Pennypost.Gateway.V1;

namespace Pennypost.Gateway.Import;

/// <summary>How the OpenAPI document describes the import, which has no proto.</summary>
internal static class CsvImportOpenApi
{
    /// <summary>A file that the tests import.</summary>
    public const string Example = """
        LinkedIn URL,First Name,Company,Priority,Subject,Message,Note
        https://www.linkedin.com/in/ada-lovelace,Ada,Analytical Engines,High,One question,May I ask?,Hello Ada
        """;

    private const string Description = """
        UTF-8, commas, a header line with the columns of a Sales Navigator export (LinkedIn URL or Profile URL, First Name, Last Name, Title, Company) and
        Priority, Subject, Message, Note, Email, Email Verified, Email Text, Engagement, Post ID, Post Comment, Routing Policy, Segment, Variant.
        What other names mean is said by `columns`. A file that cannot be imported as a whole changes nothing (IMPORT_INVALID); otherwise good rows are accepted and bad
        ones named by line. The same upload again is the same messages. With `Accept: application/x-ndjson` progress comes a line at a time, the report last.

        Scope: `messages:write`. Errors: INVALID_ARGUMENT/IMPORT_INVALID.
        """;

    public static JsonObject Operation(OpenApiErrors errors) => new()
    {
        ["operationId"] = "ImportCsv",
        ["summary"] = "Hands over the rows of a CSV file.",
        ["description"] = Description,
        ["tags"] = new JsonArray("messages"),
        ["parameters"] = new JsonArray(
            Query("import_id", true, "Your id of the upload; `[A-Za-z0-9_-]{1,64}`.", new JsonObject { ["type"] = "string", ["pattern"] = "^[A-Za-z0-9_-]{1,64}$", ["examples"] = new JsonArray("spring-list") }),
            Query("campaign_id", false, "The label of its messages; `import_id` if empty.", new JsonObject { ["type"] = "string" }),
            Query("account_ids", false, "The senders they may use; empty for all.", new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" } }),
            Query("columns", false, "What columns of the file mean, before the known names are looked at: `Their Name=Our Column`, or `Their Name=` to leave one alone.",
                new JsonObject { ["type"] = "array", ["maxItems"] = SaidColumn.Most, ["items"] = new JsonObject { ["type"] = "string", ["maxLength"] = SaidColumn.MaxLength }, ["examples"] = new JsonArray(new JsonArray("Link=LinkedIn URL", "Vorname=First Name")) }),
            Query("validate_only", false, "Check everything, keep nothing.", new JsonObject { ["type"] = "boolean" })),
        ["requestBody"] = new JsonObject
        {
            ["required"] = true,
            ["content"] = new JsonObject { ["text/csv"] = new JsonObject { ["schema"] = new JsonObject { ["type"] = "string" }, ["example"] = Example } },
        },
        ["responses"] = new JsonObject(errors.Of(Description, PennypostService.Descriptor).Select(error => new KeyValuePair<string, JsonNode?>(error.Status, error.Response)))
        {
            ["200"] = OpenApiDocument.Response("What became of every row.", JsonNode.Parse("""
                {
                  "type": "object",
                  "properties": {
                    "importId": { "type": "string" },
                    "validateOnly": { "type": "boolean" },
                    "rows": { "type": "integer" },
                    "acceptedCount": { "type": "integer" },
                    "refusedCount": { "type": "integer" },
                    "accepted": { "type": "array", "items": { "type": "object", "properties": {
                      "line": { "type": "integer" }, "messageId": { "type": "string" }, "existed": { "type": "boolean" } } } },
                    "refused": { "type": "array", "items": { "type": "object", "properties": {
                      "line": { "type": "integer" }, "messageId": { "type": "string" }, "reason": { "type": "string" }, "text": { "type": "string" },
                      "violations": { "type": "array", "items": { "type": "object", "properties": { "field": { "type": "string" }, "description": { "type": "string" } } } } } } }
                  }
                }
                """)!),
        },
    };

    private static JsonObject Query(string name, bool required, string description, JsonObject schema) =>
        new() { ["name"] = name, ["in"] = "query", ["required"] = required, ["description"] = description, ["schema"] = schema };
}
