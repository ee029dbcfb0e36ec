using Grpc.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Pennypost.Credits.V1;
using Pennypost.Dispatcher.V1;
using Pennypost.Gateway.Admin;
using Pennypost.Gateway.Audit;
using Pennypost.Gateway.Events;
using Pennypost.Gateway.Import;
using Pennypost.Gateway.Keys;
using Pennypost.Gateway.Limits;
using Pennypost.Gateway.Rest;
using Pennypost.Gateway.Webhooks;
using Pennypost.Gateway.WebhooksOut;
using Pennypost.Hosting;
using Pennypost.Store;
using Pennypost.Transport;
using Pennypost.Types.V1;

namespace Pennypost.Gateway;

/// <summary>The gateway as a host: the public API over gRPC and REST, webhooks in, API keys.</summary>
public static class GatewayHost
{
    /// <summary>Its short name, in errors, telemetry and the store.</summary>
    public const string Service = "gateway";

    /// <summary>Adds the gateway. Needs <c>Hosting:Peers:dispatcher</c>, <c>Hosting:Peers:credits</c>, a service token and <c>Gateway:KeyHashSecret</c>.</summary>
    public static WebApplicationBuilder AddGateway(this WebApplicationBuilder builder)
    {
        var pennypost = builder.AddPennypostHosting(Service).AddTransport(builder)
            .AddPeer<DispatcherService.DispatcherServiceClient>("dispatcher")
            .AddPeer<CreditsService.CreditsServiceClient>("credits")
            .LogRequests()
            .AuthenticateWith<ApiKeyAuthenticator>()
            .AddInterceptor<CallRates>()
            .AddInterceptor<StandingStreams>()
            .AddDependency("store", StoreMissingAsync);
        Errors.Map(pennypost);
        builder.AddStateStore(Service);
        builder.AddJournalRelay<ActsNews>();
        builder.Services.AddOptionsWithValidateOnStart<GatewayOptions>().BindConfiguration(GatewayOptions.Section).ValidateDataAnnotations();
        AddKeys(builder.Services);
        builder.Services.AddRestOverHttp();
        builder.Services.AddSingleton<PublicApi>();
        builder.Services.AddSingleton<AdminApi>();
        builder.Services.AddSingleton<RestFace>();
        builder.Services.AddSingleton<CsvImport>();
        builder.Services.AddSingleton<ProviderWebhooks>();
        AddEvents(builder.Services);
        return builder;
    }

    private static void AddKeys(IServiceCollection services)
    {
        services.AddSingleton<TenantBook>();
        services.AddSingleton<Tenants>();
        services.AddSingleton<ApiKeys>();
        services.AddSingleton<KeyUses>();
        services.AddHostedService(provider => provider.GetRequiredService<KeyUses>());
        services.AddSingleton<AdministrativeActs>();
        services.AddSingleton<TenantLimits>();
        services.AddSingleton<DailyQuota>();
        services.AddHostedService(provider => provider.GetRequiredService<DailyQuota>());
    }

    private static void AddEvents(IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<TimelineOptions>().BindConfiguration(TimelineOptions.Section).ValidateDataAnnotations();
        services.AddOptionsWithValidateOnStart<WebhookOptions>().BindConfiguration(WebhookOptions.Section).ValidateDataAnnotations()
            // Who delivers keeps how far it came after each round, and must not be overtaken while it waits for an answer.
            .Validate(webhooks => webhooks.Lease > 2 * webhooks.Timeout, $"{WebhookOptions.Section}:Lease must be more than twice {WebhookOptions.Section}:Timeout.");
        services.AddSingleton<EventMeter>();
        services.AddSingleton<TimelineNews>();
        services.AddSingleton<Timelines>();
        services.AddSingleton<EventWatches>();
        services.AddSingleton<SealedSecrets>();
        services.AddSingleton<WebhookBook>();
        services.TryAddSingleton<ResolveName>(System.Net.Dns.GetHostAddressesAsync);
        services.AddSingleton<WebhookSender>();
        services.AddSingleton<WebhookMeter>();
        services.AddSingleton<WebhookWorker>();
        services.AddHostedService<TimelineWork>();
        services.AddHostedService<TimelineIntake>();
    }

    /// <summary>Maps the public API.</summary>
    public static WebApplication MapGateway(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<GatewayOptions>>().Value;
        app.UseRestOverHttp(options);
        if (options.SwaggerUi)
            // Before routing: it serves files, and leaves alone what an endpoint was chosen for.
            app.UseSwaggerUI(swagger =>
            {
                swagger.SwaggerEndpoint("/openapi.json", "Pennypost");
                swagger.DocumentTitle = "Pennypost API";
            });
        app.MapPennypostHosting();
        app.MapGrpcService<PublicApi>();
        app.MapGrpcService<AdminApi>();
        app.Services.GetRequiredService<RestFace>().Map(app);
        app.Services.GetRequiredService<CsvImport>().Map(app);
        app.Services.GetRequiredService<ProviderWebhooks>().Map(app);
        app.MapOpenApi();
        return app;
    }

    /// <summary>Makes sure that this key is known, and its tenant there: for a first key, and for installations that bring their own. Idempotent.</summary>
    /// <param name="app">A built gateway; it need not have been started.</param>
    /// <param name="key">From <see cref="ApiKeyText.New"/>, or read back from where the installation keeps it.</param>
    /// <param name="displayName">For people; 1 to 200 characters.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <param name="scopes">What it may do; null: everything that a tenant's key may.</param>
    /// <exception cref="RpcException">The tenant has 200 keys already.</exception>
    public static async Task EnsureApiKeyAsync(this WebApplication app, ApiKeyText key, string displayName, CancellationToken cancellationToken, IReadOnlyList<string>? scopes = null)
    {
        var keys = app.Services.GetRequiredService<ApiKeys>();
        if (await keys.FindAsync(key.Tenant, key.KeyId, cancellationToken) is not null) return;
        var given = scopes ?? Scopes.OfATenant;
        var act = new OperatorAct { Kind = OperatorActKind.CreateApiKey, KeyId = key.KeyId, Scopes = { given } };
        await app.Services.GetRequiredService<AdministrativeActs>().RecordAsync(key.Tenant, AdministrativeActs.CommandLine, act, async () =>
            await keys.KeepAsync(key, displayName, given, cancellationToken) is KeyKept.TooMany ? throw Errors.TooManyKeys(ApiKeys.MaxKeys) : key.KeyId, cancellationToken);
    }

    private static async ValueTask<string?> StoreMissingAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        try
        {
            await services.GetRequiredService<StateStore>().NowAsync(cancellationToken);
            return null;
        }
        catch (StoreException exception)
        {
            return $"store: {exception.Message}";
        }
    }
}
