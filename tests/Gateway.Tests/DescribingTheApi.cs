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

        Assert.Empty(read.Diagnostic!.Errors);
        var operations = read.Document!.Paths.Values.SelectMany(path => path.Operations!.Values).ToDictionary(operation => operation.OperationId!);
        foreach (var method in PennypostService.Descriptor.Methods)
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
    public async Task Swagger_UI_is_served_without_a_key()
    {
        using var nobody = gateway.Client(null);

        var page = await nobody.GetStringAsync("/swagger/index.html");
        var script = await nobody.GetStringAsync("/swagger/swagger-ui-bundle.js");

        Assert.Contains("swagger-ui", page, StringComparison.Ordinal);
        Assert.True(script.Length > 100_000);
    }
}
