using System.Net;
using Grpc.Core;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Pennypost.Bench.Deciding;
using Pennypost.Bench.Dispatching;
using Pennypost.Bench.Fronting;
using Pennypost.Credits;
using Pennypost.Credits.V1;
using Pennypost.Hosting;
using Pennypost.Store;
using Pennypost.Types.V1;

namespace Pennypost.Bench.Servers;

/// <summary>
/// What is measured, each in a process of its own: the rungs of the ladder and the contenders. Each says on standard output where it listens, and ends with its input.
/// </summary>
internal static class Front
{
    public const string Token = "the-service-token-of-the-benchmark";

    /// <summary>Every rung and contender by name.</summary>
    public static IReadOnlyDictionary<string, Func<string, CancellationToken, Task<int>>> All { get; } = new Dictionary<string, Func<string, CancellationToken, Task<int>>>
    {
        ["http2"] = (_, ct) => Http2Async(ct),
        ["echo"] = (_, ct) => EchoAsync(ct),
        ["auth"] = (_, ct) => ServeAsync(BehindOurFront<Echo>(), app => app.MapGrpcService<Echo>(), ct),
        ["null"] = (_, ct) => CreditsAsync(null, _ => new NullStore(), ct),
        ["noop"] = (store, ct) => CreditsAsync(null, _ => new NoOpScript(store), ct),
        ["full"] = (store, ct) => CreditsAsync(store, null, ct),
        ["lua"] = LuaPerCommand.ServeAsync,
        ["postgres"] = PostgresFunction.ServeAsync,
        ["provider"] = (_, ct) => ProviderStub.ServeAsync(ct),
        ["route-bytes"] = (_, ct) => RouterServers.BytesAsync(ct),
        ["route-messages"] = (_, ct) => RouterServers.MessagesAsync(ct),
        ["route-front"] = (_, ct) => RouterServers.FrontAsync(ct),
        ["router"] = (_, ct) => RouterServers.RouterAsync(ct),
        ["front-bytes"] = (_, ct) => GatewayServers.BytesAsync(ct),
        ["front-json"] = (_, ct) => GatewayServers.JsonAsync(ct),
        ["peers"] = (_, ct) => GatewayServers.PeersAsync(ct),
        ["gateway"] = (peers, ct) => GatewayServers.GatewayAsync(peers, PennypostHosting.GrpcAddress, ct),
        ["gateway-limited"] = GatewayServers.LimitedAsync,
        ["gateway-json"] = (peers, ct) => GatewayServers.GatewayAsync(peers, PennypostHosting.HttpAddress, ct),
    };

    /// <summary>Plain Kestrel: the bytes of the request as the answer, and the trailer that makes it a gRPC call to the client.</summary>
    private static async Task<int> Http2Async(CancellationToken ct)
    {
        var builder = Bare();
        var app = builder.Build();
        app.Run(async context =>
        {
            context.Response.ContentType = "application/grpc";
            await context.Request.BodyReader.CopyToAsync(context.Response.BodyWriter, context.RequestAborted);
            context.Response.AppendTrailer("grpc-status", "0");
        });
        return await UntilInputEndsAsync(app, BareAddress, ct);
    }

    /// <summary>The control: the framework, the same message and answer, and nothing else.</summary>
    private static async Task<int> EchoAsync(CancellationToken ct)
    {
        var builder = Bare();
        builder.Services.AddGrpc();
        var app = builder.Build();
        app.MapGrpcService<Echo>();
        return await UntilInputEndsAsync(app, BareAddress, ct);
    }

    /// <summary>The product as it is run: authentication, limits, ledger, store, relay, sweep; on Redis, or on a store of the benchmark's.</summary>
    private static async Task<int> CreditsAsync(string? redis, Func<StoreOptions, IStoreBackend>? backend, CancellationToken ct)
    {
        var builder = Ours();
        if (redis is not null)
        {
            builder.Configuration["Store:Backend"] = nameof(StoreBackend.Redis);
            builder.Configuration["Store:ConnectionString"] = redis;
        }

        // A rung keeps its pools nowhere else; the full service has what a host gets by default.
        if (backend is not null) builder.Configuration["Store:CacheBytes"] = $"{4L << 30}";
        builder.AddCredits();
        if (backend is not null)
        {
            builder.Services.AddSingleton(services =>
            {
                var options = services.GetRequiredService<IOptions<StoreOptions>>().Value;
                return new StateStore("credits", options, TimeProvider.System, services.GetRequiredService<ILogger<StateStore>>(), backend(options));
            });
        }

        var app = builder.Build();
        app.MapCredits();
        return await UntilInputEndsAsync(app, PennypostHosting.GrpcAddress, ct);
    }

    /// <summary>Another service behind the front of ours: the same ports, limits, authentication and errors.</summary>
    public static WebApplicationBuilder BehindOurFront<TService>()
        where TService : class
    {
        var builder = Ours();
        builder.AddPennypostHosting("credits").RequireServiceToken();
        builder.Services.AddSingleton<TService>();
        return builder;
    }

    public static Task<int> ServeAsync(WebApplicationBuilder builder, Action<WebApplication> map, CancellationToken ct)
    {
        var app = builder.Build();
        app.MapPennypostHosting();
        map(app);
        return UntilInputEndsAsync(app, PennypostHosting.GrpcAddress, ct);
    }

    public static WebApplicationBuilder Ours()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["Hosting:ServiceTokens:0"] = Token;
        return builder;
    }

    public static WebApplicationBuilder Bare()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        return builder;
    }

    public static Uri BareAddress(WebApplication app) => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public static async Task<int> UntilInputEndsAsync(WebApplication app, Func<WebApplication, Uri> address, CancellationToken ct)
    {
        using var commits = new Commits();
        await app.StartAsync(ct);
        Console.WriteLine(address(app));
        // The bench closes our input when it ends, however it ends. Each line before that asks for what the store has committed so far.
        while (await Console.In.ReadLineAsync(ct) is not null) Console.WriteLine(commits.Said());
        await app.StopAsync(ct);
        await app.DisposeAsync();
        return 0;
    }

    private sealed class Echo : CreditsService.CreditsServiceBase
    {
        public override Task<PlaceHoldResponse> PlaceHold(PlaceHoldRequest request, ServerCallContext context) => Task.FromResult(Placed(request));

        public override async Task Transact(IAsyncStreamReader<TransactRequest> requestStream, IServerStreamWriter<TransactResponse> responseStream, ServerCallContext context)
        {
            while (await requestStream.MoveNext(context.CancellationToken))
            {
                var response = new TransactResponse();
                foreach (var command in requestStream.Current.Commands) response.Answers.Add(new TransactAnswer { CommandNumber = command.CommandNumber, PlaceHold = Placed(command.PlaceHold) });
                await responseStream.WriteAsync(response, context.CancellationToken);
            }
        }

        private static PlaceHoldResponse Placed(PlaceHoldRequest request) => new()
        {
            Hold = new Hold { HoldId = request.HoldId, PoolId = request.PoolId, AccountId = request.AccountId, State = HoldState.Held, LotId = "1" },
            Available = 1,
            PoolVersion = 1,
        };
    }
}
