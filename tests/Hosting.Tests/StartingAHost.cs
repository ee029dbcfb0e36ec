using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using Pennypost.Credits.V1;

namespace Pennypost.Hosting.Tests;

public sealed class StartingAHost
{
    [Theory]
    [InlineData("Hosting:ServiceTokens:0", "too-short", "ServiceTokens:0")]
    [InlineData("Hosting:Address", "localhost", "Address")]
    [InlineData("Hosting:GrpcPort", "70000", "GrpcPort")]
    [InlineData("Hosting:MaxUnarySeconds", "0", "MaxUnarySeconds")]
    [InlineData("Hosting:Peers:credits", "ftp://somewhere", "Peers:credits")]
    [InlineData("Hosting:Peers:credits", "", "Peers:credits must be an http or https address")]
    [InlineData("Hosting:Peers:credits", "http://a:1,https://b:1", "Peers:credits must list addresses of one scheme")]
    [InlineData("Hosting:Peers:credits", "http://a:1, http://a:1", "Peers:credits must list each address once; 'http://a:1' is there twice")]
    [InlineData("Hosting:Peers:credits", "http://a:1/path", "Peers:credits must list addresses of scheme, host and port only; 'http://a:1/path' has more")]
    [InlineData("Hosting:Peers:credits", "dns:///credits", "Peers:credits must be dns:///name:port")]
    [InlineData("Hosting:Peers:credits", "dns://8.8.8.8/credits:7001", "Peers:credits must be dns:///name:port")]
    [InlineData("Hosting:Peers:credits", "dns:///a:1,http://b:1", "Peers:credits must be one dns:/// name, or a list of addresses, not both")]
    [InlineData("Hosting:CertificatePath", "server.pem", "CertificatePath")]
    [InlineData("Hosting:ClientCaPath", "no-such-file.pem", "ClientCaPath needs CertificatePath")]
    [InlineData("Hosting:PeerCaPath", "no-such-file.pem", "PeerCaPath must name a readable PEM file with certificates")]
    public async Task Stops_with_a_clear_line_when_a_setting_is_wrong(string key, string value, string named)
    {
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => TestHost.StartAsync(new() { [key] = value }));

        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logs_as_JSON_with_the_trace_of_each_line_where_that_is_asked_for()
    {
        await using var host = await TestHost.StartAsync(new() { ["Hosting:JsonLogs"] = "true", ["Logging:Console:LogLevel:Default"] = "None" });

        Assert.Equal(ConsoleFormatterNames.Json, host.Services.GetRequiredService<IOptions<ConsoleLoggerOptions>>().Value.FormatterName);
        Assert.True(host.Services.GetRequiredService<IOptions<JsonConsoleFormatterOptions>>().Value is { IncludeScopes: true, UseUtcTimestamp: true });
    }

    [Fact]
    public async Task Names_everything_that_is_wrong_at_once()
    {
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => TestHost.StartAsync(new()
        {
            ["Hosting:Peers:credits"] = "http://a:1,ftp://b:2,nonsense,http://a:1",
            ["Hosting:Peers:router"] = "dns:router",
            ["Hosting:Address"] = "localhost",
        }));

        foreach (var named in new[] { "'ftp://b:2' is none", "'nonsense' is none", "'http://a:1' is there twice", "Peers:router must be dns:///name:port", "Address must be an IP address" })
            Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stops_when_a_peer_has_no_address()
    {
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() =>
            TestHost.StartAsync(configure: pennypost => pennypost.AddPeer<CreditsService.CreditsServiceClient>("ledger")));

        Assert.Contains("Hosting:Peers:ledger is missing", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_shows_itself_nowhere()
    {
        var secret = new Secret("canary-secret-of-some-length");

        Assert.DoesNotContain("canary", $"{secret}", StringComparison.Ordinal);
        Assert.DoesNotContain("canary", System.Text.Json.JsonSerializer.Serialize(secret), StringComparison.Ordinal);
        Assert.True(secret.Matches("canary-secret-of-some-length"));
        Assert.False(secret.Matches("canary-secret-of-some-lengtH"));
        Assert.False(secret.Matches(null));
        Assert.False(new Secret("").Matches(null));
    }
}
