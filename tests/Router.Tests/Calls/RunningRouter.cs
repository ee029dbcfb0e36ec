using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Pennypost.Hosting;
using Pennypost.Router.V1;

namespace Pennypost.Router.Tests.Calls;

/// <summary>The router as it runs, on a loopback port.</summary>
public sealed class RunningRouter : IAsyncLifetime
{
    private const string Token = "a-service-token-of-thirty-two-characters";

    private WebApplication? app;
    private GrpcChannel? channel;

    public RouterService.RouterServiceClient Client => new(channel!);

    public static Metadata Caller => new() { { "authorization", $"Bearer {Token}" }, { "pennypost-tenant", "acme" } };

    public static WebApplication Build(params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Hosting:ServiceTokens:0"] = Token });
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, string? (setting) => setting.Value));
        builder.Logging.ClearProviders();
        builder.AddRouter();
        var app = builder.Build();
        app.MapRouter();
        return app;
    }

    public async Task InitializeAsync()
    {
        app = Build();
        await app.StartAsync();
        channel = GrpcChannel.ForAddress(app.GrpcAddress());
    }

    public async Task DisposeAsync()
    {
        channel!.Dispose();
        await app!.StopAsync();
        await app.DisposeAsync();
    }
}
