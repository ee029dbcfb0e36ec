using System.Net;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Pennypost.Bench.Deciding;
using Pennypost.Bench.Servers;
using Pennypost.Credits.V1;
using Pennypost.Dispatcher.V1;
using Pennypost.Gateway;
using Pennypost.Gateway.Keys;
using Pennypost.Hosting;

namespace Pennypost.Bench.Fronting;

/// <summary>The gateway as it is run, before services that answer at once, and what it is held against.</summary>
internal static class GatewayServers
{
    /// <summary>The product as it is run, but for limits, which the load would meet.</summary>
    public static Task<int> GatewayAsync(string peers, Func<WebApplication, Uri> address, CancellationToken ct) => GatewayAsync(
        peers,
        address,
        new() { ["Gateway:TenantCallsPerSecond"] = "1000000", ["Gateway:KeyCallsPerSecond"] = "1000000", ["Gateway:KeyConcurrentCalls"] = "100000" },
        ct);

    /// <summary>The product as it is run, with every limit; for two tenants.</summary>
    /// <param name="where">The address of its peers, and the port for REST.</param>
    /// <param name="ct">Ends it.</param>
    public static Task<int> LimitedAsync(string where, CancellationToken ct)
    {
        var (peers, port) = where.Split(' ') is [var address, var last] ? (address, last) : throw new ArgumentException("An address and a port.", nameof(where));
        // Calls that pile up on a busy machine are to be late, not refused.
        return GatewayAsync(peers, PennypostHosting.GrpcAddress, new() { ["Hosting:HttpPort"] = port, ["Gateway:KeyConcurrentCalls"] = "1000" }, ct);
    }

    private static async Task<int> GatewayAsync(string peers, Func<WebApplication, Uri> address, Dictionary<string, string?> settings, CancellationToken ct)
    {
        var builder = Front.Ours();
        foreach (var peer in new[] { "credits", "dispatcher" }) builder.Configuration[$"Hosting:Peers:{peer}"] = peers;
        builder.Configuration["Store:Path"] = ":memory:";
        builder.Configuration["Gateway:KeyHashSecret"] = "a-secret-for-hashes-of-32-characters";
        builder.Configuration.AddInMemoryCollection(settings);
        builder.AddGateway();
        var app = builder.Build();
        app.MapGateway();
        foreach (var text in new[] { Calls.Key, Calls.GreedyKey })
        {
            if (!ApiKeyText.TryParse(text, out var key)) throw new InvalidOperationException("The benchmark's key is none.");
            await app.EnsureApiKeyAsync(key, "bench", ct);
        }

        return await Front.UntilInputEndsAsync(app, address, ct);
    }

    /// <summary>What stands behind the gateway and is asked direct: our front, a service that answers at once.</summary>
    public static Task<int> PeersAsync(CancellationToken ct)
    {
        var builder = Front.BehindOurFront<Pools>();
        builder.Services.AddSingleton<Messages>();
        return Front.ServeAsync(builder, app =>
        {
            app.MapGrpcService<Pools>();
            app.MapGrpcService<Messages>();
        }, ct);
    }

    /// <summary>The control of gRPC: the framework alone, the bytes of the same answers.</summary>
    public static Task<int> BytesAsync(CancellationToken ct)
    {
        var builder = Front.Bare();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton<AnswersAsBytes>();
        builder.Services.AddSingleton<IServiceMethodProvider<AnswersAsBytes>, AnswersAsBytesMethods>();
        var app = builder.Build();
        app.MapGrpcService<AnswersAsBytes>();
        return Front.UntilInputEndsAsync(app, Front.BareAddress, ct);
    }

    /// <summary>The control of JSON: a minimal API that reads the same request and writes the same answer.</summary>
    public static Task<int> JsonAsync(CancellationToken ct)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var formatter = new JsonFormatter(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));
        var (read, written) = (JsonNode.Parse(formatter.Format(Calls.ReadAnswer))!, JsonNode.Parse(formatter.Format(Calls.WriteAnswer))!);
        app.MapGet("/v1/pools/{id}", (string id) => Results.Json(read));
        app.MapPost("/v1/messages", (JsonNode message) => message["messageId"] is null ? Results.BadRequest() : Results.Json(written));
        return Front.UntilInputEndsAsync(app, Front.BareAddress, ct);
    }

    private sealed class Pools : CreditsService.CreditsServiceBase
    {
        public override Task<GetPoolResponse> GetPool(GetPoolRequest request, ServerCallContext context) => Task.FromResult(new GetPoolResponse { Pool = Calls.Pool });
    }

    private sealed class Messages : DispatcherService.DispatcherServiceBase
    {
        public override Task<AcceptResponse> Accept(AcceptRequest request, ServerCallContext context) => Task.FromResult(new AcceptResponse { Message = Calls.Message });
    }

    private sealed class AnswersAsBytes
    {
        public byte[] Read { get; } = Calls.ReadAnswer.ToByteArray();

        public byte[] Written { get; } = Calls.WriteAnswer.ToByteArray();
    }

    private sealed class AnswersAsBytesMethods : IServiceMethodProvider<AnswersAsBytes>
    {
        public void OnServiceMethodDiscovery(ServiceMethodProviderContext<AnswersAsBytes> context)
        {
            context.AddUnaryMethod(
                new Method<byte[], byte[]>(MethodType.Unary, "pennypost.gateway.v1.PennypostService", "GetPool", BytesEcho.Bytes, BytesEcho.Bytes), [], (answers, _, _) => Task.FromResult(answers.Read));
            context.AddUnaryMethod(
                new Method<byte[], byte[]>(MethodType.Unary, "pennypost.gateway.v1.PennypostService", "SendMessage", BytesEcho.Bytes, BytesEcho.Bytes), [], (answers, _, _) => Task.FromResult(answers.Written));
        }
    }
}
