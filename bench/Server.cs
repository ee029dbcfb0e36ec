using System.Net;
using Grpc.Core;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Pennypost.Credits;
using Pennypost.Credits.V1;
using Pennypost.Hosting;
using Pennypost.Types.V1;

namespace Pennypost.Bench;

/// <summary>The two contenders. Each says on standard output where it listens, and ends with its input.</summary>
internal static class Server
{
    public const string Token = "the-service-token-of-the-benchmark";

    /// <summary>The product as it is run: authentication, limits, store, relay, sweep.</summary>
    public static async Task<int> CreditsAsync(string redis, CancellationToken ct)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Hosting:ServiceTokens:0"] = Token,
            ["Store:Backend"] = "Redis",
            ["Store:ConnectionString"] = redis,
        });
        builder.AddCredits();
        var app = builder.Build();
        app.MapCredits();
        await app.StartAsync(ct);
        return await UntilInputEndsAsync(app, app.GrpcAddress(), ct);
    }

    /// <summary>The control: the same framework, message and answer, and nothing behind it.</summary>
    public static async Task<int> EchoAsync(CancellationToken ct)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        var app = builder.Build();
        app.MapGrpcService<Echo>();
        await app.StartAsync(ct);
        return await UntilInputEndsAsync(app, new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()), ct);
    }

    private static async Task<int> UntilInputEndsAsync(WebApplication app, Uri address, CancellationToken ct)
    {
        Console.WriteLine(address);
        // The bench closes our input when it ends, however it ends.
        await Console.In.ReadToEndAsync(ct);
        await app.StopAsync(ct);
        await app.DisposeAsync();
        return 0;
    }

    private sealed class Echo : CreditsService.CreditsServiceBase
    {
        public override Task<PlaceHoldResponse> PlaceHold(PlaceHoldRequest request, ServerCallContext context) => Task.FromResult(new PlaceHoldResponse
        {
            Hold = new Hold { HoldId = request.HoldId, PoolId = request.PoolId, AccountId = request.AccountId, State = HoldState.Held, LotId = "1" },
            Available = 1,
            PoolVersion = 1,
        });
    }
}
