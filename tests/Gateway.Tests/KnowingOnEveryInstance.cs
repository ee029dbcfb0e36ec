using System.Diagnostics;
using Pennypost.Gateway.Keys;

namespace Pennypost.Gateway.Tests;

// F69: what one instance is told, every other one knows within a second.
public sealed class KnowingOnEveryInstance : IAsyncLifetime
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("pennypost");
    private RunningGateway told = null!;
    private RunningGateway other = null!;

    [Theory]
    [InlineData("DELETE", "/v1/apiKeys/$key?tenantId=debtor", null, 401)]
    [InlineData("POST", "/v1/apiKeys/$key:rotate", """{"tenantId": "debtor", "overlap": "0s"}""", 401)]
    [InlineData("PUT", "/v1/tenants/debtor", """{"suspended": true}""", 403)]
    public async Task A_key_that_was_revoked_rotated_or_whose_tenant_was_suspended_is_refused_there_too(string verb, string path, string? body, int status)
    {
        using var operators = told.Client(await told.KeyAsync("operators", Scopes.All));
        var key = await told.KeyAsync("debtor", Scopes.OfATenant);
        using var there = other.Client(key);
        Assert.Equal(200, (await other.SendAsync("GET", "/v1/messages", client: there)).Status);

        Assert.Equal(200, (await told.SendAsync(verb, path.Replace("$key", key.KeyId, StringComparison.Ordinal), body, operators)).Status);
        var watch = Stopwatch.StartNew();
        Answer answer;
        do
        {
            Assert.InRange(watch.Elapsed.TotalSeconds, 0, 1);
            await Task.Delay(20);
            answer = await other.SendAsync("GET", "/v1/messages", client: there);
        }
        while (answer.Status == 200);

        Assert.Equal(status, answer.Status);
    }

    public async Task InitializeAsync()
    {
        var settings = new Dictionary<string, string?> { ["Store:Path"] = folder.FullName };
        (told, other) = (new RunningGateway(settings), new RunningGateway(settings));
        await told.InitializeAsync();
        await other.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        await told.DisposeAsync();
        await other.DisposeAsync();
        folder.Delete(true);
    }
}
