using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Sandbox.Tests;

/// <summary>The judge must not forget: neither when it is stopped nor when it is killed.</summary>
public sealed class ComingBack : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sandbox").FullName;

    private string WorldPath => Path.Combine(folder, "world.db");

    [Fact]
    public async Task Remembers_the_whole_world_and_its_time()
    {
        string ledger, chats, clock;
        await using (var sandbox = await RunningSandbox.StartAsync(("Path", WorldPath)))
        {
            await sandbox.WorldAsync("""{"accounts":[{"id":"ann","subscriptions":[{"plan":"sales_navigator","balance":5}]}],"prospects":[{"id":"bob"},{"id":"cat","behaviour":{"reply_probability":1}},{"id":"dan"}]}""");
            await sandbox.AdvanceAsync(TimeSpan.FromDays(40));
            await sandbox.StartChatAsync("bob", "Hello", "S", "sales_navigator");
            await sandbox.StartChatAsync("cat", "Hello", "S", "sales_navigator");
            await sandbox.ControlAsync("reply", """{"account_id":"ann","prospect_id":"bob"}""");
            await sandbox.InviteAsync("dan", "Note");
            ledger = WithoutTime(await sandbox.LedgerAsync());
            chats = (await sandbox.GetAsync("/api/v1/chats?account_id=ann")).ToString();
            clock = (await sandbox.GetAsync("/sandbox/v1/clock")).Text("next_due");
        }

        await using (var again = await RunningSandbox.StartAsync(("Path", WorldPath)))
        {
            Assert.Equal(ledger, WithoutTime(await again.LedgerAsync()));
            Assert.Equal(chats, (await again.GetAsync("/api/v1/chats?account_id=ann")).ToString());
            Assert.Equal(clock, (await again.GetAsync("/sandbox/v1/clock")).Text("next_due"));
            Assert.True((await again.GetAsync("/sandbox/v1/clock")).Body.GetProperty("now").GetDateTimeOffset() > DateTimeOffset.UtcNow.AddDays(39));
            Assert.Equal("cannot_resend_yet", (await again.StartChatAsync("cat", "Hello", "S", "sales_navigator")).Type);
            Assert.Equal("already_invited_recently", (await again.InviteAsync("dan")).Type);
            await again.AdvanceAsync(TimeSpan.FromDays(11));
            Assert.Equal(2, (await again.GetAsync("/sandbox/v1/credits?limit=1000")).Items("entries").Count(e => e.GetProperty("move").GetString() == "refunded"));
        }
    }

    /// <summary>When the store cannot write, the call fails and nothing of it has happened: not in memory either.</summary>
    [Fact]
    public async Task Keeps_nothing_of_a_call_that_could_not_be_stored()
    {
        await using (var sandbox = await RunningSandbox.StartAsync(("Path", WorldPath)))
            await sandbox.WorldAsync("""{"accounts":[{"id":"ann","subscriptions":[{"plan":"sales_navigator","balance":5}]}],"prospects":[{"id":"bob"}]}""");
        // The disk fills up at exactly this delivery, after the chat, the message and the credit were written.
        await using (var connection = new SqliteConnection($"Data Source={WorldPath};Pooling=False"))
        {
            await connection.OpenAsync();
            await using var trigger = connection.CreateCommand();
            trigger.CommandText = """CREATE TRIGGER full BEFORE INSERT ON record WHEN NEW.kind = 'delivery' AND NEW.json LIKE '%"text_length":13,%' BEGIN SELECT RAISE(ABORT, 'full'); END""";
            await trigger.ExecuteNonQueryAsync();
        }

        await using (var sandbox = await RunningSandbox.StartAsync(("Path", WorldPath)))
        {
            Assert.Equal("unexpected_error", (await sandbox.StartChatAsync("bob", "13 characters", "S", "sales_navigator")).Type);
            Assert.Equal(5, await sandbox.BalanceAsync("sales_navigator"));
            Assert.Empty((await sandbox.GetAsync("/api/v1/chats?account_id=ann")).Items());
            Assert.Equal("201", (await sandbox.StartChatAsync("bob", "More characters", "S", "sales_navigator")).Type);
            Assert.Equal(4, await sandbox.BalanceAsync("sales_navigator"));
            Assert.Equal(1, (await sandbox.LedgerAsync()).Number("deliveries"));
        }
    }

    /// <summary>Faults go on where they were: a script at its next step, a rate at its next draw, a held event at its own time.</summary>
    [Fact]
    public async Task Remembers_its_faults_and_how_far_they_are()
    {
        await using var receiver = await HookReceiver.StartAsync();
        string faults;
        await using (var sandbox = await RunningSandbox.StartAsync(("Path", WorldPath)))
        {
            await sandbox.WorldAsync("""{"accounts":[{"id":"ann"}],"prospects":[{"id":"bob","degree":"first"}]}""");
            await sandbox.PostAsync("/api/v1/webhooks", $$"""{"request_url":"{{receiver.Url}}","source":"messaging"}""");
            await sandbox.ControlAsync("faults", """{"endpoint":"accounts.get","kind":"error"}""");
            await sandbox.DeleteAsync("/sandbox/v1/faults");
            await sandbox.ControlAsync("faults", """{"endpoint":"accounts.get","script":["pass",{"kind":"error","type":"too_many_requests","retry_after_seconds":9},{"kind":"http","status":502}]}""");
            await sandbox.ControlAsync("faults", """{"endpoint":"accounts.list","kind":"error","rate":0.5}""");
            await sandbox.ControlAsync("faults", """{"endpoint":"event.message_received","kind":"late","delay_ms":3600000}""");
            await sandbox.StartChatAsync("bob", "Hello");
            Assert.Equal("200", (await sandbox.GetAsync("/api/v1/accounts/ann")).Type);
            faults = (await sandbox.GetAsync("/sandbox/v1/faults")).ToString();
        }

        await using var again = await RunningSandbox.StartAsync(("Path", WorldPath));
        Assert.Equal(faults, (await again.GetAsync("/sandbox/v1/faults")).ToString());
        Assert.Equal("too_many_requests", (await again.GetAsync("/api/v1/accounts/ann")).Type);
        using (var proxy = await again.Http.GetAsync("/api/v1/accounts/ann"))
            Assert.Equal(502, (int)proxy.StatusCode);
        Assert.Empty(receiver.Got);
        await again.AdvanceAsync(TimeSpan.FromHours(1));
        await receiver.BodiesAsync(1);
        // Numbers are not given twice, although those of the first and the last fault are free.
        Assert.Equal("fault-5", (await again.ControlAsync("faults", """{"endpoint":"*","kind":"drop_before"}""")).Text("id"));
    }

    [Fact]
    public async Task Reads_a_fault_that_was_stored_before_there_were_rates_and_scripts()
    {
        await using (var sandbox = await RunningSandbox.StartAsync(("Path", WorldPath)))
            await sandbox.WorldAsync("""{"accounts":[{"id":"ann"}]}""");
        await using (var connection = new SqliteConnection($"Data Source={WorldPath};Pooling=False"))
        {
            await connection.OpenAsync();
            await using var insert = connection.CreateCommand();
            insert.CommandText = """
                INSERT INTO record (kind, id, json) VALUES ('fault', 'fault-7',
                    '{"id":"fault-7","sequence":7,"endpoint":"accounts.get","account_id":null,"kind":"error","type":"provider_error","delay_ms":0,"times":2}')
                """;
            await insert.ExecuteNonQueryAsync();
        }

        await using var again = await RunningSandbox.StartAsync(("Path", WorldPath));
        Assert.Equal("fault-8", (await again.ControlAsync("faults", """{"endpoint":"accounts.get","kind":"error","type":"network_down"}""")).Text("id"));
        var types = new List<string>();
        for (var i = 0; i < 4; i++)
            types.Add((await again.GetAsync("/api/v1/accounts/ann")).Type);
        Assert.Equal(["provider_error", "provider_error", "network_down", "200"], types);
    }

    [Fact]
    public async Task Opens_a_world_only_with_its_own_seed_and_alone()
    {
        await using (await RunningSandbox.StartAsync(("Path", WorldPath)))
        {
            var second = await Assert.ThrowsAsync<InvalidOperationException>(() => RunningSandbox.StartAsync(("Path", WorldPath)));
            Assert.Contains("another process", second.Message, StringComparison.Ordinal);
        }

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => RunningSandbox.StartAsync(("Path", WorldPath), ("Seed", "another")));
        Assert.Contains("seed", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fills_an_empty_world_from_its_document_once()
    {
        var document = Path.Combine(folder, "world.json");
        await File.WriteAllTextAsync(document, """{"accounts":[{"id":"ann","subscriptions":[{"plan":"sales_navigator","balance":1}]}],"prospects":[{"id":"bob"}]}""");
        await using (var sandbox = await RunningSandbox.StartAsync(("Path", WorldPath), ("WorldFile", document)))
            Assert.Equal("201", (await sandbox.StartChatAsync("bob", "Hello", "S", "sales_navigator")).Type);
        await using (var again = await RunningSandbox.StartAsync(("Path", WorldPath), ("WorldFile", document)))
            Assert.Equal(0, await again.BalanceAsync("sales_navigator"));
        await File.WriteAllTextAsync(document, """{"accounts":[{"id":"a b","subscriptions":[{"plan":"gold"}]}]}""");
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => RunningSandbox.StartAsync(("WorldFile", document)));
        Assert.Contains("accounts[0].id", refused.Message, StringComparison.Ordinal);
        Assert.Contains("accounts[0].subscriptions[0].plan", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ApiKey", "short")]
    [InlineData("ApiKey", "")]
    [InlineData("WebhookTimeoutMs", "0")]
    [InlineData("WebhookRetryDelaysMs:0", "-1")]
    [InlineData("WorldFile", "/nowhere/world.json")]
    public async Task Does_not_start_with_a_bad_setting(string name, string value)
    {
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => RunningSandbox.StartAsync((name, value)));
        Assert.Contains(name.Split(':')[0], refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Killed in the middle of a storm of sends: everything that was acknowledged is there, and nothing twice.</summary>
    [Fact]
    public async Task After_being_killed_has_forgotten_nothing_that_it_acknowledged()
    {
        var acknowledged = new System.Collections.Concurrent.ConcurrentBag<string>();
        for (var round = 0; round < 3; round++)
        {
            using var killed = await ChildAsync();
            var (process, http) = (killed.Process, killed.Http);
            if (round == 0)
                await PostAsync(http, "/sandbox/v1/world", """{"accounts":[{"id":"ann","limits":{"messages_per_day":1000000}}],"prospects":[{"id":"bob","degree":"first"}]}""");
            var profile = await http.GetFromJsonAsync<JsonElement>("/api/v1/users/bob?account_id=ann");
            var id = profile.GetProperty("provider_id").GetString()!;
            var senders = Enumerable.Range(0, 4).Select(sender => Task.Run(async () =>
            {
                for (var n = 0; ; n++)
                {
                    try
                    {
                        using var form = new MultipartFormDataContent
                        {
                            { new StringContent("ann"), "account_id" }, { new StringContent(id), "attendees_ids" }, { new StringContent($"Round {round} sender {sender} message {n}"), "text" },
                        };
                        using var response = await http.PostAsync("/api/v1/chats", form);
                        acknowledged.Add((await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("message_id").GetString()!);
                    }
                    catch (HttpRequestException)
                    {
                        return;
                    }
                }
            })).ToList();
            var target = (round + 1) * 100;
            await Wait.UntilAsync(() => Task.FromResult(acknowledged.Count >= target));
            process.Kill();
            await process.WaitForExitAsync();
            await Task.WhenAll(senders);
        }

        await using var sandbox = await RunningSandbox.StartAsync(("Path", WorldPath));
        var delivered = new List<string>();
        string? after = "0";
        do
        {
            var page = await sandbox.GetAsync($"/sandbox/v1/deliveries?limit=1000&after={after}");
            delivered.AddRange(page.Items("deliveries").Select(d => d.GetProperty("message_id").GetString()!));
            after = page.Body.GetProperty("next") is { ValueKind: JsonValueKind.Number } next ? next.ToString() : null;
        }
        while (after is not null);
        Assert.Empty(acknowledged.Except(delivered));
        Assert.Equal(delivered.Count, delivered.Distinct().Count());
        // What was under way at each kill may have been delivered without an answer: at most one for each sender.
        Assert.InRange(delivered.Count - acknowledged.Count, 0, 3 * 4);
        Assert.Equal(0, (await sandbox.LedgerAsync()).Number("duplicate_count"));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static string WithoutTime(Reply ledger) =>
        string.Join('\n', ledger.Body.EnumerateObject().Where(p => p.Name is not ("now" or "calls" or "total_calls")).Select(p => p.Name + p.Value));

    private static async Task PostAsync(HttpClient http, string path, string json)
    {
        using var response = await http.PostAsync(path, new StringContent(json));
        response.EnsureSuccessStatusCode();
    }

    private async Task<Child> ChildAsync()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } dotnet && Path.GetFileNameWithoutExtension(dotnet) == "dotnet" ? dotnet : "dotnet")
        {
            RedirectStandardOutput = true,
            ArgumentList =
            {
                Path.Combine(AppContext.BaseDirectory, "Pennypost.Sandbox.dll"), "--urls", "http://127.0.0.1:0",
                "--Sandbox:ApiKey=" + RunningSandbox.Key, "--Sandbox:Seed=tests", "--Sandbox:Path=" + WorldPath,
            },
        };
        var process = Process.Start(start)!;
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
            {
                if (line.Split("Now listening on: ") is [_, var url])
                {
                    var http = new HttpClient { BaseAddress = new(url.Trim()), Timeout = TimeSpan.FromSeconds(10) };
                    http.DefaultRequestHeaders.Add("X-API-KEY", RunningSandbox.Key);
                    // Read on, so that a full pipe never stops the child.
                    _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                    return new(process, http);
                }
            }

            throw new InvalidOperationException("The sandbox ended before it listened.");
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }
    }

    private sealed record Child(Process Process, HttpClient Http) : IDisposable
    {
        public void Dispose()
        {
            if (!Process.HasExited)
                Process.Kill();
            Process.Dispose();
            Http.Dispose();
        }
    }
}
