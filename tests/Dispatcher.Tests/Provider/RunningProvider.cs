using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Pennypost.Delivery;
using Pennypost.Dispatcher.Provider;
using Pennypost.Hosting;
using Pennypost.Sandbox;

namespace Dispatcher.Tests.Provider;

/// <summary>The sandbox on a port of its own, with one sender <c>ann</c>, and the adapter that speaks to it.</summary>
internal sealed class RunningProvider : IAsyncDisposable
{
    public const string Key = "test-key-0123";
    private readonly WebApplication _app;
    private readonly HttpClient _http;

    private RunningProvider(WebApplication app, ProviderOptions options)
    {
        _app = app;
        _http = new HttpClient { BaseAddress = new Uri(app.Urls.First()), Timeout = TimeSpan.FromSeconds(20) };
        _http.DefaultRequestHeaders.Add("X-API-KEY", Key);
        Connection = new ProviderConnection("acme", "c1", _http.BaseAddress, new Secret(Key));
        Unipile = new UnipileProvider(options, TimeProvider.System);
    }

    public ProviderConnection Connection { get; }

    public UnipileProvider Unipile { get; }

    public static ProviderOptions Fast { get; } = new() { AttemptSeconds = 0.6, TotalSeconds = 3, ConnectSeconds = 0.5, RetryDelayMs = 5, BreakAtLeastCalls = 1_000 };

    public static async Task<RunningProvider> StartAsync(string prospects, int salesNavigator = 2, int premium = 1)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Sandbox:ApiKey"] = Key, ["Sandbox:Seed"] = "tests" });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddSandbox();
        var app = builder.Build();
        app.MapSandbox();
        await app.StartAsync();
        var provider = new RunningProvider(app, Fast);
        await provider.ControlAsync("world", $$"""
            {"accounts":[{"id":"ann","subscriptions":[{"plan":"sales_navigator","balance":{{salesNavigator}}},{"plan":"premium_business","balance":{{premium}}}]}],"prospects":[{{prospects}}]}
            """);
        return provider;
    }

    public async Task<JsonElement> ControlAsync(string path, string body)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await _http.PostAsync("/sandbox/v1/" + path, content);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(response.IsSuccessStatusCode, answer.ToString());
        return answer;
    }

    public Task<JsonElement> FaultAsync(string endpoint, string kind, string? type = null, int times = 1, int delayMs = 0) =>
        ControlAsync("faults", JsonSerializer.Serialize(new { endpoint, kind, type, times, delay_ms = delayMs }));

    /// <summary>What every recipient really got.</summary>
    public async Task<int> DeliveriesAsync() =>
        (await _http.GetFromJsonAsync<JsonElement>("/sandbox/v1/deliveries")).GetProperty("deliveries").GetArrayLength();

    public async Task<ProfileFacts> ProfileAsync(string identifier, Product product = default) =>
        Assert.IsType<ProfileReply.Found>(await Unipile.GetProfileAsync(Connection, "ann", identifier, product, default)).Facts;

    public async Task<ProviderSend.StartChat> ChatAsync(string prospect, Product inmail = default, string text = "Hello") =>
        new("ann", (await ProfileAsync(prospect, inmail)).ProviderId, text, inmail == default ? "" : "Subject", inmail);

    public Task<ProviderReply> SendAsync(ProviderSend send, long? deadline = null) => Unipile.SendAsync(Connection, send, deadline ?? Later, default);

    public static long Later => TimeProvider.System.GetTimestamp() + 60 * TimeProvider.System.TimestampFrequency;

    public async ValueTask DisposeAsync()
    {
        Unipile.Dispose();
        _http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
