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
    [InlineData("Hosting:CertificatePath", "server.pem", "CertificatePath")]
    public async Task Stops_with_a_clear_line_when_a_setting_is_wrong(string key, string value, string named)
    {
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => TestHost.StartAsync(new() { [key] = value }));

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
