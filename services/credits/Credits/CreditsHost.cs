using Pennypost.Hosting;
using Pennypost.Store;
using Pennypost.Transport;

namespace Pennypost.Credits;

/// <summary>The credits service: the ledger behind gRPC.</summary>
public static class CreditsHost
{
    /// <summary>
    /// Adds the service. Configuration: <c>Hosting</c>, <c>Store</c>, <c>Transport</c>, <c>Credits</c>. Register an <see cref="IEventTopic"/> before to share one with other services
    /// of the process; otherwise the events stay inside.
    /// </summary>
    public static WebApplicationBuilder AddCredits(this WebApplicationBuilder builder)
    {
        var host = builder.AddPennypostHosting("credits").AddTransport(builder);
        builder.AddStateStore("credits");
        builder.AddJournalRelay<PoolEvents>();
        builder.Services.AddOptionsWithValidateOnStart<CreditsOptions>().BindConfiguration(CreditsOptions.Section).ValidateDataAnnotations();
        builder.Services.AddSingleton<PoolBook>();
        builder.Services.AddSingleton<PlanOverrides>();
        builder.Services.AddSingleton<Drift>();
        builder.Services.AddSingleton<HoldCalls>();
        builder.Services.AddSingleton<TransactStream>();
        builder.Services.AddSingleton<PoolHistory>();
        builder.Services.AddSingleton<PoolTrimming>();
        builder.Services.AddSingleton<PoolWatches>();
        builder.Services.AddSingleton<CreditsEdge>();
        builder.Services.AddHostedService<PoolSweep>();
        host.RequireServiceToken()
            .AddDependency("store", MissingAsync)
            .MapException<StoreBusyException>((_, faults) => faults.QueueFull())
            .MapException<StoreUnavailableException>((_, faults) => faults.Unavailable("store"))
            .MapException<StoreRewoundException>((rewound, faults) => faults.StoreRewound(rewound))
            .MapException<JournalBrokenException>((broken, faults) => faults.JournalDamaged(broken.Partition.Id, broken.Number, broken.What))
            .MapException<JournalTrimmedException>((trimmed, faults) => faults.JournalTrimmed(trimmed.Partition.Id, trimmed.FirstNumber))
            .MapException<JournalPositionException>((_, faults) => faults.WatchPositionLost())
            .MapException<StoreClockException>((_, faults) => faults.ClockSkewed());
        return builder;
    }

    /// <summary>Maps the service.</summary>
    public static WebApplication MapCredits(this WebApplication app)
    {
        app.MapPennypostHosting();
        app.MapGrpcService<CreditsEdge>();
        return app;
    }

    private static async ValueTask<string?> MissingAsync(IServiceProvider services, CancellationToken ct)
    {
        try
        {
            await services.GetRequiredService<StateStore>().NowAsync(ct);
            return null;
        }
        catch (StoreException exception)
        {
            return exception.Message;
        }
    }
}
