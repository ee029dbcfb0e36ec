using System.Net;
using System.Net.Sockets;
using Dispatcher.Tests.Email;
using Dispatcher.Tests.EndToEnd;
using Grpc.Core;
using Pennypost.Dispatcher.Email;
using Pennypost.Dispatcher.Provider;
using Pennypost.Errors.V1;
using Pennypost.Hosting;
using Pennypost.Types.V1;

namespace Dispatcher.Tests.Provider;

/// <summary>What a connection is good for, found out by one call and told in documented words (F71).</summary>
public sealed class TestingAConnection
{
    private const string Page = """{"object":"AccountList","items":[],"cursor":null}""";

    public static TheoryData<string, int, string, string, string> Answers => new()
    {
        { "lists accounts", 200, Page, "WebhookSecretMissing", "" },
        { "is a page of somebody's", 200, "<html>", "NotTheApi", "http_200" },
        { "is another's JSON", 200, """{"ok":true}""", "NotTheApi", "http_200" },
        { "has items that are none", 200, """{"items":"many"}""", "NotTheApi", "http_200" },
        { "goes elsewhere", 302, "", "NotTheApi", "http_302" },
        { "knows no such path", 404, "<html>", "NotTheApi", "http_404" },
        { "refuses the key", 401, """{"type":"errors/invalid_credentials","detail":"key sk_live_1234 is bad"}""", "CredentialRefused", "invalid_credentials" },
        { "refuses the key without a word", 401, "", "CredentialRefused", "http_401" },
        { "forbids", 403, """{"type":"errors/insufficient_permissions"}""", "CredentialRefused", "insufficient_permissions" },
        { "forbids without a word", 403, "", "CredentialRefused", "http_403" },
        { "has too much to do", 429, """{"type":"errors/too_many_requests"}""", "ServerFailing", "too_many_requests" },
        { "is down", 503, """{"type":"errors/service_unavailable"}""", "ServerFailing", "service_unavailable" },
        { "is down behind a proxy", 502, "<html>", "ServerFailing", "http_502" },
        { "makes words up", 500, """{"type":"errors/the password is swordfish"}""", "ServerFailing", "http_500" },
        { "does not serve this", 501, """{"type":"errors/feature_not_implemented"}""", "ServerFailing", "feature_not_implemented" },
        { "asks for other parameters", 400, """{"type":"errors/invalid_parameters"}""", "ServerFailing", "invalid_parameters" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void An_answer_that(string what, int status, string body, string finding, string detail)
    {
        var answer = new HttpReply.Answer(status, Json.Parse(System.Text.Encoding.UTF8.GetBytes(body)), null);

        var test = ConnectionFindings.Of(answer, hasWebhookSecret: false);

        Assert.True((test.Finding.ToString(), test.Detail) == (finding, detail), $"{what}: {test}");
        Assert.Equal(finding == "WebhookSecretMissing" ? "Ok" : finding, ConnectionFindings.Of(answer, hasWebhookSecret: true).Finding.ToString());
    }

    [Theory]
    [InlineData("timeout", "TimedOut", "")]
    [InlineData("NameResolutionError", "Unreachable", "name_resolution_error")]
    [InlineData("ConnectionError", "Unreachable", "connection_error")]
    [InlineData("connection_lost", "Unreachable", "connection_lost")]
    [InlineData("ResponseEnded", "Unreachable", "response_ended")]
    [InlineData("SecureConnectionError", "EncryptionRefused", "")]
    [InlineData("InvalidResponse", "NotTheApi", "invalid_response")]
    [InlineData("answer_too_large", "NotTheApi", "answer_too_large")]
    public void A_call_that_was_lost(string why, string finding, string detail)
    {
        var test = ConnectionFindings.Of(new HttpReply.Lost(why), hasWebhookSecret: true);
        Assert.Equal((finding, detail), (test.Finding.ToString(), test.Detail));
    }

    [Theory]
    [InlineData("circuit_open", "NotCalled")]
    [InlineData("too_many_calls", "NotCalled")]
    [InlineData("cancelled", "TimedOut")]
    [InlineData("no_time_left", "TimedOut")]
    public void A_call_that_was_not_made(string why, string finding) =>
        Assert.Equal(finding, ConnectionFindings.Of(new HttpReply.NotWritten(why, true), hasWebhookSecret: true).Finding.ToString());

    [Theory]
    [InlineData(SmtpStage.Login, SmtpEnd.Accepted, 250, "Ok", "")]
    [InlineData(SmtpStage.Connect, SmtpEnd.NotOffered, 0, "Unreachable", "smtp_not_offered_connect")]
    [InlineData(SmtpStage.Connect, SmtpEnd.Lost, 0, "Unreachable", "smtp_lost_connect")]
    [InlineData(SmtpStage.Connect, SmtpEnd.TryLater, 421, "ServerFailing", "smtp_421_connect")]
    [InlineData(SmtpStage.Connect, SmtpEnd.Refused, 554, "ServerFailing", "smtp_554_connect")]
    [InlineData(SmtpStage.Tls, SmtpEnd.NotOffered, 0, "EncryptionRefused", "smtp_not_offered_tls")]
    [InlineData(SmtpStage.Tls, SmtpEnd.Lost, 0, "Unreachable", "smtp_lost_tls")]
    [InlineData(SmtpStage.Login, SmtpEnd.Refused, 535, "CredentialRefused", "smtp_535_login")]
    [InlineData(SmtpStage.Login, SmtpEnd.NotOffered, 0, "CredentialRefused", "smtp_not_offered_login")]
    [InlineData(SmtpStage.Login, SmtpEnd.TryLater, 454, "ServerFailing", "smtp_454_login")]
    public void A_mail_server_that_ends_the_greeting(SmtpStage stage, SmtpEnd end, int status, string finding, string detail)
    {
        var test = ConnectionFindings.Of(new MailGreeting.Ended(stage, end, status));
        Assert.Equal((finding, detail), (test.Finding.ToString(), test.Detail));
    }

    [Fact]
    public void Accounts_are_listed_by_ids_and_known_words_alone()
    {
        var list = Json.Parse(System.Text.Encoding.UTF8.GetBytes("""
            {"items":[{"id":"ann","type":"LINKEDIN","name":"Ann Árvai","sources":[{"status":"OK"}],"connection_params":{"im":{"cookie":"secret"}}},
                      {"id":"bob","type":"LINKEDIN","sources":[{"status":"CREDENTIALS"}]},
                      {"id":"cyd","type":"what a type <b>","sources":[{"status":"CONNECTING"}]},
                      {"id":"no id at all"}, {}],
             "cursor":"more"}
            """));

        var test = ConnectionFindings.Of(new HttpReply.Answer(200, list, null), hasWebhookSecret: true);

        Assert.Equal(
            [("ann", "LINKEDIN", AccountState.Ok), ("bob", "LINKEDIN", AccountState.Disconnected), ("cyd", "", AccountState.Unspecified)],
            test.Accounts.Select(account => (account.AccountId, account.ProviderType, account.State)));
        Assert.True(test.HasMoreAccounts);
        Assert.DoesNotContain("secret", test.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_provider_is_called_once_and_what_it_says_is_told_F71()
    {
        await using var installation = await Installation.StartAsync(settings: new() { ["Dispatcher:Provider:AttemptSeconds"] = "0.5" });
        await installation.SenderAsync("ann", 2);
        var asked = await CallsAsync(installation);

        var well = await TestAsync(installation, "sandbox");

        Assert.Equal((ConnectionFinding.Ok, "ann", "LINKEDIN", AccountState.Ok, true), (well.Finding, well.Accounts[0].AccountId, well.Accounts[0].ProviderType, well.Accounts[0].State, well.HasWebhookSecret));
        Assert.Equal(asked + 1, await CallsAsync(installation));

        // A fault is met once and not tried away.
        await installation.ControlAsync("faults", """{"endpoint":"accounts.list","kind":"error","type":"service_unavailable","times":1}""");
        Assert.Equal((ConnectionFinding.ServerFailing, "service_unavailable"), await TestAsync(installation, "sandbox") is var down ? (down.Finding, down.Detail) : default);
        Assert.Equal(ConnectionFinding.Ok, (await TestAsync(installation, "sandbox")).Finding);
        await installation.ControlAsync("faults", """{"endpoint":"accounts.list","kind":"delay_after","times":1,"delay_ms":2000}""");
        Assert.Equal(ConnectionFinding.TimedOut, (await TestAsync(installation, "sandbox")).Finding);

        await PutAsync(installation, new Connection { ConnectionId = "wrong-key", BaseUrl = installation.Sandbox.BaseAddress!.ToString(), ApiKey = "not-the-key-at-all", WebhookSecret = Installation.WebhookSecret });
        var refused = await TestAsync(installation, "wrong-key");
        Assert.Equal((ConnectionFinding.CredentialRefused, 0), (refused.Finding, refused.Accounts.Count));
        Assert.DoesNotContain("not-the-key", refused.ToString(), StringComparison.Ordinal);

        await PutAsync(installation, new Connection { ConnectionId = "no-secret", BaseUrl = installation.Sandbox.BaseAddress!.ToString(), ApiKey = Installation.ProviderKey });
        Assert.Equal((ConnectionFinding.WebhookSecretMissing, "ann"), await TestAsync(installation, "no-secret") is var deaf ? (deaf.Finding, deaf.Accounts[0].AccountId) : default);

        await PutAsync(installation, new Connection { ConnectionId = "nobody", BaseUrl = $"http://127.0.0.1:{FreePort()}", ApiKey = Installation.ProviderKey });
        Assert.Equal((ConnectionFinding.Unreachable, "connection_error"), await TestAsync(installation, "nobody") is var nobody ? (nobody.Finding, nobody.Detail) : default);

        var missing = await Assert.ThrowsAnyAsync<RpcException>(async () => await installation.Dispatcher.TestConnectionAsync(new() { ConnectionId = "sandbox" }, Installation.As("other")));
        Assert.Equal(ErrorReason.ConnectionNotFound, RpcFault.From(missing).ErrorReason);
        var unnamed = await Assert.ThrowsAnyAsync<RpcException>(async () => await installation.Dispatcher.TestConnectionAsync(new(), Installation.As()));
        Assert.Equal("connection_id", Assert.Single(RpcFault.From(unnamed).Violations).Field);
    }

    [Fact]
    public async Task A_mailbox_is_logged_into_and_no_letter_leaves_F22()
    {
        var (certificate, key) = SmtpServer.Certificate();
        await using var server = await SmtpServer.StartAsync("--tls", "starttls", "--certificate", certificate, "--key", key, "--user", "ann", "--password", "right-password");
        await using var installation = await Installation.StartAsync(settings: new() { ["Dispatcher:Email:ConnectSeconds"] = "1", ["Dispatcher:Email:AuthoritiesPath"] = certificate });

        foreach (var (id, password, finding, detail) in new[]
        {
            ("mail", "right-password", ConnectionFinding.Ok, ""),
            ("wrong", "wrong-password", ConnectionFinding.CredentialRefused, "smtp_535_login"),
        })
        {
            await PutAsync(installation, new Connection { ConnectionId = id, Smtp = new() { Host = "127.0.0.1", Port = server.Port, Security = SmtpSecurity.Starttls, User = "ann", Password = password, FromAddress = "ann@acme.test" } });
            var test = await TestAsync(installation, id);
            Assert.Equal((finding, detail), (test.Finding, test.Detail));
            Assert.DoesNotContain("password", test.ToString(), StringComparison.Ordinal);
        }

        await PutAsync(installation, new Connection { ConnectionId = "gone", Smtp = new() { Host = "127.0.0.1", Port = FreePort(), Security = SmtpSecurity.None, FromAddress = "ann@acme.test" } });
        Assert.Equal(ConnectionFinding.Unreachable, (await TestAsync(installation, "gone")).Finding);
        Assert.Empty(await server.TakenAsync(0));
    }

    private static async Task<ConnectionTest> TestAsync(Installation installation, string connectionId) =>
        (await installation.Dispatcher.TestConnectionAsync(new() { ConnectionId = connectionId }, Installation.As(), DateTime.UtcNow.AddSeconds(20))).Test;

    private static async Task PutAsync(Installation installation, Connection connection) => await installation.Dispatcher.PutConnectionAsync(new() { Connection = connection }, Installation.As());

    private static async Task<int> CallsAsync(Installation installation) =>
        (await installation.LookAsync("ledger")).GetProperty("total_calls").TryGetProperty("accounts.list", out var calls) ? calls.GetInt32() : 0;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
