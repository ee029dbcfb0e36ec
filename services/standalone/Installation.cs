using System.Globalization;
using Pennypost.Credits;
using Pennypost.Dispatcher;
using Pennypost.Gateway;
using Pennypost.Hosting;
using Pennypost.Router;
using Pennypost.Sandbox;
using Pennypost.Store;
using Pennypost.Transport;

namespace Pennypost.Standalone;

/// <summary>What a standalone installation is told on the command line.</summary>
/// <param name="DataFolder">Where state is kept; null keeps it in memory.</param>
/// <param name="RestPort">The public REST port; 0 for any free one.</param>
/// <param name="GrpcPort">The public gRPC port; 0 for any free one.</param>
/// <param name="SandboxPort">The sandbox provider's port; 0 for any free one.</param>
/// <param name="WorldFile">A world for an empty sandbox; null for none.</param>
internal sealed record InstallationOptions(string? DataFolder, int RestPort, int GrpcPort, int SandboxPort, string? WorldFile)
{
    /// <summary>Settings of the gateway in place of its own.</summary>
    public IReadOnlyDictionary<string, string?> GatewaySettings { get; init; } = new Dictionary<string, string?>();

    /// <summary>Who else listens to what the services log, and chooses what of it; null for nobody.</summary>
    public ILoggerProvider? Listener { get; init; }
}

/// <summary>
/// Every service of Pennypost and the sandbox provider in one process: one web application each, from the same AddX and MapX as its own Program.cs, talking over loopback.
/// </summary>
internal sealed class Installation : IAsyncDisposable
{
    private readonly List<WebApplication> _apps = [];
    private readonly InstallationOptions _options;
    private readonly InProcessEventTopic _topic;
    private readonly ILoggerFactory _logs;

    private Installation(InstallationOptions options)
    {
        _options = options;
        Keys = Keys.Load(options.DataFolder);
        _logs = LoggerFactory.Create(logging => logging.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Warning));
        _topic = new InProcessEventTopic(new TransportLimits(), TimeProvider.System, _logs.CreateLogger<InProcessEventTopic>(), EventGroup.Gateway);
    }

    /// <summary>The installation's secrets.</summary>
    public Keys Keys { get; }

    /// <summary>The sandbox provider's address.</summary>
    public Uri Sandbox { get; private set; } = null!;

    /// <summary>The public REST address.</summary>
    public Uri Rest { get; private set; } = null!;

    /// <summary>The public gRPC address.</summary>
    public Uri Grpc { get; private set; } = null!;

    /// <summary>The gateway, for its first API key.</summary>
    public WebApplication Gateway { get; private set; } = null!;

    /// <summary>The one clock of all that runs here.</summary>
    public InstallationClock Clock { get; private set; } = null!;

    public static async Task<Installation> StartAsync(InstallationOptions options, CancellationToken ct)
    {
        var installation = new Installation(options);
        try
        {
            await installation.StartAsync(ct);
            return installation;
        }
        catch
        {
            await installation.DisposeAsync();
            throw;
        }
    }

    private async Task StartAsync(CancellationToken ct)
    {
        var sandbox = Build("sandbox", builder => builder.AddSandbox(), app => app.MapSandbox().MapVirtualClock(this), new()
        {
            ["Sandbox:ApiKey"] = Keys.ProviderKey,
            ["Sandbox:Path"] = _options.DataFolder is { } folder ? Path.Combine(folder, "sandbox.db") : ":memory:",
            ["Sandbox:WorldFile"] = _options.WorldFile,
            ["Sandbox:InventProspects"] = "true",
            ["Sandbox:WebhookRetryDelaysMs:0"] = "200",
            ["Sandbox:WebhookRetryDelaysMs:1"] = "1000",
            ["Sandbox:WebhookRetryDelaysMs:2"] = "5000",
            ["Sandbox:WebhookRetryDelaysMs:3"] = "15000",
            ["Sandbox:WebhookRetryDelaysMs:4"] = "60000",
            ["Urls"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_options.SandboxPort}"),
        });
        await sandbox.StartAsync(ct);
        Sandbox = new Uri(sandbox.Urls.First());

        var credits = Build("credits", builder => builder.AddCredits(), app => app.MapCredits(), []);
        await credits.StartAsync(ct);
        var router = Build("router", builder => builder.AddRouter(), app => app.MapRouter(), []);
        await router.StartAsync(ct);
        var dispatcher = Build("dispatcher", builder => builder.AddDispatcher(), app => app.MapDispatcher(), new()
        {
            ["Hosting:Peers:credits"] = credits.GrpcAddress().ToString(),
            ["Hosting:Peers:router"] = router.GrpcAddress().ToString(),
            ["Dispatcher:IdentifierKey"] = Keys.IdentifierKey,
            ["Dispatcher:KeyRingPath"] = _options.DataFolder is { } ring ? Path.Combine(ring, "keyring") : null,
            // The provider answers on loopback: what takes longer than this was cut off, and what was cut off is looked at again soon.
            ["Dispatcher:Provider:AttemptSeconds"] = "3",
            ["Dispatcher:Provider:TotalSeconds"] = "8",
            ["Dispatcher:WorkLease"] = "00:00:10",
            ["Dispatcher:RecoverAfter"] = "00:00:10",
            ["Dispatcher:SettlingTime"] = "00:00:45",
            ["Dispatcher:VerifyEvery"] = "00:00:02",
            // Webhooks come from the same process: what they do not tell is rare, and each read is a stop for whoever lets days pass.
            ["Dispatcher:Inbox:WhileAwaiting"] = "30.00:00:00",
            ["Dispatcher:Inbox:Otherwise"] = "30.00:00:00",
            ["Dispatcher:Inbox:Relations"] = "30.00:00:00",
            ["Dispatcher:Inbox:Balance"] = "30.00:00:00",
        });
        await dispatcher.StartAsync(ct);
        var gateway = Build("gateway", builder => builder.AddGateway(), app => app.MapGateway(), new(_options.GatewaySettings)
        {
            ["Hosting:HttpPort"] = _options.RestPort.ToString(CultureInfo.InvariantCulture),
            ["Hosting:GrpcPort"] = _options.GrpcPort.ToString(CultureInfo.InvariantCulture),
            ["Hosting:Reflection"] = "true",
            ["Hosting:Peers:credits"] = credits.GrpcAddress().ToString(),
            ["Hosting:Peers:dispatcher"] = dispatcher.GrpcAddress().ToString(),
            ["Gateway:KeyHashSecret"] = Keys.IdentifierKey,
        });
        await gateway.StartAsync(ct);
        (Gateway, Rest, Grpc) = (gateway, gateway.HttpAddress(), gateway.GrpcAddress());

        Clock = new InstallationClock([.. _apps.Select(app => app.Services.GetService<StateStore>()).OfType<StateStore>()], Sandbox, Keys.ProviderKey);
        // After a crash between two stores' moves they stand apart: the furthest one is right, because time was seen there.
        await Clock.MoveAsync(TimeSpan.Zero, ct);
    }

    private WebApplication Build(string service, Action<WebApplicationBuilder> add, Action<WebApplication> map, Dictionary<string, string?> settings)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = $"Pennypost.{service}", EnvironmentName = Environments.Production });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Hosting:ServiceTokens:0"] = Keys.ServiceToken,
            ["Store:Backend"] = nameof(StoreBackend.Sqlite),
            ["Store:Path"] = _options.DataFolder ?? ":memory:",
            ["Logging:LogLevel:Default"] = "Warning",
        });
        if (_options.Listener is not null)
            // As a host of its own has it, and of ours everything; the console stays as it is.
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Logging:LogLevel:Default"] = "Information",
                ["Logging:LogLevel:Pennypost"] = "Trace",
                ["Logging:Console:LogLevel:Default"] = "Warning",
            });
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Configuration.AddEnvironmentVariables($"PENNYPOST_{service.ToUpperInvariant()}_");
        builder.Services.AddSingleton<IEventTopic>(_topic);
        // The sandbox is the provider: what it sees is not ours to keep quiet.
        if (_options.Listener is { } listener && service != "sandbox")
            builder.Logging.AddProvider(listener);
        if (settings.GetValueOrDefault("Urls") is { } urls)
            builder.WebHost.UseUrls(urls);
        add(builder);
        var app = builder.Build();
        map(app);
        _apps.Add(app);
        return app;
    }

    /// <summary>Stops the gateway first, so that nothing new comes in, and the sandbox last, so that what is under way can finish.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var app in Enumerable.Reverse(_apps))
        {
            await app.StopAsync(CancellationToken.None);
            await app.DisposeAsync();
        }

        _logs.Dispose();
        Clock?.Dispose();
    }
}
