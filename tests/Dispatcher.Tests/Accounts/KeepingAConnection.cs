using System.Text;
using Grpc.Core;
using Pennypost.Dispatcher.Accounts;
using Pennypost.Dispatcher.Accounts.Calls;
using Pennypost.Dispatcher.V1;
using Pennypost.Errors.V1;
using Pennypost.Hosting;
using Shown = Pennypost.Types.V1;

namespace Dispatcher.Tests.Accounts;

public sealed class KeepingAConnection
{
    [Theory]
    [InlineData("https://api1.unipile.com:13111", true)]
    [InlineData("https://api1.unipile.com:13111/", true)]
    [InlineData("http://127.0.0.1:9000", true)]
    [InlineData("http://localhost:9000", true)]
    [InlineData("http://[::1]:9000", true)]
    [InlineData("http://api1.unipile.com", false)]
    [InlineData("http://127.0.0.1.example.com", false)]
    [InlineData("https://user:password@api1.unipile.com", false)]
    [InlineData("https://api1.unipile.com/api/v1", false)]
    [InlineData("https://api1.unipile.com/?x=1", false)]
    [InlineData("ftp://api1.unipile.com", false)]
    [InlineData("file:///etc/passwd", false)]
    [InlineData("api1.unipile.com", false)]
    [InlineData("", false)]
    public void Takes_https_and_http_only_to_this_machine(string baseUrl, bool good)
    {
        var violations = new Violations();
        var wanted = AccountRequests.Parse(new Shown.Connection { ConnectionId = "c1", BaseUrl = baseUrl, ApiKey = "key-key-key" }, violations);
        Assert.Equal((good, !good), (wanted is not null, violations.Any));
        Assert.All(violations.All, violation => Assert.Equal("connection.base_url", violation.Field));
    }

    [Fact]
    public void Names_everything_that_is_wrong_at_once()
    {
        var violations = new Violations();
        Assert.Null(AccountRequests.Parse(new Shown.Connection { BaseUrl = "http://x", ApiKey = "with space\r\nX: y", WebhookSecret = "short" }, violations));
        Assert.Equal(["connection.connection_id", "connection.base_url", "connection.api_key", "connection.webhook_secret"], violations.All.Select(violation => violation.Field));
        Assert.DoesNotContain(violations.All, violation => violation.Description.Contains("short", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Answers_it_without_its_secrets_and_keeps_those_that_are_not_given_again()
    {
        await using var accounts = await RunningAccounts.StartAsync();
        var calls = accounts.Get<ConnectionCalls>();
        var shown = (await calls.HandleAsync(RunningAccounts.Caller, new PutConnectionRequest { Connection = accounts.Connection() }, default)).Connection;
        Assert.Equal(("", "", true), (shown.ApiKey, shown.WebhookSecret, shown.HasApiKey));
        await calls.HandleAsync(RunningAccounts.Caller, new PutConnectionRequest { Connection = shown }, default);
        var kept = await accounts.Get<Connections>().FindAsync(RunningAccounts.Tenant, "c1", default);
        Assert.Equal("test-key-0123", kept!.Provider.ApiKey.Reveal());
        Assert.True(kept.WebhookSecret!.Matches("a-webhook-secret-of-ours"));
        Assert.False(kept.WebhookSecret.Matches("a-webhook-secret-of-other"));
        Assert.DoesNotContain(accounts.Lines.All, line => line.Contains("test-key", StringComparison.Ordinal) || line.Contains("a-webhook", StringComparison.Ordinal));
        Assert.DoesNotContain("test-key", kept.ToString(), StringComparison.Ordinal);

        var missing = await Assert.ThrowsAnyAsync<RpcException>(() => calls.HandleAsync("other", new GetConnectionRequest { ConnectionId = "c1" }, default));
        Assert.Equal(ErrorReason.ConnectionNotFound, RunningAccounts.Fault(missing).ErrorReason);
    }

    [Fact]
    public async Task Needs_a_key_when_it_is_new()
    {
        await using var accounts = await RunningAccounts.StartAsync();
        var keyless = accounts.Connection();
        keyless.ApiKey = "";
        var refused = await Assert.ThrowsAnyAsync<RpcException>(() => accounts.Get<ConnectionCalls>().HandleAsync(RunningAccounts.Caller, new PutConnectionRequest { Connection = keyless }, default));
        Assert.Equal("connection.api_key", Assert.Single(RunningAccounts.Fault(refused).Violations).Field);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Protects_secrets_at_rest_where_a_key_ring_is_configured(bool protect)
    {
        var folder = Directory.CreateTempSubdirectory("pennypost-keys-");
        try
        {
            await using var accounts = await RunningAccounts.StartAsync(
                """{"id":"bob"}""", 0, ("Store:Path", Path.Combine(folder.FullName, "dispatcher.db")), ("Dispatcher:KeyRingPath", protect ? folder.FullName : ""));
            await accounts.Get<ConnectionCalls>().HandleAsync(RunningAccounts.Caller, new PutConnectionRequest { Connection = accounts.Connection() }, default);
            Assert.Equal("test-key-0123", (await accounts.Get<Connections>().FindAsync(RunningAccounts.Tenant, "c1", default))!.Provider.ApiKey.Reveal());
            var bytes = new StringBuilder();
            foreach (var file in folder.GetFiles("dispatcher.db*"))
            {
                using var stream = file.Open(FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                using var reader = new StreamReader(stream, Encoding.Latin1);
                bytes.Append(await reader.ReadToEndAsync());
            }

            Assert.Equal(!protect, bytes.ToString().Contains("test-key-0123", StringComparison.Ordinal));
            Assert.Equal(!protect, accounts.Lines.All.Any(line => line.Contains("No key ring is configured", StringComparison.Ordinal)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
