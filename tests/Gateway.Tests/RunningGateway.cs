using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pennypost.Gateway.Keys;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway.Tests;

/// <summary>A gateway on Kestrel before two peers on Kestrel, all on loopback; two tenants, each with a key for everything that is a tenant's.</summary>
public sealed class RunningGateway : IAsyncLifetime
{
    private const string ServiceToken = "a-service-token-of-thirty-two-characters";
    private readonly Dictionary<string, string?> settings;
    private readonly Action<IServiceCollection>? configure;
    private WebApplication dispatcherHost = null!;
    private WebApplication creditsHost = null!;
    private GrpcChannel channel = null!;

    public RunningGateway() : this([]) { }

    internal RunningGateway(Dictionary<string, string?> settings, Action<IServiceCollection>? configure = null) => (this.settings, this.configure) = (settings, configure);

    internal FakeDispatcher Dispatcher { get; } = new();
    internal FakeCredits Credits { get; } = new();
    internal WebApplication App { get; private set; } = null!;
    internal HttpClient Http { get; private set; } = null!;
    internal PennypostService.PennypostServiceClient Api { get; private set; } = null!;
    internal ApiKeyText Acme { get; } = ApiKeyText.New("acme");
    internal ApiKeyText Zenith { get; } = ApiKeyText.New("zenith");
    internal Lines Log { get; } = new();

    /// <summary>What each call to a peer said it was about: the method's name, and the partition or nothing.</summary>
    internal ConcurrentQueue<(string Method, string? Partition)> Partitions { get; } = new();

    public async Task InitializeAsync()
    {
        dispatcherHost = await PeerAsync("dispatcher", Dispatcher, app => app.MapGrpcService<FakeDispatcher>());
        creditsHost = await PeerAsync("credits", Credits, app => app.MapGrpcService<FakeCredits>());
        var builder = NewBuilder(new()
        {
            ["Hosting:Peers:dispatcher"] = dispatcherHost.GrpcAddress().ToString(),
            ["Hosting:Peers:credits"] = creditsHost.GrpcAddress().ToString(),
            ["Gateway:KeyHashSecret"] = "a-secret-for-hashes-of-32-characters",
        });
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Logging.AddProvider(Log);
        configure?.Invoke(builder.Services);
        App = builder.AddGateway().Build();
        App.MapGateway();
        await App.StartAsync();
        await App.EnsureApiKeyAsync(Acme, "tests", default);
        await App.EnsureApiKeyAsync(Zenith, "tests", default);
        Http = Client(Acme);
        channel = GrpcChannel.ForAddress(App.GrpcAddress(), new GrpcChannelOptions { MaxSendMessageSize = null });
        Api = new PennypostService.PennypostServiceClient(channel);
    }

    /// <summary>Another key, that may do just this.</summary>
    internal async Task<ApiKeyText> KeyAsync(string tenant, IReadOnlyList<string> scopes, DateTimeOffset? expireTime = null, long callsPerDay = 0)
    {
        var key = ApiKeyText.New(tenant);
        Assert.IsType<KeyKept.Kept>(await App.Services.GetRequiredService<ApiKeys>().KeepAsync(key, "another", scopes, default, expireTime, callsPerDay));
        return key;
    }

    internal static Metadata As(ApiKeyText key) => new() { { "authorization", $"Bearer {key.Text.Reveal()}" } };

    internal HttpClient Client(ApiKeyText? key)
    {
        var client = new HttpClient { BaseAddress = App.HttpAddress() };
        if (key is not null) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.Text.Reveal());
        return client;
    }

    internal async Task<Answer> SendAsync(string method, string path, string? json = null, HttpClient? client = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (json is not null) request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await (client ?? Http).SendAsync(request);
        return new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response);
    }

    internal static string MessageJson(string id, string body = "Hello") =>
        $$"""{"messageId": "{{id}}", "prospect": {"profile": "ada-lovelace"}, "content": {"body": "{{body}}" } }""";

    internal static MessageSpec Message(string id, string body = "Hello") =>
        new() { MessageId = id, Prospect = new() { Profile = "ada-lovelace" }, Content = new() { Body = body } };

    internal Task StopDispatcherAsync() => dispatcherHost.StopAsync();

    private async Task<WebApplication> PeerAsync<T>(string service, T peer, Action<WebApplication> map) where T : class
    {
        var builder = NewBuilder([]);
        builder.Services.AddSingleton(Partitions);
        builder.AddPennypostHosting(service).AddInterceptor<NotingPartitions>();
        builder.Services.AddSingleton(peer);
        var app = builder.Build();
        app.MapPennypostHosting();
        map(app);
        await app.StartAsync();
        return app;
    }

    private static WebApplicationBuilder NewBuilder(Dictionary<string, string?> settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Hosting:ServiceTokens:0"] = ServiceToken, ["Hosting:ShutdownSeconds"] = "2" });
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Logging.ClearProviders();
        return builder;
    }

    public async Task DisposeAsync()
    {
        Http.Dispose();
        channel.Dispose();
        foreach (var app in new[] { App, dispatcherHost, creditsHost })
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }
    }
}

/// <summary>Stands in the peers, and notes what the gateway says of each call.</summary>
internal sealed class NotingPartitions(ConcurrentQueue<(string Method, string? Partition)> noted) : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        noted.Enqueue((context.Method[(context.Method.LastIndexOf('/') + 1)..], context.RequestHeaders.GetValue(OnBehalf.PartitionHeader)));
        return continuation(request, context);
    }
}

/// <summary>What came back over REST.</summary>
internal sealed record Answer(int Status, string Text, HttpResponseMessage Response)
{
    public JsonNode Json => JsonNode.Parse(Text)!;

    public string? Reason => Detail("ErrorInfo")?["reason"]?.GetValue<string>();

    public string? Domain => Detail("ErrorInfo")?["domain"]?.GetValue<string>();

    public IReadOnlyList<string> Violations => [.. (Detail("BadRequest")?["fieldViolations"]?.AsArray() ?? []).Select(violation => violation!["field"]!.GetValue<string>())];

    private JsonNode? Detail(string type) =>
        Json["error"]?["details"]?.AsArray().SingleOrDefault(detail => detail!["@type"]!.GetValue<string>().EndsWith("." + type, StringComparison.Ordinal));
}

/// <summary>Every line that was logged.</summary>
internal sealed class Lines : ILoggerProvider, ILogger
{
    private readonly List<string> lines = [];

    public string All
    {
        get { lock (lines) return string.Join('\n', lines); }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (lines) lines.Add($"{formatter(state, exception)} {exception}");
    }

    public void Dispose() { }
}
