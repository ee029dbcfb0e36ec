using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Pennypost.Gateway.Keys;

namespace Pennypost.Gateway.Tests;

public sealed class MakingTheFirstKey
{
    [Fact]
    public async Task One_command_makes_a_key_that_works_after_a_restart()
    {
        var folder = Directory.CreateTempSubdirectory("pennypost");
        var key = ApiKeyText.New("acme");
        await using (var first = Build(folder.FullName)) await first.EnsureApiKeyAsync(key, "first", default);
        await using var second = Build(folder.FullName);

        await second.EnsureApiKeyAsync(key, "first", default);
        var found = await ((ApiKeys)second.Services.GetService(typeof(ApiKeys))!).FindAsync(key, default);

        Assert.Equal("acme", found?.Tenant);
        Assert.Equal(Scopes.OfATenant.Order(), found!.Scopes.Order());
        folder.Delete(true);
    }

    [Theory]
    [InlineData(null, "x")]
    [InlineData("no tenant:id", "x")]
    public async Task The_command_refuses_what_is_no_tenant(string? tenant, string name)
    {
        Assert.Equal(2, await FirstKey.CreateAsync(Builder("unused", tenant, name)));
    }

    [Fact]
    public async Task The_command_does_not_make_a_key_in_memory()
    {
        Assert.Equal(2, await FirstKey.CreateAsync(Builder(":memory:", "acme")));
    }

    [Fact]
    public void The_gateway_does_not_start_without_its_hash_secret()
    {
        var refusal = Assert.Throws<OptionsValidationException>(() => Build(":memory:", secret: "short").Services.GetService(typeof(IOptions<GatewayOptions>)) is IOptions<GatewayOptions> options ? options.Value : null);

        Assert.Contains("Gateway:KeyHashSecret is required", refusal.Message, StringComparison.Ordinal);
    }

    private static WebApplication Build(string path, string secret = "a-secret-for-hashes-of-32-characters") => Builder(path, secret: secret).Build();

    private static WebApplicationBuilder Builder(string path, string? tenant = null, string name = "first", string secret = "a-secret-for-hashes-of-32-characters")
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Hosting:ServiceTokens:0"] = new string('t', 32),
            ["Hosting:Peers:dispatcher"] = "http://127.0.0.1:9",
            ["Hosting:Peers:credits"] = "http://127.0.0.1:9",
            ["Gateway:KeyHashSecret"] = secret,
            ["Store:Path"] = path,
            ["tenant"] = tenant,
            ["name"] = name,
        });
        builder.Logging.ClearProviders();
        return builder.AddGateway();
    }
}
