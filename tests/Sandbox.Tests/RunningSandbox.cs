using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Pennypost.Sandbox;

namespace Sandbox.Tests;

/// <summary>The whole harness: a sandbox on a real port, and the calls that tests make of it.</summary>
internal sealed class RunningSandbox : IAsyncDisposable
{
    public const string Key = "test-key-0123";

    private readonly WebApplication app;

    private RunningSandbox(WebApplication app)
    {
        this.app = app;
        Http = new() { BaseAddress = new Uri(app.Urls.First()), Timeout = TimeSpan.FromSeconds(20) };
        Http.DefaultRequestHeaders.Add("X-API-KEY", Key);
    }

    public HttpClient Http { get; }

    public static async Task<RunningSandbox> StartAsync(params (string Name, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Sandbox:ApiKey"] = Key,
            ["Sandbox:Seed"] = "tests",
            ["Sandbox:DuePollMs"] = "20",
            ["Sandbox:WebhookRetryDelaysMs:0"] = "10",
            ["Sandbox:WebhookRetryDelaysMs:1"] = "10",
            ["Sandbox:WebhookRetryDelaysMs:2"] = "10",
            ["Sandbox:WebhookRetryDelaysMs:3"] = "10",
            ["Sandbox:WebhookRetryDelaysMs:4"] = "10",
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(s => KeyValuePair.Create("Sandbox:" + s.Name, (string?)s.Value)));
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddSandbox();
        var app = builder.Build();
        app.MapSandbox();
        await app.StartAsync();
        return new(app);
    }

    /// <summary>One paid sender <c>ann</c> and the prospects that are described.</summary>
    public static async Task<RunningSandbox> WithAsync(string prospects, string account = """{"id":"ann","subscriptions":[{"plan":"sales_navigator","balance":2},{"plan":"premium_business","balance":1}]}""")
    {
        var sandbox = await StartAsync();
        await sandbox.WorldAsync($$"""{"accounts":[{{account}}],"prospects":[{{prospects}}]}""");
        return sandbox;
    }

    public Task<Reply> WorldAsync(string document) => ControlAsync("world", document);

    public async Task<Reply> ControlAsync(string name, string body)
    {
        var reply = await PostAsync("/sandbox/v1/" + name, body);
        Assert.True(reply.Status < 300, reply.ToString());
        return reply;
    }

    public async Task<Reply> PostAsync(string path, string json) =>
        await Reply.OfAsync(await Http.PostAsync(path, new StringContent(json, System.Text.Encoding.UTF8, "application/json")));

    public async Task<Reply> GetAsync(string path) => await Reply.OfAsync(await Http.GetAsync(path));

    public async Task<Reply> DeleteAsync(string path) => await Reply.OfAsync(await Http.DeleteAsync(path));

    public async Task<string> ProviderIdAsync(string prospect, string account = "ann", string api = "classic") =>
        (await GetAsync($"/api/v1/users/{prospect}?account_id={account}&linkedin_api={api}")).Text("provider_id");

    public async Task<Reply> StartChatAsync(string prospect, string text, string? subject = null, string api = "classic", bool inmail = false, string account = "ann") =>
        await StartChatWithAsync(await ProviderIdAsync(prospect, account, api), text, subject, api, inmail, account);

    public async Task<Reply> StartChatWithAsync(string providerId, string text, string? subject = null, string api = "classic", bool inmail = false, string account = "ann")
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent(account), "account_id" },
            { new StringContent(providerId), "attendees_ids" },
            { new StringContent(text), "text" },
            { new StringContent(api), "linkedin[api]" },
        };
        if (subject is not null)
            form.Add(new StringContent(subject), "subject");
        if (inmail)
            form.Add(new StringContent("true"), "linkedin[inmail]");
        if (api == "recruiter")
            form.Add(new StringContent("Ann"), "signature");
        return await Reply.OfAsync(await Http.PostAsync("/api/v1/chats", form));
    }

    public async Task<Reply> SendAsync(string chatId, string text)
    {
        using var form = new MultipartFormDataContent { { new StringContent(text), "text" } };
        return await Reply.OfAsync(await Http.PostAsync($"/api/v1/chats/{chatId}/messages", form));
    }

    public async Task<Reply> InviteAsync(string prospect, string? note = null, string account = "ann")
    {
        var id = await ProviderIdAsync(prospect, account);
        return await PostAsync("/api/v1/users/invite", JsonSerializer.Serialize(new { account_id = account, provider_id = id, message = note }));
    }

    public async Task<int?> BalanceAsync(string product, string account = "ann")
    {
        var value = (await GetAsync("/api/v1/linkedin/inmail_balance?account_id=" + account)).Body.GetProperty(product);
        return value.ValueKind == JsonValueKind.Null ? null : value.GetInt32();
    }

    public Task<Reply> AdvanceAsync(TimeSpan by) =>
        ControlAsync("clock", $$"""{"advance_ms":{{((long)by.TotalMilliseconds).ToString(CultureInfo.InvariantCulture)}}}""");

    public Task<Reply> LedgerAsync() => GetAsync("/sandbox/v1/ledger");

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
    }
}

/// <summary>What a call answered.</summary>
internal sealed record Reply(int Status, JsonElement Body)
{
    /// <summary>The error's type without <c>errors/</c>, or the status of an answer that is no error.</summary>
    public string Type => Body.TryGetProperty("type", out var type) && Status >= 400 ? type.GetString()!["errors/".Length..] : Status.ToString(CultureInfo.InvariantCulture);

    public static async Task<Reply> OfAsync(HttpResponseMessage response)
    {
        using (response)
            return new((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }

    public string Text(string name) => Body.GetProperty(name).GetString()!;

    public int Number(string name) => Body.GetProperty(name).GetInt32();

    public IReadOnlyList<JsonElement> Items(string name = "items") => [.. Body.GetProperty(name).EnumerateArray()];

    public override string ToString() => Status + " " + Body;
}
