using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pennypost.Credits.V1;

namespace Pennypost.Hosting.Tests;

/// <summary>A real host on loopback, whose credits service does what the test says.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    public const string Token = "a-service-token-of-thirty-two-characters";

    private readonly WebApplication app;
    private readonly GrpcChannel channel;

    private TestHost(WebApplication app)
    {
        this.app = app;
        channel = GrpcChannel.ForAddress(app.GrpcAddress(), new GrpcChannelOptions { MaxSendMessageSize = null, MaxReceiveMessageSize = null });
        Http = new HttpClient { BaseAddress = app.HttpAddress() };
    }

    public Uri GrpcAddress => app.GrpcAddress();
    public GrpcChannel Channel => channel;
    public HttpClient Http { get; }
    public CreditsService.CreditsServiceClient Credits => new(channel);
    public IServiceProvider Services => app.Services;
    public ScriptedCredits Script => app.Services.GetRequiredService<ScriptedCredits>();
    public Lines Log => app.Services.GetRequiredService<Lines>();

    public static async Task<TestHost> StartAsync(Dictionary<string, string?>? settings = null, Action<PennypostHost>? configure = null, Action<IServiceCollection>? services = null)
    {
        var app = Build(settings, configure, services);
        await app.StartAsync();
        return new TestHost(app);
    }

    private static WebApplication Build(Dictionary<string, string?>? settings = null, Action<PennypostHost>? configure = null, Action<IServiceCollection>? services = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Hosting:ServiceTokens:0"] = Token });
        builder.Configuration.AddInMemoryCollection(settings ?? []);
        builder.Logging.ClearProviders();
        var lines = new Lines();
        builder.Logging.AddProvider(lines);
        builder.Services.AddSingleton(lines);
        builder.Services.AddSingleton<ScriptedCredits>();
        configure?.Invoke(builder.AddPennypostHosting("credits"));
        if (configure is null) builder.AddPennypostHosting("credits");
        services?.Invoke(builder.Services);
        var app = builder.Build();
        app.MapPennypostHosting();
        app.MapGrpcService<ScriptedCredits>();
        return app;
    }

    public static Metadata As(string tenant, string token = Token) => new() { { "authorization", $"Bearer {token}" }, { "pennypost-tenant", tenant } };

    public Task StopAsync() => app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        channel.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
    }
}

/// <summary>Answers GetPool and ListEntries as the test wants.</summary>
internal sealed class ScriptedCredits : CreditsService.CreditsServiceBase
{
    public Func<GetPoolRequest, ServerCallContext, Task<GetPoolResponse>> OnGetPool { get; set; } = (_, _) => Task.FromResult(new GetPoolResponse());

    public override Task<GetPoolResponse> GetPool(GetPoolRequest request, ServerCallContext context) => OnGetPool(request, context);
}

/// <summary>Every line that was logged.</summary>
internal sealed class Lines : ILoggerProvider, ILogger
{
    private readonly List<(LogLevel Level, string Text)> lines = [];

    public IReadOnlyList<(LogLevel Level, string Text)> All
    {
        get { lock (lines) return [.. lines]; }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (lines) lines.Add((logLevel, $"{formatter(state, exception)} {exception}"));
    }

    public void Dispose() { }
}
