using System.Net;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenTelemetry.Logs;
using Pennypost.Errors.V1;
using Pennypost.Hosting.Compression;
using Pennypost.Hosting.Connections;

namespace Pennypost.Hosting;

/// <summary>
/// What every service has alike: two ports, limits, authentication, typed errors, health, reflection, telemetry, a graceful stop.
/// <code>
/// var pennypost = builder.AddPennypostHosting("dispatcher");
/// pennypost.AddPeer&lt;CreditsService.CreditsServiceClient&gt;("credits");
/// pennypost.AddDependency("store", services => ...);
/// pennypost.MapException&lt;StoreBusyException&gt;((busy, faults) => ...);
/// ...
/// app.MapPennypostHosting();
/// app.MapGrpcService&lt;DispatcherEdge&gt;();
/// </code>
/// </summary>
public static class PennypostHosting
{
    /// <summary>Adds everything to the builder; call it before the host's own registrations.</summary>
    /// <param name="builder">The host's builder.</param>
    /// <param name="service">The short name, an id: domain of its errors, name of its telemetry.</param>
    public static PennypostHost AddPennypostHosting(this WebApplicationBuilder builder, string service)
    {
        if (builder.Configuration[$"{HostingOptions.Section}:SecretsPath"] is { Length: > 0 } secrets)
            builder.Configuration.AddKeyPerFile(Path.GetFullPath(secrets), optional: false, reloadOnChange: true);

        // What the framework logs of a request is its whole address, and some name people. First of all sources: a setting of one's own goes before it.
        var quiet = new MemoryConfigurationSource { InitialData = [new("Logging:LogLevel:Microsoft.AspNetCore", nameof(LogLevel.Warning)), new("Logging:LogLevel:System.Net.Http", nameof(LogLevel.Warning))] };
        builder.Configuration.Sources.Insert(0, quiet);
        if (builder.Configuration.GetValue<bool>($"{HostingOptions.Section}:{nameof(HostingOptions.JsonLogs)}"))
            builder.Logging.AddJsonConsole(json => (json.IncludeScopes, json.UseUtcTimestamp, json.TimestampFormat) = (true, true, "O"));

        var services = builder.Services;
        services.AddOptionsWithValidateOnStart<HostingOptions>().BindConfiguration(HostingOptions.Section).ValidateDataAnnotations();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(new Jitter(Random.Shared.NextDouble));
        services.AddSingleton(new ServiceName(service));
        services.AddSingleton(new FaultDomain(service));
        services.TryAddSingleton<ICallAuthenticator, ServiceTokens>();
        services.AddSingleton<Peers>();
        services.AddSingleton<Readiness>();
        services.AddSingleton<CrashPoint>();
        services.AddSingleton<ServedDescriptors>();
        services.AddSingleton<Listening>();
        services.AddHostedService<Telemetry>();
        services.AddHostedService<Draining>();
        services.AddOptions<HostOptions>().Configure<IOptions<HostingOptions>>((host, hosting) => host.ShutdownTimeout = TimeSpan.FromSeconds(hosting.Value.ShutdownSeconds));

        // Registered, they are made once; otherwise gRPC would make them anew for every call.
        services.AddSingleton<ExceptionAnswers>();
        services.AddSingleton<ErrorInterceptor>();
        services.AddSingleton<CallerInterceptor>();
        services.AddGrpc();
        services.AddOptions<Grpc.AspNetCore.Server.GrpcServiceOptions>().Configure<IOptions<HostingOptions>>((grpc, hosting) =>
        {
            grpc.MaxReceiveMessageSize = hosting.Value.MaxReceiveMessageBytes;
            grpc.MaxSendMessageSize = hosting.Value.MaxSendMessageBytes;
            grpc.EnableDetailedErrors = false;
            grpc.UseMessageCompression();
            // Unknown methods get our own answer, which carries a reason.
            grpc.IgnoreUnknownServices = true;
            grpc.Interceptors.Add<ErrorInterceptor>();
            grpc.Interceptors.Add<CallerInterceptor>();
        });
        services.AddSingleton(provider => new CallPipeline(provider.GetRequiredService<ErrorInterceptor>(), provider.GetRequiredService<CallerInterceptor>(),
            provider.GetServices<InnerInterceptor>(), provider));

        builder.WebHost.UseKestrelCore();
        services.AddOptions<KestrelServerOptions>().Configure<IOptions<HostingOptions>, Listening>((kestrel, hosting, listening) => Listen(kestrel, hosting.Value, listening));

        if (builder.Configuration[$"{HostingOptions.Section}:{nameof(HostingOptions.OtlpEndpoint)}"] is { Length: > 0 } endpoint && Uri.TryCreate(endpoint, UriKind.Absolute, out var otlp))
            builder.Logging.AddOpenTelemetry(logs => logs.SetResourceBuilder(Telemetry.Resource(new ServiceName(service))).AddOtlpExporter(Telemetry.To(otlp)));

        return new PennypostHost(services);
    }

    /// <summary>Maps health, reflection and the answer to unknown methods. Call it before the host's own services.</summary>
    public static WebApplication MapPennypostHosting(this WebApplication app)
    {
        if (app.Services.GetService<RequestsLogged>() is not null)
            app.UseMiddleware<RequestLog>();
        app.UseMiddleware<MissingDetails>();
        app.UseRouting();
        app.UseMiddleware<CallLimits>();

        var hosting = app.Services.GetRequiredService<IOptions<HostingOptions>>().Value;
        app.MapGrpcService<HealthService>();
        if (hosting.Reflection ?? app.Environment.IsDevelopment())
        {
            app.MapGrpcService<ReflectionService>();
            app.MapGrpcService<ReflectionAlphaService>();
        }

        app.MapGet("/health/live", () => Results.Json(new { status = "live" }));
        app.MapGet("/health/ready", async (HttpContext context) =>
        {
            var missing = await context.RequestServices.GetRequiredService<Readiness>().MissingAsync(context.RequestAborted);
            return missing.Count == 0
                ? Results.Json(new { status = "ready" })
                : Results.Json(new { status = "not ready", missing }, statusCode: StatusCodes.Status503ServiceUnavailable);
        });

        var faults = app.Services.GetRequiredService<FaultDomain>();
        app.MapFallback("{*path}", context => NotFoundAsync(context, faults));
        app.Lifetime.ApplicationStarted.Register(() => app.Services.GetRequiredService<ILogger<Readiness>>()
            .Listening(app.Services.GetRequiredService<ServiceName>().Value, app.GrpcAddress().ToString(), app.HttpAddress().ToString()));
        return app;
    }

    /// <summary>Where gRPC is served, once the host has started.</summary>
    public static Uri GrpcAddress(this WebApplication app) => app.Services.GetRequiredService<Listening>().Address(listening => listening.Grpc);

    /// <summary>Where HTTP/1.1 is served, once the host has started.</summary>
    public static Uri HttpAddress(this WebApplication app) => app.Services.GetRequiredService<Listening>().Address(listening => listening.Http);

    private static void Listen(KestrelServerOptions kestrel, HostingOptions hosting, Listening listening)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = hosting.MaxConnections;
        kestrel.Limits.MaxRequestHeadersTotalSize = hosting.MaxHeaderBytes;
        kestrel.Limits.Http2.MaxRequestHeaderFieldSize = Math.Min(8 * 1024, hosting.MaxHeaderBytes);
        kestrel.Limits.Http2.MaxStreamsPerConnection = hosting.MaxStreamsPerConnection;
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(60);
        kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        var address = IPAddress.Parse(hosting.Address);
        kestrel.Listen(address, hosting.GrpcPort, listen => Configure(listen, HttpProtocols.Http2, hosting.ClientCaPath, chosen => listening.Grpc = chosen));
        kestrel.Listen(address, hosting.HttpPort, listen => Configure(listen, HttpProtocols.Http1, null, chosen => listening.Http = chosen));

        void Configure(ListenOptions listen, HttpProtocols protocols, string? callersCaPath, Action<ListenOptions> keep)
        {
            listen.CloseUnread(TimeSpan.FromSeconds(hosting.UnreadSeconds));
            // Without TLS nothing tells the two protocols apart on one port, hence two.
            listen.Protocols = hosting.CertificatePath is null ? protocols : HttpProtocols.Http1AndHttp2;
            if (hosting.CertificatePath is not null)
                listen.UseHttps(https => Certificates.Use(https, hosting, callersCaPath));
            listening.Tls = hosting.CertificatePath is not null;
            keep(listen);
        }
    }

    private static async Task NotFoundAsync(HttpContext context, FaultDomain faults)
    {
        var fault = faults.Fault(ErrorReason.MethodNotFound, "There is no such method.");
        if (context.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) == true)
        {
            context.Response.ContentType = "application/grpc";
            context.Response.Headers["grpc-status"] = ((int)StatusCode.Unimplemented).ToString(System.Globalization.CultureInfo.InvariantCulture);
            context.Response.Headers["grpc-message"] = Uri.EscapeDataString(fault.Message);
            return;
        }
        await HttpFault.WriteAsync(context, fault);
    }
}

/// <summary>What a host adds of its own.</summary>
public sealed class PennypostHost(IServiceCollection services)
{
    /// <summary>
    /// A typed client of another service, at <c>Hosting:Peers:{name}</c>. Each call needs <see cref="OnBehalf"/>; the token and, if need be, a
    /// deadline are added. Unary calls that fail are made again where that is known to help, within their deadline: each method of a peer must be
    /// idempotent by ids of its caller. The peer is also a dependency of this host's readiness.
    /// </summary>
    public PennypostHost AddPeer<TClient>(string name) where TClient : ClientBase<TClient> => AddPeer<TClient>(name, (invoker, _) => invoker);

    /// <summary>The same, with something that looks at each call to the peer before it is made: once, however often it is then tried.</summary>
    public PennypostHost AddPeer<TClient, TInterceptor>(string name) where TClient : ClientBase<TClient> where TInterceptor : Interceptor
    {
        services.TryAddSingleton<TInterceptor>();
        return AddPeer<TClient>(name, (invoker, provider) => invoker.Intercept(provider.GetRequiredService<TInterceptor>()));
    }

    private PennypostHost AddPeer<TClient>(string name, Func<CallInvoker, IServiceProvider, CallInvoker> through) where TClient : ClientBase<TClient>
    {
        services.AddOptions<HostingOptions>()
            .Validate(options => options.Peers.ContainsKey(name), $"{HostingOptions.Section}:Peers:{name} is missing: the address of the {name} service.")
            .Validate(options => options.ServiceTokens.Count > 0, $"{HostingOptions.Section}:ServiceTokens is missing: services must know each other.");
        services.AddSingleton(provider => (TClient)Activator.CreateInstance(typeof(TClient), through(provider.GetRequiredService<Peers>().Invoker(name), provider))!);
        services.AddSingleton(provider => new Dependency(name, token => provider.GetRequiredService<Peers>().MissingAsync(name, token)));
        return this;
    }

    /// <summary>Something this host cannot work without, asked by the readiness probe. Null means it is there.</summary>
    public PennypostHost AddDependency(string name, Func<IServiceProvider, CancellationToken, ValueTask<string?>> missing)
    {
        services.AddSingleton(provider => new Dependency(name, token => missing(provider, token)));
        return this;
    }

    /// <summary>How an exception of the host's own parts is answered, instead of INTERNAL.</summary>
    public PennypostHost MapException<TException>(Func<TException, FaultDomain, RpcException> answer) where TException : Exception
    {
        services.AddSingleton(new ExceptionMapping((exception, faults) => exception is TException expected ? answer(expected, faults) : null));
        return this;
    }

    /// <summary>Something that looks at every authenticated call, over gRPC and over <see cref="CallPipeline"/>. In the order they are added.</summary>
    public PennypostHost AddInterceptor<TInterceptor>() where TInterceptor : Interceptor
    {
        services.AddSingleton<TInterceptor>();
        services.AddSingleton(new InnerInterceptor(provider => provider.GetRequiredService<TInterceptor>()));
        services.Configure<Grpc.AspNetCore.Server.GrpcServiceOptions>(grpc => grpc.Interceptors.Add<TInterceptor>());
        return this;
    }

    /// <summary>Names every request by the header <c>x-request-id</c> of its answer, and logs a line for each; for hosts that the world calls.</summary>
    public PennypostHost LogRequests()
    {
        services.AddSingleton<RequestsLogged>();
        return this;
    }

    /// <summary>Requires at least one service token at start; for hosts that only services call.</summary>
    public PennypostHost RequireServiceToken()
    {
        services.AddOptions<HostingOptions>()
            .Validate(options => options.ServiceTokens.Count > 0, $"{HostingOptions.Section}:ServiceTokens is missing: services must know each other.");
        return this;
    }

    /// <summary>Another way to tell who calls than service tokens.</summary>
    public PennypostHost AuthenticateWith<TAuthenticator>() where TAuthenticator : class, ICallAuthenticator
    {
        services.RemoveAll<ICallAuthenticator>();
        services.AddSingleton<ICallAuthenticator, TAuthenticator>();
        return this;
    }
}

/// <summary>The two endpoints, whose ports are known once they are bound.</summary>
internal sealed class Listening
{
    public ListenOptions? Grpc { get; set; }

    public ListenOptions? Http { get; set; }

    public bool Tls { get; set; }

    public Uri Address(Func<Listening, ListenOptions?> which)
    {
        var endpoint = which(this)?.IPEndPoint ?? throw new InvalidOperationException("The host has not started.");
        var address = endpoint.Address.Equals(IPAddress.Any) ? IPAddress.Loopback : endpoint.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : endpoint.Address;
        return new Uri($"{(Tls ? "https" : "http")}://{new IPEndPoint(address, endpoint.Port)}");
    }
}
