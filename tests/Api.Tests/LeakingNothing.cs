using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Pennypost.Gateway;
using Topology;

namespace Pennypost.Api.Tests;

/// <summary>
/// Point 9 of the security checklist: secrets and people go every way that there is, and neither logs nor traces nor refusals have a word of them. Ids of the caller's own making (messages, pools, accounts) are not
/// people, and are named so that somebody can look.
/// </summary>
public sealed class LeakingNothing : IAsyncLifetime
{
    private const string Mark = "canary";
    private const string Secret = "canary-secret-of-the-webhooks";
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly OverheardApi _running = new();
    private readonly List<string> _errors = [];
    private int _marks;

    public Task InitializeAsync() => _running.InitializeAsync();

    public Task DisposeAsync() => _running.DisposeAsync();

    [Fact]
    public async Task Logs_traces_and_refusals_have_no_secret_and_nobody_in_them()
    {
        await using var provider = await RudeProvider.StartAsync();
        using var mail = new RudeMailServer();
        using var sandbox = _running.Sandbox();
        _running.Overheard.ProviderPorts.UnionWith([sandbox.BaseAddress!.Port, provider.Address.Port]);
        var world = await _running.WorldAsync("listened");
        var (grpc, rest) = (new GrpcFace(_running.Channel, world.Key), new RestFace(_running.Http, world.Key));

        var secrets = new List<string> { world.Key.Text.Reveal(), _running.Keys.ServiceToken, _running.Keys.IdentifierKey, _running.Keys.ProviderKey, "a-secret-of-the-tests" };
        await CampaignAsync(grpc, sandbox, world);
        await WebhooksAsync(world);
        secrets.AddRange(await EveryFieldAsync(grpc, rest, world));
        await ImportAsync(world);
        await BadProviderAsync(grpc, provider, mail, world);
        await StrangersAsync();
        await _running.DisposeAsync();

        Assert.True(_running.Overheard.Lines > 200 && _running.Overheard.Spans > 1_000, $"{_running.Overheard.Lines} lines and {_running.Overheard.Spans} spans were heard.");
        Assert.True(_errors.Count > 300, $"{_errors.Count} refusals were read.");
        var told = secrets.Prepend(Mark).SelectMany(_running.Overheard.With).ToList();
        Assert.True(told.Count == 0, $"{told.Count} were told of, of {_marks}:\n{string.Join('\n', told.Take(40))}");
        var refused = _errors.Where(error => secrets.Prepend(Mark).Any(canary => error.Contains(canary, StringComparison.OrdinalIgnoreCase))).ToList();
        Assert.True(refused.Count == 0, $"{refused.Count} refusals tell:\n{string.Join('\n', refused.Take(40))}");
    }

    /// <summary>A campaign to people of that name, by every channel, with answers, an accepted invitation, and faults of the provider on the way.</summary>
    private async Task CampaignAsync(GrpcFace grpc, HttpClient sandbox, World world)
    {
        var degrees = new[] { "first", "second", "third", "third", "second", "third" };
        var people = degrees.Select((degree, i) => (Id: $"{Mark}-person-{i}", Degree: degree)).ToList();
        await sandbox.OrderAsync("sandbox/v1/world", new { keep_existing = true, prospects = people.Select(one => new { id = one.Id, degree = one.Degree, first_name = $"{Mark}-first" }) });
        var url = new Uri(_running.Http.BaseAddress!, $"v1/webhooks/provider/{world.Tenant}/main");
        foreach (var source in new[] { "messaging", "users" })
            await sandbox.OrderAsync("api/v1/webhooks", new { request_url = url, source, headers = new[] { new { key = "Unipile-Auth", value = "a-secret-of-the-tests" }, new { key = "Content-Type", value = "application/json" } } });
        var account = world.Example("PutAccount");
        account["account"]!["spacing"] = "0s";
        account["account"]!["displayName"] = $"{Mark}-seat-holder";
        await OkAsync(grpc, "PutAccount", account);
        var messages = people.ConvertAll(one => Message(one.Id, world.Account, one.Degree == "second"));
        foreach (var message in messages[..4])
            await OkAsync(grpc, "SendMessage", new JsonObject { ["message"] = message });
        await Eventually.TrueAsync(async () => (await ListAsync(grpc)).Count(message => (string?)message["state"] == "MESSAGE_STATE_SENT") == 4, _patience, "four are sent");
        foreach (var (id, degree) in people[..4])
        {
            if (degree == "second")
                await sandbox.OrderAsync("sandbox/v1/accept", new { account_id = world.Account, prospect_id = id, noticed_after_seconds = 0 });
            else
                await sandbox.OrderAsync("sandbox/v1/reply", new { account_id = world.Account, prospect_id = id, text = $"{Mark} answers" });
        }

        await Eventually.TrueAsync(async () => (await ListAsync(grpc)).Count(message => message["replyTime"] is not null) == 3, _patience, "three replies are known");

        foreach (var fault in new object[]
                 {
                     new { endpoint = "users.invite", kind = "error", type = "cannot_resend_yet", times = 1 },
                     new { endpoint = "chats.start", kind = "drop_after", times = 1 },
                     new { endpoint = "users.profile", kind = "http", status = 502, times = 1 },
                 })
            await sandbox.OrderAsync("sandbox/v1/faults", fault);
        foreach (var message in messages[4..])
            await OkAsync(grpc, "SendMessage", new JsonObject { ["message"] = message });
        await Eventually.TrueAsync(async () => (await ListAsync(grpc)).Count(message => (string?)message["state"] is "MESSAGE_STATE_INDETERMINATE" or "MESSAGE_STATE_WAITING" or "MESSAGE_STATE_SKIPPED") >= 2, _patience, "two have met faults");
    }

    /// <summary>A provider and a mail server that repeat in their refusals whom they were asked about, and with what key.</summary>
    private async Task BadProviderAsync(GrpcFace grpc, RudeProvider provider, RudeMailServer mail, World world)
    {
        await OkAsync(grpc, "PutConnection", new JsonObject
        {
            ["connection"] = new JsonObject { ["connectionId"] = "rude", ["baseUrl"] = provider.Address.ToString(), ["apiKey"] = $"{Mark}-provider-key", ["webhookSecret"] = Secret },
        });
        await OkAsync(grpc, "PutConnection", new JsonObject
        {
            ["connection"] = new JsonObject
            {
                ["connectionId"] = "mail",
                ["smtp"] = new JsonObject
                {
                    ["host"] = "127.0.0.1",
                    ["port"] = mail.Port,
                    ["security"] = "SMTP_SECURITY_NONE",
                    ["user"] = $"{Mark}-mailbox",
                    ["password"] = $"{Mark}-password",
                    ["fromAddress"] = $"{Mark}@seat.example",
                },
            },
        });
        await OkAsync(grpc, "PutAccount", new JsonObject
        {
            ["account"] = new JsonObject { ["accountId"] = "rude-seat", ["connectionId"] = "rude", ["emailConnectionId"] = "mail", ["tier"] = "TIER_PREMIUM", ["spacing"] = "0s" },
        });
        foreach (var id in Enumerable.Range(0, 6).Select(i => $"{Mark}-nobody-{i}"))
            await OkAsync(grpc, "SendMessage", new JsonObject { ["message"] = Message(id, "rude-seat", invited: false) });
        // And a letter, which no other way carries.
        var account = world.Example("PutAccount");
        account["account"]!["spacing"] = "0s";
        account["account"]!["emailConnectionId"] = "mail";
        await OkAsync(grpc, "PutAccount", account);
        var letter = Message($"{Mark}-reader", world.Account, invited: false);
        letter["content"] = new JsonObject { ["subject"] = $"About {Mark}", ["email"] = $"A letter to {Mark}" };
        await OkAsync(grpc, "SendMessage", new JsonObject { ["message"] = letter });
        await Eventually.TrueAsync(() => provider.Asked >= 3 && mail.Refused >= 1, _patience, "provider and mail server were asked");
    }

    private JsonObject Message(string person, string account, bool invited)
    {
        _marks += 6;
        return new JsonObject
        {
            ["messageId"] = person.Replace(Mark, "c", StringComparison.Ordinal),
            ["prospect"] = new JsonObject
            {
                ["profile"] = person,
                ["firstName"] = $"{Mark}-first",
                ["lastName"] = $"{Mark}-last",
                ["company"] = $"{Mark} Inc",
                ["title"] = $"{Mark} officer",
                ["email"] = $"{person}@{Mark}.example",
            },
            ["content"] = invited ? new JsonObject { ["note"] = $"Hello {Mark}" } : new JsonObject { ["subject"] = $"About {Mark}", ["body"] = $"Dear {Mark}", ["email"] = $"A letter to {Mark}" },
            ["priority"] = "PRIORITY_HIGH",
            ["accountIds"] = new JsonArray(account),
        };
    }

    /// <summary>What the provider's webhooks could say, true and false.</summary>
    private async Task WebhooksAsync(World world)
    {
        using var http = new HttpClient { BaseAddress = _running.Http.BaseAddress };
        string[] bodies =
        [
            $$"""{"event":"message_received","account_id":"{{world.Account}}","chat_id":"{{Mark}}-chat","message_id":"{{Mark}}-m","message":"{{Mark}} says","sender":{"attendee_provider_id":"{{Mark}}-x","attendee_name":"{{Mark}} Name","attendee_profile_url":"https://www.linkedin.com/in/{{Mark}}"},"timestamp":"2026-11-27T00:00:00Z"}""",
            $$"""{"event":"new_relation","account_id":"{{world.Account}}","user_full_name":"{{Mark}} Name","user_provider_id":"{{Mark}}-y","user_public_identifier":"{{Mark}}-y"}""",
            $$"""{"event":"{{Mark}}","account_id":"nobody-{{Mark}}","message":"{{Mark}}"}""",
            $$"""{"{{Mark}}": """, $$"""["{{Mark}}"]""", $"{Mark}",
        ];
        foreach (var secret in new[] { "a-secret-of-the-tests", $"{Mark}-wrong-secret" })
        {
            foreach (var body in bodies)
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, $"v1/webhooks/provider/{world.Tenant}/main") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
                request.Headers.Add("Unipile-Auth", secret);
                await ReadAsync(await http.SendAsync(request));
            }
        }
    }

    /// <summary>Every text of every request in turn: by gRPC, then by REST. Answers the secrets that the API itself made on the way.</summary>
    private async Task<List<string>> EveryFieldAsync(GrpcFace grpc, RestFace rest, World world)
    {
        var made = new List<string>();
        foreach (var rpc in PublicCalls.All.Select(method => method.Name).Where(rpc => rpc != World.Endless))
        {
            foreach (var request in Marked.Requests(rpc, world.Example(rpc), () => $"{Mark}-{_marks++}"))
            {
                Note(await grpc.CallAsync(rpc, request.ToByteArray()));
                if (await rest.TryCallAsync(rpc, (JsonObject)JsonNode.Parse(JsonFormatter.Default.Format(request))!) is { } answered)
                    Note(answered);
            }
        }

        return made;

        void Note(Answered answered)
        {
            if (answered.Code != "OK")
                _errors.Add($"{answered.Code} {answered.Reason} {answered.Text} {string.Join(' ', answered.Violations)}");
            else if (answered.Json is JsonObject json && (string?)json["secret"] is { Length: > 0 } secret)
                made.Add(secret);
        }
    }

    private async Task ImportAsync(World world)
    {
        using var http = new HttpClient { BaseAddress = _running.Http.BaseAddress };
        http.DefaultRequestHeaders.Authorization = new("Bearer", world.Key.Text.Reveal());
        foreach (var file in new[]
                 {
                     $"profile,first_name,subject,body,priority\nhttps://www.linkedin.com/in/{Mark}-row,{Mark},About {Mark},Dear {Mark},high\nnot a profile {Mark},{Mark},{Mark},{Mark},{Mark}\n",
                     $"{Mark},{Mark}\n\"{Mark}",
                 })
        {
            using var content = new StringContent(file, Encoding.UTF8, "text/csv");
            // The report of an import shows its own row again to who sent it; that is no refusal.
            using var response = await http.PostAsync("v1/messages:importCsv?import_id=list", content);
            _ = await response.Content.ReadAsStringAsync();
        }
    }

    /// <summary>Who has no key, or one that is made up; and what is no request.</summary>
    private async Task StrangersAsync()
    {
        foreach (var credential in new[] { $"Bearer {Mark}", $"Bearer pp_live_{Mark}.{Mark}.{Mark}", $"Basic {Mark}" })
        {
            using var http = new HttpClient { BaseAddress = _running.Http.BaseAddress };
            http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", credential);
            await ReadAsync(await http.GetAsync("v1/pools"));
            await ReadAsync(await http.PostAsync("v1/messages", new StringContent($$"""{"message": {"{{Mark}}": 1} }""", Encoding.UTF8, "application/json")));
        }
    }

    private async Task ReadAsync(HttpResponseMessage response)
    {
        using (response)
        {
            if (!response.IsSuccessStatusCode)
                _errors.Add(await response.Content.ReadAsStringAsync());
        }
    }

    private static async Task<JsonNode> OkAsync(GrpcFace grpc, string rpc, JsonObject request)
    {
        var answered = await grpc.CallAsync(rpc, request);
        Assert.True(answered.Code == "OK", $"{rpc}: {answered}");
        return answered.Json!;
    }

    private static async Task<List<JsonNode>> ListAsync(GrpcFace grpc) => [.. (await OkAsync(grpc, "ListMessages", new JsonObject { ["pageSize"] = 100 }))["messages"]!.AsArray().Select(message => message!)];

    /// <summary>Refuses whatever it is asked, and says again what that was: its address, its key, its body.</summary>
    private sealed class RudeProvider : IAsyncDisposable
    {
        private readonly WebApplication _app;
        private int _asked;

        private RudeProvider(WebApplication app) => _app = app;

        public Uri Address => new(_app.Urls.First());

        public int Asked => Volatile.Read(ref _asked);

        public static async Task<RudeProvider> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            var provider = new RudeProvider(app);
            app.MapFallback(async (HttpContext http) =>
            {
                var asked = Interlocked.Increment(ref provider._asked);
                var body = await new StreamReader(http.Request.Body).ReadToEndAsync();
                var said = $"{http.Request.Path} {http.Request.Headers["X-API-KEY"]} {Mark} {body}";
                http.Response.StatusCode = (asked % 4) switch { 0 => 500, 1 => 400, 2 => 422, _ => 200 };
                if (asked % 4 == 3)
                    await http.Response.WriteAsync($"<html>{said}</html>");
                else
                    await http.Response.WriteAsJsonAsync(new { status = http.Response.StatusCode, type = $"errors/{Mark}", title = said, detail = said });
            });
            await app.StartAsync();
            return provider;
        }

        public async ValueTask DisposeAsync()
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }
    }

    /// <summary>Knows nobody, and says so by name.</summary>
    private sealed class RudeMailServer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private int _refused;

        public RudeMailServer()
        {
            _listener.Start();
            _ = ServeAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public int Refused => Volatile.Read(ref _refused);

        public void Dispose() => _listener.Dispose();

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                    _ = TalkAsync(await _listener.AcceptTcpClientAsync());
            }
            catch (SocketException)
            {
                // The test is over.
            }
            catch (ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private async Task TalkAsync(TcpClient client)
        {
            using var connection = client;
            try
            {
                using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
                await using var writer = new StreamWriter(client.GetStream(), Encoding.ASCII) { NewLine = "\r\n", AutoFlush = true };
                await writer.WriteLineAsync("220 rude");
                while (await reader.ReadLineAsync() is { } line)
                {
                    await writer.WriteLineAsync(
                        line.StartsWith("EHLO", StringComparison.OrdinalIgnoreCase) ? "250-rude\r\n250 AUTH PLAIN"
                        : line.StartsWith("AUTH", StringComparison.OrdinalIgnoreCase) ? $"235 welcome {Mark}"
                        : line.StartsWith("MAIL", StringComparison.OrdinalIgnoreCase) ? "250 go on"
                        : line.StartsWith("QUIT", StringComparison.OrdinalIgnoreCase) ? "221 bye"
                        : string.Create(CultureInfo.InvariantCulture, $"550 5.1.{Interlocked.Increment(ref _refused)} {line}: nobody of that name, {Mark}"));
                }
            }
            catch (IOException)
            {
                // Whoever it was went away.
            }
        }
    }
}
